"""Waiting as Telegram says, and trying again when the connection breaks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telethon.errors import (
    FloodError,
    InvalidBufferError,
    InvalidChecksumError,
    ReadCancelledError,
    ServerError,
    TimedOutError,
)

from tutela.collect.errors import CollectError

Sleep = Callable[[float], Awaitable[None]]
_T = TypeVar("_T")

PAUSE = 1.0
"""Seconds between two requests."""

TRIES = 8
"""How often in a row a request may fail for want of a connection: with the waits between them about two minutes."""

_ANSWER_SECONDS = 120.0
_LONGEST_BACK_OFF = 60.0
_BROKEN = (
    OSError,
    asyncio.IncompleteReadError,
    InvalidBufferError,
    InvalidChecksumError,
    ReadCancelledError,
    ServerError,
    TimedOutError,
)


class Patience:
    """Makes requests one at a time, with a pause between them, and with as much patience as each needs.

    A wait that Telegram orders is kept to the second, however long. `tell` is handed sentences for people; `pause`
    seconds lie between two requests (`PAUSE`).
    """

    def __init__(
        self, tell: Callable[[str], None], *, sleep: Sleep = asyncio.sleep, pause: float | None = None
    ) -> None:
        self._tell = tell
        self._sleep = sleep
        self._pause = PAUSE if pause is None else pause
        self._asked = False

    async def ask(self, request: Callable[[], Awaitable[_T]]) -> _T:
        """The answer to a request. Raises `CollectError` where no connection holds, and what Telegram raises else."""
        if self._asked:
            await self._sleep(self._pause)
        self._asked = True
        broken = 0
        while True:
            try:
                return await asyncio.wait_for(request(), _ANSWER_SECONDS)
            except FloodError as error:
                seconds = getattr(error, "seconds", None)
                if seconds is None:
                    raise
                broken = 0
                self._tell(f"Telegram asks to wait for {seconds:,} seconds")
                await self._sleep(seconds)
            except _BROKEN as error:
                broken += 1
                await self._back_off(broken, error)
            except asyncio.CancelledError as error:
                if _interrupted():
                    raise
                broken += 1  # Telethon cancels what waits for an answer when it gives a connection up
                await self._back_off(broken, error)

    async def _back_off(self, broken: int, error: BaseException) -> None:
        if broken >= TRIES:
            raise CollectError(
                f"the connection to Telegram broke {broken} times in a row ({type(error).__name__})",
                remedy="Check the network and run again: it goes on from here",
            ) from error
        seconds = min(2.0 ** (broken - 1), _LONGEST_BACK_OFF)
        self._tell(f"the connection broke; trying again in {seconds:.0f} seconds")
        await self._sleep(seconds)


def _interrupted() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
