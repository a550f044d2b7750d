"""A copy of an SQLite bank, whole and as of one moment, while others read and write it."""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from tutela.durable import sync_folder
from tutela.store.errors import BackupRefused, BankUnusable
from tutela.store.sqlite import REMEDY, refuses_writes

_PAGES = 4096
"""Pages that are copied between two looks for others who write: 16 MiB."""


def back_up(bank: Path, target: Path) -> None:
    """Copies the bank to a new file `target`, which appears under its name when it is complete and on disk.

    The bank's key is not part of it. Raises `BackupRefused` where the file is there already or cannot be written, and
    `BankUnusable` where the bank cannot be read.
    """
    draft = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _copy(bank, draft)
            os.link(draft, target)
            sync_folder(target.parent)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError as error:
        raise BackupRefused("a file of this name is there", where=str(target), remedy="Choose another name") from error
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and not refuses_writes(error):
            raise BankUnusable(f"the bank cannot be copied ({error})", where=str(bank), remedy=REMEDY) from error
        reason = error.strerror if isinstance(error, OSError) else error
        raise BackupRefused(
            f"the copy cannot be written ({reason})", where=str(target), remedy="Free space there or choose another"
        ) from error


def _copy(bank: Path, draft: Path) -> None:
    address = f"{bank.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(draft)) as copy:
        source.backup(copy, pages=_PAGES)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError("the bank's file is damaged")
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
