"""Whose a match is, and by which number, is remembered, and never past a change of a group or a webhook."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from databases import only_sqlite
from samples import fingerprint
from tutela.bank import DEFAULT, Bank, EventKind, Standing, pins
from tutela.casework import Webhooks
from tutela.model import ProtectionId


@pytest.fixture(autouse=True)
def _quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def protected(bank: Bank, seed: int) -> ProtectionId:
    found = bank.register([fingerprint(seed)], kind="ordinary").protections[0]
    assert [match.protection for match in bank.match(fingerprint(seed))] == [found]
    return found


def known(bank: Bank, protection: ProtectionId) -> Standing | None:
    context = bank.standings.remembered([protection])
    return None if context is None else context.standings[protection]


def test_what_was_read_is_remembered_with_number_and_group(bank: Bank) -> None:
    one, other = protected(bank, 1), protected(bank, 2)
    assert known(bank, one) is None
    read = bank.standings.read([one]).standings[one]
    assert (read.group.id, read.number) == (DEFAULT, None)
    assert known(bank, one) == read
    assert known(bank, other) is None
    number = bank.numbers([one])[one]
    assert bank.standings.read([one]).standings[one].number == number
    assert known(bank, one) == Standing(read.group, number)


def test_one_that_is_gone_has_no_standing(bank: Bank) -> None:
    case, pin = bank.protect([fingerprint(1)], kind="ordinary")
    protection = bank.match(fingerprint(1))[0].protection
    bank.withdraw(case, pin)
    assert bank.standings.read([protection]).standings == {}
    assert bank.standings.read([]).standings == {}


def test_a_changed_group_is_read_anew(bank: Bank) -> None:
    one = protected(bank, 1)
    bank.standings.read([one])
    bank.groups.change("PROTECTED", enabled=0.25)
    bank.match(fingerprint(1))
    assert known(bank, one) is None
    assert bank.standings.read([one]).standings[one].group.enabled == 0.25
    assert known(bank, one) is not None


@only_sqlite
def test_a_group_that_another_process_changed_is_read_anew(bank: Bank, url: str) -> None:
    """On a server that is so within a second."""
    one = protected(bank, 1)
    bank.standings.read([one])
    with Bank.open(url) as elsewhere:
        elsewhere.groups.change("PROTECTED", new_name="RENAMED")
        bank.match(fingerprint(1))
        assert known(bank, one) is None
        assert bank.standings.read([one]).standings[one].group.name == "RENAMED"


def test_whether_a_webhook_waits_is_read_anew_once_one_comes_or_goes(bank: Bank) -> None:
    one = protected(bank, 1)
    hooks = Webhooks(bank.store, bank.shared_sealer(), ["hooks.example"])
    assert not bank.standings.read([one]).awaited
    hook = hooks.register("https://hooks.example/", [EventKind.MATCH]).webhook
    bank.match(fingerprint(1))
    assert known(bank, one) is None
    assert bank.standings.read([one]).awaited
    hooks.delete(hook.id)
    bank.match(fingerprint(1))
    assert not bank.standings.read([one]).awaited


def test_other_changes_leave_what_is_remembered(bank: Bank) -> None:
    one = protected(bank, 1)
    read = bank.standings.read([one]).standings[one]
    protected(bank, 2)
    assert known(bank, one) == read


def test_while_a_group_changes_nobody_remembers_what_was_before(bank: Bank) -> None:
    one = protected(bank, 1)

    def look(times: int) -> None:
        for _ in range(times):
            bank.standings.read([one])

    with ThreadPoolExecutor(2) as threads:
        looking = [threads.submit(look, 60) for _ in range(2)]
        for share in range(1, 21):
            bank.groups.change("PROTECTED", enabled=share / 20)
            bank.match(fingerprint(1))
            remembered = known(bank, one)
            assert remembered is None or remembered.group.enabled == share / 20
        for each in looking:
            each.result()
