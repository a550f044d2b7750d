"""A protection that suddenly matches what has nothing to do with it waits for a person."""

import gc
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from databases import only_sqlite, told
from samples import changed, fingerprint
from tutela.bank import Bank, UnknownEntry
from tutela.matching import THRESHOLDS, Watch
from tutela.model import Fingerprint, Tier
from tutela.store import tables

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


def test_a_release_in_another_process_begins_the_watch_anew_in_this_one(bank: Bank, url: str) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    flood(bank, UNRELATED)
    with Bank.open(url) as elsewhere:
        elsewhere.release(registration.protections[0])
    assert told(url, lambda: bool(bank.match(unrelated(0), watch=False)))
    flood(bank, UNRELATED)
    assert len(bank.quarantined()) == 1


@only_sqlite  # the trigger is written in its words
def test_a_match_whose_note_was_lost_is_noted_at_the_next_one(bank: Bank) -> None:
    """The picture is near to two protections, and the transaction ends at the second of them."""
    for _ in range(2):
        bank.protect([fingerprint(1)], kind="ordinary")
    with bank.store.write() as connection:
        fails = "WHEN (SELECT count(*) FROM sightings) = 1 BEGIN SELECT RAISE(ABORT, 'full'); END"
        connection.exec_driver_sql(f"CREATE TRIGGER full BEFORE INSERT ON sightings {fails}")
    assert len(bank.match(unrelated(0))) == 2
    assert noted(bank) == 0
    with bank.store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    for _ in range(2):
        bank.match(unrelated(0))
        assert noted(bank) == 2


def noted(bank: Bank) -> int:
    with bank.store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.sightings)).scalar_one()


def test_after_a_withdrawal_this_process_no_longer_knows_what_was_matched(bank: Bank) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    bank.match(unrelated(0))
    assert _watched(unrelated(0))
    bank.withdraw(registration.case, registration.pin)
    assert bank.match(unrelated(0)) == []
    assert not _watched(unrelated(0))


def _watched(picture: Fingerprint) -> bool:
    """Whether any watch in memory holds the code of this picture."""
    gc.collect()
    watches = [each for each in gc.get_objects() if isinstance(each, Watch)]
    return any(code == picture.pdq.code for watch in watches for code, _ in watch.seen)  # type: ignore[union-attr]


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
