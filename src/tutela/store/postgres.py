"""What is particular to PostgreSQL: how a connection is prepared, who may write, and who is told of changes.

Writers take turns, as they do on SQLite: each transaction that writes begins with a lock of the whole bank and keeps it
until its end is visible to everybody. So change numbers become visible in their order, and whoever has seen one has
seen all below it; what a transaction has looked at (is this reference free, was anything withdrawn since) stays true
until it ends; two processes that create, migrate or change keys do so one after the other.
"""

import logging
import selectors
import socket
from typing import Any, cast

import sqlalchemy as sa

READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
WRITING: dict[str, Any] = {"isolation_level": "READ COMMITTED", "tutela_writes": True}
"""Execution options of a transaction that only reads, and of one that writes: of those there is one at a time.

A writer must look at the bank as it is once it has the lock, so each of its statements takes a view of its own.
"""

logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # a lost connection is told by whoever needed it

WOKEN = "tutela_woken"
"""In `info` of a connection: that its transaction called `wake`."""

_LOCK = int.from_bytes(b"Tutela")
_LOCK_SECONDS = 30
_CHANNEL = "tutela"

_OPTIONS = {
    "application_name": "tutela",
    "client_encoding": "utf8",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
"""Of libpq, unless the address says otherwise: a server that falls silent is given up within a quarter of a minute."""

_SAID = {
    "42501": ("the database user lacks a right", "Make the user the owner of the bank's database or schema"),
    "25006": ("the database only takes readers: it is a standby, or was set so", "Use the address of the primary"),
    "53100": ("the database server's disk is full", "Free space on it; nothing of what was acknowledged is lost"),
    "53300": ("the database server has no connection left", "Raise its max_connections, or run fewer processes"),
    "55P03": ("another process has been writing to the bank for too long", "Try again; look for one that hangs"),
}
"""In people's words, by SQLSTATE: what is wrong and what to do."""

_READERS_ONLY, _FULL = "25006", "53100"
_ENDED = ("08", "57P")  # connection exceptions, and a server that shuts down, crashed or starts
_REACH = "Check the address, user and password, that the server runs, and that the database exists (createdb)"


def engine(url: str) -> sa.Engine:
    """An engine for ``postgresql://…``, whichever driver the address names; connects when it is first used."""
    given = sa.make_url(url).set(drivername="postgresql+psycopg")
    settings = {name: value for name, value in _OPTIONS.items() if name not in given.query}
    made = sa.create_engine(given, pool_pre_ping=True, connect_args=settings)
    _listen_for_silence(made)
    sa.event.listen(made, "connect", lambda connection, _: _prepare(connection))
    sa.event.listen(made, "begin", _begin)
    sa.event.listen(made, "handle_error", _give_up)
    return made


def _listen_for_silence(made: sa.Engine) -> None:
    """Connections of this engine find out together that the server is silent; what is asked of one that is taken from
    the pool, before work begins, must be answered at once."""
    from tutela.store.silence import Silence

    silence = Silence()

    def work(connection: sa.Connection) -> None:
        cast(Any, connection.connection.dbapi_connection).patient = True

    def rest(connection: Any, _: object) -> None:
        if connection is not None:
            connection.patient = False

    sa.event.listen(made, "do_connect", lambda dialect, record, words, settings: silence.connect(*words, **settings))
    sa.event.listen(made, "begin", work)
    sa.event.listen(made, "checkin", rest)


def wake(connection: sa.Connection) -> None:
    """Tells every `Listener` when the transaction is done; elsewhere than on PostgreSQL there is none."""
    connection.info[WOKEN] = True
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {_CHANNEL}")


def said(error: BaseException) -> tuple[str, str] | None:
    """What is wrong and what to do, for an error of the driver; None for any other."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return None
    message = str(error).split("\n", 1)[0]  # statements and values follow
    if error.sqlstate in _SAID:
        return _SAID[error.sqlstate]
    if error.sqlstate is None or error.sqlstate.startswith(_ENDED):
        return (f"the database server cannot be reached, or refuses ({message})", _REACH)
    return (f"the bank cannot be used ({message})", "Check that this database is a Tutela bank")


def refuses_writes(error: BaseException) -> bool:
    """Whether the server reads and takes nothing new: its disk is full, or it takes readers only."""
    return getattr(error, "sqlstate", None) in (_READERS_ONLY, _FULL)


class Listener:
    """A connection beside the pool that is told of changes. `connection` is for small queries, each on its own.

    One that is not answered soon finds out that the server is silent (`silence.py`).
    """

    def __init__(self, made: sa.Engine) -> None:
        from tutela.store.silence import trying

        with trying():
            self.connection = made.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            self._driver = cast(Any, self.connection.connection.dbapi_connection)
            self.connection.detach()
            self._driver.add_notify_handler(lambda _: None)  # else the driver keeps them for whoever asks later
            self.connection.exec_driver_sql(f"LISTEN {_CHANNEL}")
            self._driver.tries, self._driver.patient = True, False
        except BaseException:
            self.close()
            raise

    def wait(self, seconds: float, waker: socket.socket) -> bool:
        """Returns at the next change, after so many seconds, or when `waker` can be read; False when time was up."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._driver.fileno(), selectors.EVENT_READ)
            selector.register(waker, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()


def _prepare(connection: Any) -> None:
    """What was acknowledged is on the server's disk, whatever its settings; a lock is not waited for endlessly."""
    connection.autocommit = True
    connection.execute(
        "SELECT set_config('lock_timeout', %s, false), set_config('synchronous_commit',"
        " CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit')"
        " END, false)",
        [f"{_LOCK_SECONDS}s"],
    )
    connection.autocommit = False


def _give_up(context: sa.ExceptionContext) -> None:
    """A session that began with readers only stays so after the server no longer is: the next call opens a new one."""
    if getattr(context.original_exception, "sqlstate", None) == _READERS_ONLY:
        context.is_disconnect = True


def _begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("tutela_writes", False):
        # After a reading transaction SQLAlchemy asks for a writing one by name, over the head of a server that is set
        # to readers only.
        cast(Any, connection.connection.dbapi_connection).read_only = None
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
