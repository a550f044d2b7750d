"""One database: opening, creating, migrating, transactions. SQLite needs no set-up; PostgreSQL is one URL away."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from tutela.durable import sync_folder
from tutela.store.errors import BankMissing, BankUnusable

HEAD = "0002"
"""The newest revision in `migrations/versions`."""

_BUSY_SECONDS = 30
_MIGRATING = Lock()
"""Alembic keeps the migration that runs in a global variable."""


class Store:
    """A database with Tutela's tables, migrated to the newest revision. Safe for threads."""

    def __init__(self, engine: sa.Engine, path: Path | None) -> None:
        self._engine = engine
        self._url = engine.url.render_as_string()
        self.path = path

    @classmethod
    def open(cls, url: str, *, create: Callable[[sa.Connection], None] | None) -> "Store":
        """Opens the bank at `url`. Where there is none, `create` fills the new tables with their first rows.

        A new SQLite bank appears under its name only when it is complete, so a crash leaves none or a whole one.
        Raises `BankMissing` (with `create=None`) or `BankUnusable`.
        """
        path = sqlite_path(url)
        with _explained(url):
            if path is not None and not path.exists():
                if create is None:
                    raise _missing(url)
                _build_file(path, create)
            if path is not None and path.stat().st_size == 0:  # SQLite takes an empty file for an empty database
                raise _no_bank(url)
            store = cls(_engine(url), path)
            try:
                store._ready(create if path is None else None, url)
            except BaseException:
                store.close()
                raise
            return store

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading one consistent state."""
        with _explained(self._url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction: all of it is durable when the block ends, or nothing of it ever happened."""
        with _explained(self._url), self._engine.connect() as connection:
            connection = connection.execution_options(tutela_writes=True)
            with connection.begin():
                yield connection

    def scrub(self) -> bool:
        """Overwrites what deleted rows left in SQLite's write-ahead log; False while another process still reads it.

        Pages in the file itself are overwritten at deletion (``secure_delete``).
        """
        if self.path is None:
            return True
        with _explained(str(self.path)), self._engine.connect() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            connection.rollback()
        return not busy

    def _ready(self, create: Callable[[sa.Connection], None] | None, url: str) -> None:
        with self.read() as connection:
            revision = _revision(connection)
        if revision == HEAD:
            return
        if revision is None and create is None:
            raise _missing(url) if self.path is None else _no_bank(url)
        with self.write() as connection:
            _migrate(connection)
            if revision is None and create is not None:
                create(connection)


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite URL; None for a database server. Raises `BankUnusable` for anything else."""
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        parsed = None
    backend = parsed.get_backend_name() if parsed else ""
    if parsed is None or backend not in ("sqlite", "postgresql"):
        raise BankUnusable(
            "this is no address of a bank",
            where=_without_password(url),
            remedy="Write sqlite:///PATH or postgresql://USER@HOST/DATABASE",
        )
    if backend == "postgresql":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise BankUnusable("a bank must be a file", where=url, remedy="Write sqlite:///PATH")
    return Path(parsed.database)


def _build_file(path: Path, create: Callable[[sa.Connection], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        engine = _engine(f"sqlite:///{draft}", journal="DELETE")
        try:
            with engine.connect() as connection:
                connection = connection.execution_options(tutela_writes=True)
                with connection.begin():
                    _migrate(connection)
                    create(connection)
        finally:
            engine.dispose()
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was faster; its bank counts
        sync_folder(path.parent)
    finally:
        draft.unlink()


def _engine(url: str, journal: str = "WAL") -> sa.Engine:
    engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _: _prepare(connection, journal))
        sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, journal: str) -> None:
    """Durable to the last acknowledged transaction (FULL), and deleted content is overwritten."""
    connection.isolation_level = None  # transactions begin where we say (`_begin`), not where the driver guesses
    for pragma in (
        f"busy_timeout={_BUSY_SECONDS * 1000}",
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


def _revision(connection: sa.Connection) -> str | None:
    """The database's revision; None where it has no tables of ours."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())


def _migrate(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "tutela.store:migrations")
    config.attributes["connection"] = connection
    with _MIGRATING:
        command.upgrade(config, "head")


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns the database's own errors into one that says what to do."""
    try:
        yield
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise BankUnusable("the driver for this database is not installed", where=_without_password(url)) from error
    except (SQLAlchemyError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise BankUnusable(
            f"the bank cannot be used ({_first_line(cause)})",
            where=_without_password(url),
            remedy="Check the path, the rights, free disk space and that the file is a Tutela bank",
        ) from error


def _first_line(error: BaseException) -> str:
    """The database's message without the statement and the values that SQLAlchemy appends."""
    return str(error).split("\n", 1)[0] if not isinstance(error, SQLAlchemyError) else type(error).__name__


def _without_password(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "the given address"


def _missing(url: str) -> BankMissing:
    return BankMissing(
        "there is no bank", where=_without_password(url), remedy="Protect something first, or check --bank"
    )


def _no_bank(url: str) -> BankUnusable:
    return BankUnusable(
        "this file is no Tutela bank, or it was emptied",
        where=_without_password(url),
        remedy="Restore it from a backup; to start anew, move the file away",
    )
