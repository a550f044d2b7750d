"""Whether an SQLite file was changed, in microseconds: what each lookup asks before it relies on what is in memory."""

import sqlite3
from pathlib import Path
from threading import Lock


class Versions:
    """A connection of its own that only watches. Safe for threads.

    SQLite counts for each connection how often others changed the file, those of the same process too
    (``PRAGMA data_version``).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._asking = Lock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    def now(self) -> object:
        """Equals an earlier answer only where nobody has committed anything in between; where that cannot be told at
        once, it equals nothing."""
        with self._asking:
            try:
                if self._connection is None and not self._closed:
                    self._connection = self._connected()
                if self._connection is not None:
                    return self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                pass
        return object()

    def close(self) -> None:
        """Closes the connection; for good, since another one would count anew."""
        with self._asking:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connected(self) -> sqlite3.Connection:
        address = f"{self._path.absolute().as_uri()}?mode=rw"  # never makes a file
        return sqlite3.connect(address, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
