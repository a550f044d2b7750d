"""A protection that suddenly matches what has nothing to do with it waits for a person."""

from datetime import UTC, datetime, timedelta

import pytest

from samples import changed, fingerprint
from tutela.bank import Bank, UnknownEntry
from tutela.matching import THRESHOLDS
from tutela.model import Fingerprint, Tier

UNRELATED = THRESHOLDS.quarantine_unrelated


def unrelated(number: int) -> Fingerprint:
    """Pictures 16 bits away from picture 1, each in another direction: 32 bits from each other."""
    code = int.from_bytes(fingerprint(1).pdq.code, "big")  # type: ignore[union-attr]
    code ^= 0xFFFF << (16 * number)
    return fingerprint(1000 + number, codes=code.to_bytes(32, "big") + fingerprint(2000 + number).pdq.codes[32:])  # type: ignore[union-attr]


def flood(bank: Bank, times: int) -> None:
    for number in range(times):
        bank.match(unrelated(number))


def test_many_copies_of_one_picture_are_no_reason(bank: Bank) -> None:
    bank.protect([fingerprint(1)], kind="ordinary")
    for seed in range(100):
        assert bank.match(changed(fingerprint(1), 6, seed=seed))
    assert bank.quarantined() == []


def test_too_much_unrelated_material_puts_it_in_quarantine_with_its_exact_tier_active(bank: Bank) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    flood(bank, UNRELATED - 1)
    assert bank.quarantined() == []
    flood(bank, UNRELATED)
    assert [(q.protection, q.case) for q in bank.quarantined()] == [(registration.protections[0], registration.case)]
    assert bank.match(unrelated(1)) == []
    assert [m.tier for m in bank.match(fingerprint(1))] == [Tier.EXACT]


def test_it_holds_in_another_process_and_after_opening_again(bank: Bank, url: str) -> None:
    bank.protect([fingerprint(1)], kind="ordinary")
    with Bank.open(url) as elsewhere:
        flood(bank, UNRELATED // 2)
        flood(elsewhere, UNRELATED)
        assert len(bank.quarantined()) == 1
    with Bank.open(url) as again:
        assert again.match(unrelated(0)) == []


def test_a_person_releases_it_and_the_watch_begins_anew(bank: Bank) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    flood(bank, UNRELATED)
    bank.release(registration.protections[0])
    assert bank.match(unrelated(0))
    assert bank.quarantined() == []
    flood(bank, UNRELATED)
    assert len(bank.quarantined()) == 1


def test_one_that_is_not_in_quarantine_cannot_be_released(bank: Bank) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    with pytest.raises(UnknownEntry):
        bank.release(registration.protections[0])


def test_a_withdrawal_ends_the_quarantine_too(bank: Bank) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    flood(bank, UNRELATED)
    bank.withdraw(registration.case, registration.pin)
    assert bank.quarantined() == []


def test_what_lies_longer_back_than_the_window_no_longer_counts(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.protect([fingerprint(1)], kind="ordinary")
    flood(bank, UNRELATED - 1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + THRESHOLDS.quarantine_window + timedelta(seconds=1)

    monkeypatch.setattr("tutela.bank.sightings.datetime", Later)
    bank.match(unrelated(UNRELATED))
    assert bank.quarantined() == []
