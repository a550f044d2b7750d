"""The record of calls: a custody log that says how often each key did what, and with which result.

It is a log of its own and not the bank's table of acts: lookups come by the thousand a second, must not wait for the
bank's one writer, and the log can be verified by a stranger (`tutela custody verify`). What changes the bank stands in
its acts besides, in the transaction that did it. Calls are counted in memory and written once a second, one line for
each key, act and status; what a crash takes away is that second.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Lock, Thread

from tutela.custody import CustodyError, CustodyLog, Signer

NOBODY = "none"
"""Stands for the key of a call without one."""

WRITE_SECONDS = 1.0
SIGN_WRITES = 60
"""Writes between two signatures, each of which waits for the disk."""

_LOG = logging.getLogger(__name__)


class CallLog:
    """Counts calls and writes them down from a thread of its own. Safe for threads."""

    def __init__(self, folder: Path | None, signer: Signer, used: Callable[[set[str], date], None]) -> None:
        """`used` is told which keys were used on a day, once for each. With no folder, that is all that happens."""
        self._folder = folder
        self._signer = signer
        self._used = used
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._lock = Lock()
        self._ending = Event()
        self._log: CustodyLog | None = None
        self._day = date.min
        self._known: set[str] = set()
        self._writes = 0
        self._failed: type[Exception] | None = None
        self._thread = Thread(target=self._run, name="tutela-calls", daemon=True)

    def start(self) -> None:
        """Begins. Raises `CustodyError` where the folder cannot be written."""
        self._turn_page(datetime.now(UTC))
        self._thread.start()

    def note(self, act: str, key: str, status: int, times: int = 1) -> None:
        """Counts one call, or so many. `act` is a word such as ``api.lookup``."""
        with self._lock:
            self._counts[act, key, status] += times

    def close(self) -> None:
        """Writes what is left, signs, and ends the log."""
        self._ending.set()
        self._thread.join()
        if self._log is not None:
            self._log.close()

    def _run(self) -> None:
        while True:
            ending = self._ending.wait(WRITE_SECONDS)
            try:
                self._write(datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - the service goes on; what could not be written is said
                if type(error) is not self._failed:
                    _LOG.error("calls could not be recorded, which is tried again: %s", type(error).__name__)
                self._failed = type(error)
                if isinstance(error, CustodyError):
                    self._log = None  # it has ended
            else:
                self._failed = None
            if ending:
                return

    def _write(self, now: datetime) -> None:
        with self._lock:
            counts, self._counts = self._counts, Counter()
        keys = {key for _, key, _ in counts} - {NOBODY}
        try:
            if now.date() != self._day or (self._log is None and self._folder is not None):
                self._turn_page(now)
            self._record(counts)
        finally:
            with self._lock:
                self._counts.update(counts)  # what could not be written is tried again with the next
        self._note_use(keys)

    def _record(self, counts: Counter[tuple[str, str, int]]) -> None:
        """Takes away what it has written."""
        self._writes += bool(counts)
        for act, key, status in sorted(counts):
            if self._log is not None:
                self._log.record(act, {"key": key, "status": status, "count": counts[act, key, status]})
            del counts[act, key, status]
        if self._writes >= SIGN_WRITES and self._log is not None:
            self._log.checkpoint()
            self._writes = 0

    def _note_use(self, keys: set[str]) -> None:
        if news := keys - self._known:
            self._used(news, self._day)
            self._known |= news

    def _turn_page(self, now: datetime) -> None:
        """A file for each process and day, so that old ones can be put away."""
        previous = None if self._log is None else self._log.close()
        self._day, self._known, self._writes = now.date(), set(), 0
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise CustodyError(
                f"the folder of the record of calls cannot be made ({error.strerror})", where=str(self._folder)
            ) from error
        path = self._folder / f"calls-{now:%Y%m%dT%H%M%S%f}-{os.getpid()}.ndjson"
        try:
            self._log = CustodyLog.create(path, self._signer, previous=previous)
            self._log.record("service.started" if previous is None else "service.continued", {})
        except CustodyError:
            if path.exists() and path.stat().st_size == 0:
                path.unlink()  # the next try makes another one, every second while the disk is full
            raise
