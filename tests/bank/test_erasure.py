"""The claim: after a withdrawal nothing that is left on disk decrypts to anything of the case."""

from pathlib import Path

import pytest

from databases import only_sqlite
from samples import changed, fingerprint
from tutela.bank import Bank, replica
from tutela.bank.keyring import case_context
from tutela.bank.replica import protection_context
from tutela.index import IndexFileError, files
from tutela.store import FileKeys, KeyWrong, Sealer

WRAPPED_KEY = 12 + 32 + 16
"""Bytes of a sealed data key: nonce, key, tag."""

SNAPSHOT_ROW = "secrets/snapshot"
"""What the sealed key of the snapshot is bound to."""

pytestmark = only_sqlite
"""It is about files: on a server only what is encrypted, and with which key, is in a client's hands
(`test_withdrawal_on_a_server.py`)."""


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every bank has a snapshot of its matcher, which must hold the claim too."""
    monkeypatch.setattr(replica, "SNAPSHOT_FROM", 1)
    monkeypatch.setattr(replica, "SNAPSHOT_REST", 0.0)


def opens(sealer: Sealer, sealed: bytes, context: str) -> bool:
    try:
        sealer.open(sealed, context)
    except KeyWrong:
        return False
    return True


def windows(folder: Path, size: int) -> set[bytes]:
    """Every run of so many bytes in all files of a folder, each once however often it is there."""
    data = [path.read_bytes() for path in folder.iterdir() if path.is_file()]
    return {each[start : start + size] for each in data for start in range(len(each) - size + 1)}


def wrapped_keys(folder: Path, case: str) -> int:
    """How many data keys of the case that the bank's key opens lie anywhere in all files."""
    sealer = Sealer(FileKeys(folder / "bank.key").keys()[0])
    return sum(opens(sealer, each, case_context(case)) for each in windows(folder, WRAPPED_KEY))


def sealed_values(bank: Bank) -> dict[str, bytes]:
    with bank._store.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, sealed FROM protections").all()
    return dict(map(tuple, rows))


def test_no_data_key_of_the_case_is_left_anywhere(bank: Bank, tmp_path: Path) -> None:
    """Every offset of every file, the write-ahead log too, tried with the bank's own key."""
    registration = bank.register([fingerprint(1), fingerprint(2)], kind="intimate")
    other = bank.register([fingerprint(3)], kind="ordinary")
    bank.match(fingerprint(1))
    assert wrapped_keys(tmp_path, registration.case) >= 1
    bank.withdraw(registration.case, registration.pin)
    assert wrapped_keys(tmp_path, registration.case) == 0
    assert wrapped_keys(tmp_path, other.case) >= 1


def test_a_backup_of_the_sealed_rows_opens_with_nothing_that_is_left(bank: Bank, tmp_path: Path) -> None:
    """Whoever copied the rows before the withdrawal has nothing to open them with afterwards."""
    registration = bank.register([fingerprint(1)], kind="intimate")
    copied = sealed_values(bank)
    bank.withdraw(registration.case, registration.pin)
    candidates = windows(tmp_path, 32) | set(FileKeys(tmp_path / "bank.key").keys())
    identifier, sealed = copied.popitem()
    assert not any(opens(Sealer(key), sealed, protection_context(identifier)) for key in candidates)


def test_the_sealed_rows_themselves_are_gone_from_every_file(bank: Bank, tmp_path: Path) -> None:
    registration = bank.register([fingerprint(1)], kind="intimate")
    bank.match(changed(fingerprint(1), 8, seed=1))  # leaves a sighting
    (sealed,) = sealed_values(bank).values()
    bank.withdraw(registration.case, registration.pin)
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert sealed[:16] not in left
    assert sealed[-16:] not in left


def test_it_holds_while_another_process_has_the_bank_open(bank: Bank, url: str, tmp_path: Path) -> None:
    with Bank.open(url) as elsewhere:
        registration = bank.register([fingerprint(1)], kind="intimate")
        assert elsewhere.match(fingerprint(1))
        bank.withdraw(registration.case, registration.pin)
        assert wrapped_keys(tmp_path, registration.case) == 0


def reads(path: Path, key: bytes) -> bool:
    try:
        files.read(path, key)
    except IndexFileError:
        return False
    return True


@pytest.mark.parametrize("act", ["withdraw", "rotate"])
def test_a_copy_of_the_snapshot_opens_with_nothing_that_is_left(
    act: str, bank: Bank, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whoever copied it before has no key afterwards: every 32 bytes of every file tried as one, and every 60 bytes
    as one that the bank's key, old or new, has sealed."""
    registration = bank.register([fingerprint(1)], kind="intimate")
    assert bank.match(fingerprint(1))
    copy = tmp_path_factory.mktemp("copy") / "index"
    copy.write_bytes((tmp_path / "bank.db.index").read_bytes())
    source = FileKeys(tmp_path / "bank.key")
    keys = source.keys()

    def candidates() -> set[bytes]:
        sealers = [Sealer(key) for key in {*keys, *source.keys()}]
        wrapped = windows(tmp_path, WRAPPED_KEY)
        opened = {s.open(each, SNAPSHOT_ROW) for s in sealers for each in wrapped if opens(s, each, SNAPSHOT_ROW)}
        return opened | windows(tmp_path, 32)

    assert any(reads(copy, key) for key in candidates())
    if act == "withdraw":
        bank.withdraw(registration.case, registration.pin)
    else:
        bank.rotate_key()
    assert not (tmp_path / "bank.db.index").exists()
    assert not any(reads(copy, key) for key in candidates())


def test_after_a_rotation_the_old_key_opens_nothing_on_disk(bank: Bank, tmp_path: Path) -> None:
    registration = bank.register([fingerprint(1)], kind="intimate")
    (old,) = FileKeys(tmp_path / "bank.key").keys()
    bank.rotate_key()
    sealer = Sealer(old)
    wrapped = windows(tmp_path, WRAPPED_KEY)
    assert not any(opens(sealer, each, case_context(registration.case)) for each in wrapped)
    assert not any(old in path.read_bytes() for path in tmp_path.iterdir())
