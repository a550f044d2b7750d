"""One database: opening, creating, migrating, transactions. SQLite needs no set-up; PostgreSQL is one URL away."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from tutela.durable import sync_folder
from tutela.store import postgres, sqlite
from tutela.store.errors import BankMissing, BankUnusable, OutcomeUnknown, StoreError, WritesRefused
from tutela.store.versions import Versions

HEAD = "0003"
"""The newest revision in `migrations/versions`."""

_BACK_SECONDS = 30  # a server that was killed has recovered by then, or will not soon
_SCRUB_WAITS, _SCRUB_SECONDS = 500, 1.0  # milliseconds for whoever reads now, and the pause before it is tried again
_MIGRATING = Lock()
"""Alembic keeps the migration that runs in a global variable."""


class Store:
    """A database with Tutela's tables, migrated to the newest revision. Safe for threads."""

    def __init__(self, engine: sa.Engine, path: Path | None) -> None:
        self._engine = engine
        self._dialect = sqlite if path is not None else postgres
        self._url = engine.url.render_as_string()
        self.path = path
        self._mark = object()
        self._versions = None if path is None else Versions(path)
        self._closing, self._scrubbing = Event(), Lock()
        self._scrubber: Thread | None = None

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
                store._ready(create if path is None else None)
            except BaseException:
                store.close()
                raise
            return store

    def close(self) -> None:
        """Closes all connections."""
        self._closing.set()
        if (scrubber := self._scrubber) is not None:
            scrubber.join()
            with suppress(StoreError):
                self._scrubbed()
        if self._versions is not None:
            self._versions.close()
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading one consistent state."""
        with _explained(self._url), self._engine.connect() as connection:
            yield connection.execution_options(**self._dialect.READING)

    @contextmanager
    def write(self, landed: Callable[[sa.Connection], bool] | None = None) -> Iterator[sa.Connection]:
        """A transaction: all of it is durable when the block ends, or nothing of it ever happened.

        One at a time in all processes: what the block has read stays true until it ends.

        A server can be lost in the very moment in which it commits, and then says neither. `landed` tells from what is
        there afterwards whether it happened; it is asked only then, and saves whoever waits from doing a thing twice.
        """
        info: dict[str, bool] = {}
        try:
            with _explained(self._url), self._engine.connect() as connection:
                info = connection.info
                info.pop(postgres.WOKEN, None)
                transaction = connection.execution_options(**self._dialect.WRITING).begin()
                try:
                    yield connection
                except BaseException:
                    transaction.rollback()
                    raise
                self._commit(transaction, landed)
        finally:
            if postgres.WOKEN in info:
                self._mark = object()

    @property
    def mark(self) -> object:
        """Another one after each transaction here that noted a change, or tried to, before whoever did so hears of its
        end; on SQLite, where it takes microseconds to find out, after any that wrote, and in any process."""
        return self._mark if self._versions is None else self._versions.now()

    def _commit(self, transaction: sa.RootTransaction, landed: Callable[[sa.Connection], bool] | None) -> None:
        try:
            transaction.commit()
        except DBAPIError as error:
            if not error.connection_invalidated:
                transaction.connection.invalidate()  # SQLite keeps it within the transaction, and so the lock
                raise
            if landed is None or not self._did(landed):
                raise

    def _did(self, landed: Callable[[sa.Connection], bool]) -> bool:
        """What `landed` says once the server is back; as a writer, since then the lost transaction has ended."""
        end = time.monotonic() + _BACK_SECONDS
        while True:
            try:
                with self.write() as connection:
                    return landed(connection)
            except BankUnusable as error:
                if time.monotonic() > end:
                    raise OutcomeUnknown(
                        "the database server was lost in the last moment: it is not known whether this was done",
                        where=error.where,
                        remedy="Look whether it was, once the server is back, before you do it again",
                    ) from error
                time.sleep(0.1)

    @property
    def tells(self) -> bool:
        """Whether the database can tell a process of changes that others make."""
        return self.path is None

    @contextmanager
    def listen(self) -> Iterator[postgres.Listener]:
        """A connection that is told of changes, where the database tells."""
        with _explained(self._url):
            listener = postgres.Listener(self._engine)
            try:
                yield listener
            finally:
                listener.close()

    def scrub(self) -> bool:
        """Overwrites what deleted rows left in SQLite's write-ahead log; False while another process still reads it.

        It is then tried again, every second and when this store is closed. Pages in the file itself are overwritten at
        deletion (``secure_delete``). Raises `BankUnusable`.
        """
        if self.path is None or self._scrubbed():
            return True
        with self._scrubbing:
            if self._scrubber is None:
                self._scrubber = Thread(target=self._scrub_on, name="tutela-scrub", daemon=True)
                self._scrubber.start()
        return False

    def _scrub_on(self) -> None:
        while not self._closing.wait(_SCRUB_SECONDS):
            with self._scrubbing, suppress(StoreError):  # whoever finds a reader from now on finds no thread either
                if self._scrubbed():
                    self._scrubber = None
                    return

    def _scrubbed(self) -> bool:
        try:
            with _explained(self._url), self._engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_SCRUB_WAITS}")
                try:
                    busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
                finally:
                    connection.rollback()
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={sqlite.BUSY_SECONDS * 1000}")
                    connection.rollback()
        except WritesRefused as error:  # the transaction before it is done, so that would say too much
            what = "what was deleted is gone from the bank, and what is left of it on disk cannot be overwritten yet"
            raise BankUnusable(what, where=error.where, remedy="Free disk space, and do the same again") from error
        return not busy

    def _ready(self, create: Callable[[sa.Connection], None] | None) -> None:
        with self.read() as connection:
            revision = self._revision(connection, create)
        if revision == HEAD:
            return
        with self.write() as connection:
            revision = self._revision(connection, create)  # another process may have been faster
            _migrate(connection)
            if revision is None and create is not None:
                create(connection)

    def _revision(self, connection: sa.Connection, create: Callable[[sa.Connection], None] | None) -> str | None:
        """The database's revision; None where it is empty and may be filled."""
        tables = sa.inspect(connection).get_table_names()
        if "alembic_version" in tables:
            return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())
        if tables or self.path is not None:
            raise _no_bank(self._url)
        if create is None:
            raise _missing(self._url)
        return None


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


def sqlite_url(path: Path) -> str:
    """The address of the bank in this file, whatever signs its path holds. Raises `BankUnusable` if it is no text."""
    try:
        return sa.URL.create("sqlite", database=str(path)).render_as_string()
    except UnicodeEncodeError:
        raise BankUnusable("a bank's path must be text", where=ascii(str(path)), remedy="Choose another path") from None


def _build_file(path: Path, create: Callable[[sa.Connection], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        engine = sqlite.engine(sqlite_url(draft), journal="DELETE")
        try:
            with engine.connect() as connection:
                connection = connection.execution_options(**sqlite.WRITING)
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


def _engine(url: str) -> sa.Engine:
    return postgres.engine(url) if sqlite_path(url) is None else sqlite.engine(url)


def _migrate(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "tutela.store:migrations")
    config.attributes["connection"] = connection
    try:
        with _MIGRATING:
            command.upgrade(config, "head")
    except CommandError as error:
        raise BankUnusable(
            "this bank is of a newer version of Tutela, or of another program",
            where=_without_password(connection.engine.url.render_as_string()),
            remedy="Update Tutela, or check the address",
        ) from error


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns the database's own errors into one that says what to do."""
    try:
        yield
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise BankUnusable("the driver for this database is not installed", where=_without_password(url)) from error
    except (SQLAlchemyError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        on_server = url.startswith("postgresql")
        said = postgres.said(cause) if on_server else None
        what, remedy = said or (f"the bank cannot be used ({_first_line(cause)})", sqlite.REMEDY)
        refused = (postgres if on_server else sqlite).refuses_writes(cause)
        kind = WritesRefused if refused else BankUnusable
        raise kind(what, where=_without_password(url), remedy=remedy) from error


def _first_line(error: BaseException) -> str:
    """The database's message without the statement and the values that SQLAlchemy appends."""
    return str(error).split("\n", 1)[0] if not isinstance(error, SQLAlchemyError) else type(error).__name__


def _without_password(url: str) -> str:
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        return "the given address"
    secret = [name for name in parsed.query if "password" in name]
    plain = parsed.difference_update_query(secret).set(drivername=parsed.get_backend_name())
    return plain.render_as_string(hide_password=True)


def _missing(url: str) -> BankMissing:
    return BankMissing(
        "there is no bank", where=_without_password(url), remedy="Protect something first, or check --bank"
    )


def _no_bank(url: str) -> BankUnusable:
    what, remedy = (
        ("this database is another program's", "Give the bank a database, or a schema, of its own")
        if url.startswith("postgresql")
        else (
            "this file is no Tutela bank, or it was emptied",
            "Restore it from a backup; to start anew, move the file away",
        )
    )
    return BankUnusable(what, where=_without_password(url), remedy=remedy)
