"""What was changed last, without a query at each lookup.

SQLite tells in microseconds whether anything was committed since the last query, so that none is needed until then.

On a server a thread with a connection of its own asks for the number of the last change four times a second, and at
once when the server says that a transaction which changed something is done. So each process has a change within
moments; and where nobody says anything (a pooler between that lets no notification through, a lost connection), within
a quarter of a second or, if the thread cannot ask either, at the next lookup, which then asks for itself.

How old the knowledge may be that a lookup relies on does not hang on notifications: it is the time since the last
question was put, and never more than `TRUSTED`.
"""

import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

from tutela.bank.changes import latest_change
from tutela.store import Listener, Store, StoreError

TRUSTED = 0.5
"""Seconds after a question was put in which its answer will do for lookups: a withdrawal is to reach every process
within one, also where a lookup itself takes long."""

_ASKING = 0.25
_RESTING = 0.5  # seconds before a lost connection is tried again
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The number of the last change, when it was asked for (monotonic seconds), and the store's mark before that."""

    latest: int
    asked: float
    mark: object


_NONE = _Answer(0, float("-inf"), None)


class Feed:
    """Knows the last change of one bank. Where the database tells of changes, follows them, and tells `changed`, again
    and again, which is the last; elsewhere it knows what lookups note.
    """

    def __init__(self, store: Store, changed: Callable[[int], None]) -> None:
        self._store = store
        self._changed = changed
        self._answer = _NONE
        self._thread: Thread | None = None
        self._closing = False
        self._lost = False

    def start(self) -> None:
        """Begins to follow, where the database tells, unless that was begun or ended before.

        Not for several threads at the same time.
        """
        if self._thread is None and self._store.tells and not self._closing:
            self._waker, self._wake = socket.socketpair()
            self._thread = Thread(target=self._run, name="tutela-feed", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        self._closing = True
        if self._thread is None:
            return
        self._wake.send(b"!")
        self._thread.join()
        self._waker.close()
        self._wake.close()
        self._thread = None

    def is_current(self, seen: int) -> bool:
        """Whether whoever has seen change number `seen` need not ask.

        On SQLite nobody has written anything since nothing newer was there; on a server that was so moments ago, and we
        have written nothing since.
        """
        answer = self._answer
        fresh = not self._store.tells or time.monotonic() - answer.asked < TRUSTED
        return fresh and answer.latest <= seen and answer.mark == self._store.mark

    def note(self, latest: int, mark: object) -> None:
        """Keeps what a lookup found where the database does not tell: the last change, asked for after `mark`."""
        if not self._store.tells:
            self._answer = _Answer(latest, time.monotonic(), mark)

    def _run(self) -> None:
        while not self._closing:
            try:
                with self._store.listen() as listener:
                    self._follow(listener)
            except StoreError as error:
                self._lose(error)
                self._rest()

    def _follow(self, listener: Listener) -> None:
        while not self._closing:
            asked, mark = time.monotonic(), self._store.mark
            self._answer = _Answer(latest_change(listener.connection), asked, mark)
            self._regain()
            self._changed(self._answer.latest)
            if listener.wait(_ASKING, self._waker):
                self._answer = _NONE  # a busy process may take a while to ask; its lookups need not wait for that

    def _rest(self) -> None:
        self._waker.settimeout(_RESTING)
        with suppress(TimeoutError):
            self._waker.recv(1)

    def _lose(self, error: StoreError) -> None:
        if not self._lost:
            _LOG.warning("%s: changes are not followed (%s); until they are, each lookup asks", error.where, error.what)
        self._lost = True

    def _regain(self) -> None:
        if self._lost:
            _LOG.warning("changes of the bank are followed again")
        self._lost = False
