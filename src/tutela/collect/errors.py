"""What can go wrong while channels are read. No message names a channel, by its handle or otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutela.model import ChannelState, TutelaError


class CollectError(TutelaError):
    """Reading cannot begin or cannot go on. What was written so far is kept, and the next run goes on from there."""


class RefusedError(CollectError):
    """What was named is no public channel or group."""


class StalledError(CollectError):
    """Telegram answers, but never with what comes next."""


class UnreachableError(CollectError):
    """Telegram says that a channel cannot be read; `state` is why."""

    def __init__(self, state: ChannelState) -> None:
        self.state = state
        super().__init__(f"the channel is {state.value}")


@contextmanager
def explained(path: Path, option: str = "--out") -> Iterator[None]:
    """Turns an OSError into a `CollectError` that says what to do about what the `option` named."""
    try:
        yield
    except OSError as error:
        raise CollectError(
            f"cannot be written ({error.strerror})",
            where=ascii(path.name),
            remedy=f"Make room or choose another {option}, and run again: what was acknowledged is kept",
        ) from error
