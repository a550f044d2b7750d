"""The claim: after a withdrawal nothing that is left on disk decrypts to anything of the case."""

from pathlib import Path

from samples import changed, fingerprint
from tutela.bank import Bank
from tutela.bank.keyring import case_context
from tutela.bank.replica import protection_context
from tutela.store import FileKeys, KeyWrong, Sealer

WRAPPED_KEY = 12 + 32 + 16
"""Bytes of a sealed data key: nonce, key, tag."""


def opens(sealer: Sealer, sealed: bytes, context: str) -> bool:
    try:
        sealer.open(sealed, context)
    except KeyWrong:
        return False
    return True


def wrapped_keys(folder: Path, case: str) -> int:
    """At how many places of all files there lies a data key of the case that the bank's key opens."""
    sealer = Sealer(FileKeys(folder / "bank.key").keys()[0])
    found = 0
    for path in folder.iterdir():
        data = path.read_bytes()
        found += sum(
            opens(sealer, data[start : start + WRAPPED_KEY], case_context(case))
            for start in range(len(data) - WRAPPED_KEY + 1)
        )
    return found


def sealed_values(bank: Bank) -> dict[str, bytes]:
    with bank._store.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, sealed FROM protections").all()
    return dict(map(tuple, rows))


def test_no_data_key_of_the_case_is_left_anywhere(bank: Bank, tmp_path: Path) -> None:
    """Every offset of every file, the write-ahead log too, tried with the bank's own key."""
    registration = bank.register([fingerprint(1), fingerprint(2)], kind="intimate")
    other = bank.register([fingerprint(3)], kind="ordinary")
    assert wrapped_keys(tmp_path, registration.case) >= 1
    bank.withdraw(registration.case, registration.pin)
    assert wrapped_keys(tmp_path, registration.case) == 0
    assert wrapped_keys(tmp_path, other.case) >= 1


def test_a_backup_of_the_sealed_rows_opens_with_nothing_that_is_left(bank: Bank, tmp_path: Path) -> None:
    """Whoever copied the rows before the withdrawal has nothing to open them with afterwards."""
    registration = bank.register([fingerprint(1)], kind="intimate")
    copied = sealed_values(bank)
    bank.withdraw(registration.case, registration.pin)
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    candidates = {data[start : start + 32] for start in range(len(data) - 31)} | set(
        FileKeys(tmp_path / "bank.key").keys()
    )
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


def test_after_a_rotation_the_old_key_opens_nothing_on_disk(bank: Bank, tmp_path: Path) -> None:
    registration = bank.register([fingerprint(1)], kind="intimate")
    (old,) = FileKeys(tmp_path / "bank.key").keys()
    bank.rotate_key()
    sealer = Sealer(old)
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(
        opens(sealer, data[start : start + WRAPPED_KEY], case_context(registration.case)) for start in range(len(data))
    )
    assert old not in data
