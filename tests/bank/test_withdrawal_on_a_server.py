"""What a withdrawal means where old versions of rows and logs stay on a server's disk: `docs/postgresql.md`.

Nobody here reads the server's files; whoever has them is taken to have kept every row as it was.
"""

from pathlib import Path

import sqlalchemy as sa

from samples import fingerprint
from tutela.bank import Bank
from tutela.bank.keyring import case_context
from tutela.bank.replica import protection_context
from tutela.store import FileKeys, KeyWrong, Sealer, tables


def kept(bank: Bank, case: str) -> tuple[bytes, str, bytes]:
    """What an old version of the rows holds: the sealed data key, and a protection with what is sealed of it."""
    row = tables.protections
    with bank._store.read() as connection:
        wrapped = connection.execute(sa.select(tables.cases.c.data_key).where(tables.cases.c.reference == case))
        protection = connection.execute(sa.select(row.c.id, row.c.sealed).where(row.c.case == case)).one()
        return wrapped.scalar_one(), protection.id, protection.sealed


def opens(keys: list[bytes], case: str, wrapped: bytes, identifier: str, sealed: bytes) -> bool:
    for key in keys:
        try:
            data_key = Sealer(key).open(wrapped, case_context(case))
            Sealer(data_key).open(sealed, protection_context(identifier))
        except KeyWrong:
            continue
        return True
    return False


def rows(bank: Bank) -> bytes:
    """All that the database still shows."""
    with bank._store.read() as connection:
        found = [
            tuple(row) for table in tables.metadata.tables.values() for row in connection.execute(sa.select(table))
        ]
    return b"".join(bytes(value) for row in found for value in row if isinstance(value, bytes))


def test_nothing_of_the_case_is_shown_any_more(bank: Bank) -> None:
    registration = bank.register([fingerprint(1)], kind="intimate")
    wrapped, _, sealed = kept(bank, registration.case)
    assert wrapped in rows(bank)
    assert sealed in rows(bank)
    bank.withdraw(registration.case, registration.pin)
    assert wrapped not in rows(bank)
    assert sealed not in rows(bank)


def test_old_versions_of_the_rows_open_only_with_the_bank_s_key_and_after_a_rotation_not_with_that(
    bank: Bank, tmp_path: Path
) -> None:
    source = FileKeys(tmp_path / "bank.key")
    registration = bank.register([fingerprint(1)], kind="intimate")
    old = kept(bank, registration.case)
    bank.withdraw(registration.case, registration.pin)
    assert opens(source.keys(), registration.case, *old)
    bank.rotate_key()
    assert not opens(source.keys(), registration.case, *old)
