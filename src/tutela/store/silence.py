"""A server that says nothing any more: found out soon, and once for everybody who asks it.

Where its machine hangs, or the network between is cut, a server refuses nothing: whoever asks waits. Here a question
that any server answers at once (is anybody there; which is the last change) is given `PATIENCE`. When that was in vain,
whatever else waits gives up too, and whoever asks next is refused without waiting, until somebody hears from the server
again: that is who follows its changes, and tries again and again. A statement that takes long while the server answers
others is not disturbed.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg

PATIENCE = 2.0
"""Seconds."""

REFUSED_SECONDS = 15.0
"""How long others are refused where nobody follows changes; one who does tries more often than that."""

_TRYING: ContextVar[bool] = ContextVar("trying", default=False)


class Silent(psycopg.OperationalError):
    """The server has not answered."""

    def __init__(self) -> None:
        super().__init__("it has fallen silent")


class Silence:
    """Whether a server is known to be silent. Safe for threads."""

    def __init__(self) -> None:
        self._until = 0.0

    def __bool__(self) -> bool:
        return time.monotonic() < self._until

    def begin(self) -> None:
        """Somebody has waited in vain."""
        self._until = time.monotonic() + REFUSED_SECONDS

    def end(self) -> None:
        """The server was heard."""
        self._until = 0.0

    def connect(self, *words: Any, **settings: Any) -> "Connection":
        """A new connection. Raises `psycopg.OperationalError`, without waiting where the server is silent."""
        if self and not _TRYING.get():
            raise Silent
        try:
            made = Connection.connect(*words, **settings)
        except psycopg.errors.ConnectionTimeout:
            self.begin()
            raise
        made.silence, made.tries = self, _TRYING.get()
        return made


@contextmanager
def trying() -> Iterator[None]:
    """Connections that are made in the block do not give up because others have."""
    token = _TRYING.set(True)
    try:
        yield
    finally:
        _TRYING.reset(token)


class Connection(psycopg.Connection[Any]):
    """One that does not wait for ever. `patient`: what is asked may take long, if only the server is there."""

    silence: Silence | None = None
    patient = False
    tries = False

    def wait(self, gen: Generator[Any, Any, Any], *more: Any, **options: Any) -> Any:
        """As psycopg's, which asks this every tenth of a second whether to go on. Raises `Silent`."""
        if self.silence is None:  # it is just being made
            return super().wait(gen, *more, **options)
        return super().wait(self._bounded(gen, self.silence), *more, **options)

    def _bounded(self, gen: Generator[Any, Any, Any], silence: Silence) -> Generator[Any, Any, Any]:
        if silence and not self.tries:
            self._give_up()
        try:
            wanted, heard = next(gen), time.monotonic()
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                    silence.end()
                elif time.monotonic() - heard > PATIENCE and (not self.patient or silence):
                    silence.begin()
                    self._give_up()
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    def _give_up(self) -> None:
        self.pgconn.finish()  # nobody knows what it would say next
        raise Silent
