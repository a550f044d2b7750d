"""Parts in a bank: kept only where agreed, sealed, gone with the case, and there again after opening."""

from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.config import Config

from databases import only_sqlite, told
from tutela.bank import Bank, replica
from tutela.bank.codec import decode_parts, encode_parts
from tutela.bank.replica import parts_context
from tutela.fingerprints import Detail, fingerprint
from tutela.model import CodedParts, Fingerprint, Kind, Match, Tier
from tutela.simulate.pictures import draw, jpeg
from tutela.store import KeyWrong, Sealer, tables


def protected(number: int) -> Fingerprint:
    return fingerprint(jpeg(draw(number)), Detail.PROTECT)


def altered(number: int) -> Fingerprint:
    """A drawing half of which was replaced by another one."""
    picture = draw(number)
    picture.paste(draw(number + 100).crop((0, 0, 240, 360)), (0, 0))
    return fingerprint(jpeg(picture))


@pytest.fixture(scope="module")
def query() -> Fingerprint:
    return altered(1)


def rows(bank: Bank) -> dict[str, bytes]:
    with bank._store.read() as connection:
        return dict(map(tuple, connection.exec_driver_sql("SELECT protection, sealed FROM parts").all()))


def found(bank: Bank, query: Fingerprint) -> list[Match]:
    return bank.match(query)


def test_an_altered_version_is_found_after_the_exact_and_near_tiers(bank: Bank, query: Fingerprint) -> None:
    registration = bank.register([protected(1), protected(2)], kind="ordinary")
    (match,) = found(bank, query)
    assert match.tier is Tier.DERIVED
    assert match.protection == registration.protections[0]
    assert match.derivation is not None
    assert match.derivation.inliers >= 20
    assert 0.5 < match.confidence <= 1
    assert "%" in match.why
    assert [each.tier for each in found(bank, fingerprint(jpeg(draw(1))))] == [Tier.EXACT]


@pytest.mark.parametrize(
    ("kind", "parts", "kept"),
    [("ordinary", None, 1), ("intimate", None, 0), ("intimate", True, 1), ("ordinary", False, 0)],
)
def test_parts_of_intimate_pictures_are_kept_only_where_somebody_agreed(
    bank: Bank, kind: str, parts: bool | None, kept: int
) -> None:
    bank.register([protected(1)], kind=Kind(kind), parts=parts)
    assert len(rows(bank)) == kept
    assert bank.wants_parts() is bool(kept)


def test_a_picture_that_many_cases_protect_is_found_for_each(bank: Bank, query: Fingerprint) -> None:
    cases = {bank.register([protected(1)], kind="ordinary").case for _ in range(6)}
    assert {match.case for match in found(bank, query)} == cases
    again = fingerprint(jpeg(draw(1), 60), Detail.PROTECT)
    later = bank.register([again], kind="ordinary").case
    assert {match.case for match in found(bank, query)} == cases | {later}


def test_a_protection_takes_less_than_twelve_kilobytes(bank: Bank) -> None:
    bank.register([protected(1)], kind="ordinary")
    with bank._store.read() as connection:
        sealed = connection.exec_driver_sql("SELECT sealed FROM protections").scalar_one()
    (parts,) = rows(bank).values()
    assert len(parts) + len(sealed) <= 12_000


@only_sqlite  # what is left in files; what a server keeps of deleted rows, no client can see
def test_withdrawal_ends_matching_and_leaves_nothing_that_opens(bank: Bank, query: Fingerprint, tmp_path: Path) -> None:
    registration = bank.register([protected(1)], kind="ordinary")
    ((identifier, sealed),) = rows(bank).items()
    with bank._store.read() as connection:
        wrapped = connection.exec_driver_sql("SELECT data_key FROM cases").scalar_one()
        data_key = bank._keys.sealer(connection).open(wrapped, f"cases/{registration.case}")
    plain = Sealer(data_key).open(sealed, parts_context(identifier))
    parts = decode_parts(plain)
    assert parts is not None
    assert found(bank, query)
    bank.withdraw(registration.case, registration.pin)
    assert found(bank, query) == []
    assert rows(bank) == {}
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert sealed[:64] not in data
        assert parts.codes[:64] not in data
        assert data_key not in data


@only_sqlite  # as above
def test_neither_places_nor_codes_lie_readable_on_the_disk(bank: Bank, tmp_path: Path) -> None:
    fingerprint_ = protected(1)
    bank.register([fingerprint_], kind="ordinary")
    assert fingerprint_.parts is not None
    for path in tmp_path.iterdir():
        data = path.read_bytes()
        assert fingerprint_.parts.points[:48] not in data
        assert fingerprint_.parts.descriptions[:64] not in data


@pytest.mark.parametrize("eager", [False, True])
def test_parts_are_there_again_when_the_bank_is_opened(
    url: str, query: Fingerprint, eager: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the database alone, and beside a snapshot, in which parts are not."""
    monkeypatch.setattr(replica, "SNAPSHOT_FROM", 1 if eager else 20_000)
    with Bank.open(url, create=True) as bank:
        bank.register([protected(1), protected(2)], kind="ordinary")
        expected = found(bank, query)
    for _ in range(2):
        with Bank.open(url) as bank:
            assert found(bank, query) == expected
    assert len(expected) == 1


def test_another_process_sees_parts_that_come_and_go(url: str, query: Fingerprint) -> None:
    with Bank.open(url, create=True) as mine, Bank.open(url) as theirs:
        assert found(theirs, query) == []
        case, pin = mine.protect([protected(1)], kind="ordinary")
        assert told(url, lambda: len(found(theirs, query)) == 1)
        mine.withdraw(case, pin)
        assert told(url, lambda: found(theirs, query) == [])


def test_an_allowed_picture_is_never_taken_for_an_altered_one(bank: Bank, query: Fingerprint) -> None:
    bank.register([protected(1)], kind="ordinary")
    bank.allow(query)
    assert found(bank, query) == []


def test_key_rotation_keeps_parts(bank: Bank, query: Fingerprint) -> None:
    bank.register([protected(1)], kind="ordinary")
    bank.rotate_key()
    assert len(found(bank, query)) == 1


def test_the_state_of_parts_rises_only_with_protections_that_have_some(bank: Bank) -> None:
    assert bank.parts_state() == 0
    bank.register([protected(3)], kind="intimate")
    assert bank.parts_state() == 0
    bank.register([protected(1)], kind="ordinary")
    first = bank.parts_state()
    assert first > 0
    bank.register([protected(4)], kind="intimate")
    assert bank.parts_state() == first
    bank.register([protected(2)], kind="ordinary")
    assert bank.parts_state() > first


def test_a_bank_from_before_parts_is_brought_up_to_date(url: str, query: Fingerprint) -> None:
    """Revision 0001 with a case in it: what it held stays, and parts can be added."""
    config = Config()
    config.set_main_option("script_location", "tutela.store:migrations")
    with Bank.open(url, create=True) as bank:
        bank.register([protected(2)], kind="intimate")
        with bank._store.write() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0001")
            connection.exec_driver_sql("DELETE FROM secrets WHERE name = 'parts'")
    with Bank.open(url) as bank:
        assert [match.tier for match in bank.match(fingerprint(jpeg(draw(2))))] == [Tier.EXACT]
        bank.register([protected(1)], kind="ordinary")
        assert [match.tier for match in found(bank, query)] == [Tier.DERIVED]


def test_parts_of_an_earlier_description_are_said_to_find_nothing(
    url: str, query: Fingerprint, caplog: pytest.LogCaptureFixture
) -> None:
    part = tables.parts.c
    with Bank.open(url, create=True) as bank:
        opened = bank.register([protected(1), protected(2)], kind="ordinary")
        described = rows(bank)
        with bank._store.write() as connection:
            wrapped = connection.exec_driver_sql("SELECT data_key FROM cases").scalar_one()
            sealer = Sealer(bank._keys.sealer(connection).open(wrapped, f"cases/{opened.case}"))
            for identifier, sealed in described.items():
                context = parts_context(identifier)
                _, *entries = msgspec.msgpack.decode(sealer.open(sealed, context))
                earlier = sealer.seal(msgspec.msgpack.encode([3, *entries]), context)
                connection.execute(tables.parts.update().where(part.protection == identifier).values(sealed=earlier))
    with Bank.open(url) as bank:
        assert found(bank, query) == []
        assert [each.tier for each in found(bank, fingerprint(jpeg(draw(1))))] == [Tier.EXACT]
        assert all("parts" not in each.has for each in bank.status(opened.case, opened.pin).protections)
    assert ["earlier version" in record.message for record in caplog.records] == [True]


def test_parts_that_were_altered_do_not_open() -> None:
    parts = CodedParts(3, 4, bytes(12), bytes(32))
    assert decode_parts(encode_parts(parts)) == parts
    for wrong in (b"", encode_parts(parts)[:-1], b"\x93\1\2\3"):
        with pytest.raises(KeyWrong):
            decode_parts(wrong)
