"""Keys: shown once, kept as a hash, found again, ended."""

from datetime import date
from pathlib import Path

import pytest

from databases import only_sqlite
from tutela.access import AccessError, Keys, Role, UnknownKey
from tutela.bank import Bank, GroupId


def test_a_key_is_found_by_its_token_alone(bank: Bank) -> None:
    keys = Keys(bank.store)
    made, other = keys.create("one", Role.MATCH), keys.create("two", Role.OPERATOR)
    assert keys.find(made.token) == made.key
    assert keys.find(made.token[:13] + other.token[13:]) is None
    assert keys.find(made.token.upper()) is None
    assert keys.find(made.token + "a") is None


@pytest.mark.parametrize(
    "text",
    ["", "tk_", "tk_" + "a" * 61, "tk_" + "a" * 63, "sk_" + "a" * 62, "TK_" + "a" * 62, "a" * 65, "tk_" + "é" * 62],
)
def test_what_has_not_the_form_of_a_key_is_none(text: str) -> None:
    class Untouched:
        def read(self) -> None:
            raise AssertionError("the database was asked")

    assert Keys(Untouched()).find(text) is None  # type: ignore[arg-type]


def test_no_other_secret_than_its_own_goes_with_a_key(bank: Bank) -> None:
    keys = Keys(bank.store)
    token = keys.create("one", Role.MATCH).token
    assert len(token) == 65
    for other in (token[:-1] + ("b" if token[-1] == "a" else "a"), token[:13] + "0" * 52, "tk_" + "0" * 62):
        assert keys.find(other) is None


@only_sqlite  # it looks into the file
def test_no_part_of_the_secret_lies_on_disk_or_shows_when_printed(bank: Bank, tmp_path: Path) -> None:
    made = Keys(bank.store).create("one", Role.MATCH)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert made.token[13:].encode() not in stored
    assert made.token[13:] not in repr(made)
    assert len(made.token[13:]) * 5 >= 256


def test_a_revoked_key_is_refused_and_stays_listed(bank: Bank) -> None:
    keys = Keys(bank.store)
    made = keys.create("one", Role.MATCH)
    assert keys.find(made.token)
    for _ in range(2):
        keys.revoke(made.key.id)
    assert keys.find(made.token) is None
    assert keys.remembered(made.token) is None
    (listed,) = keys.all()
    assert listed.revoked_at is not None
    with pytest.raises(UnknownKey):
        keys.revoke("nobody")


def test_a_key_is_remembered_for_a_second(bank: Bank) -> None:
    now = [0.0]
    keys = Keys(bank.store, clock=lambda: now[0])
    made = keys.create("one", Role.MATCH)
    assert keys.remembered(made.token) is None
    keys.find(made.token)
    Keys(bank.store).revoke(made.key.id)
    assert keys.remembered(made.token) == made.key
    now[0] = 1.0
    assert keys.remembered(made.token) is None
    assert keys.find(made.token) is None


def test_a_key_covers_its_groups(bank: Bank) -> None:
    keys = Keys(bank.store)
    mine, other = GroupId("mine"), GroupId("other")
    everything = keys.create("all", Role.MATCH)
    some = keys.create("some", Role.MATCH, groups=[mine])
    nothing = keys.create("none", Role.MATCH, groups=[])
    found = [keys.find(each.token) for each in (everything, some, nothing)]
    assert [[key.covers(group) for group in (mine, other)] for key in found if key] == [
        [True, True],
        [True, False],
        [False, False],
    ]


def test_its_last_day_of_use_is_kept(bank: Bank) -> None:
    keys = Keys(bank.store)
    made = keys.create("one", Role.MATCH, per_minute=7)
    keys.note_use([made.key.id], date(2026, 11, 5))
    (listed,) = keys.all()
    assert (listed.used_on, listed.per_minute) == (date(2026, 11, 5), 7)


@pytest.mark.parametrize(("label", "per_minute"), [("", None), ("x" * 201, None), ("a\nb", None), ("a", 0)])
def test_a_key_without_a_label_or_with_an_idle_limit_is_refused(bank: Bank, label: str, per_minute: int | None) -> None:
    with pytest.raises(AccessError):
        Keys(bank.store).create(label, Role.MATCH, per_minute=per_minute)
