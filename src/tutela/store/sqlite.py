"""What is particular to SQLite: how a connection is prepared and where its transactions begin."""

import sqlite3
from typing import Any

import sqlalchemy as sa

READING: dict[str, Any] = {}
WRITING: dict[str, Any] = {"tutela_writes": True}
"""Execution options of a transaction that only reads, and of one that writes: of those there is one at a time."""

REMEDY = "Check the path, the rights, free disk space and that the file is a Tutela bank"

BUSY_SECONDS = 30
"""So long a transaction waits for another one's end."""

_READ_ONLY, _FULL = 8, 13  # of SQLite's codes, whose lowest byte says what and the next one which of that
_NOT_WRITTEN = 778
"""A write that failed otherwise than by a full disk: a quota, a limit of the process."""


def engine(url: str, journal: str = "WAL") -> sa.Engine:
    """An engine for ``sqlite:///PATH``."""
    made = sa.create_engine(url)
    sa.event.listen(made, "connect", lambda connection, _: _prepare(connection, journal))
    sa.event.listen(made, "begin", _begin)
    return made


def refuses_writes(error: BaseException) -> bool:
    """Whether the file can be read and takes nothing new: its disk is full, or it may only be read."""
    code: int = getattr(error, "sqlite_errorcode", 0) if isinstance(error, sqlite3.Error) else 0
    return code & 0xFF in (_READ_ONLY, _FULL) or code == _NOT_WRITTEN


def _prepare(connection: Any, journal: str) -> None:
    """Durable to the last acknowledged transaction (FULL), and deleted content is overwritten."""
    connection.isolation_level = None  # transactions begin where we say (`_begin`), not where the driver guesses
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        f"journal_mode={journal}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("tutela_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
