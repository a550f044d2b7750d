"""Reading channels: asks, lets `step` say what follows, writes. Never joins, sends, votes or fetches media."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from tutela.collect.errors import RefusedError, StalledError, UnreachableError
from tutela.collect.folder import Dump, Folder, Window
from tutela.collect.records import Record
from tutela.collect.step import changes, step
from tutela.model import ChannelState

BATCH = 100
"""Messages in one request: the most that Telegram gives."""

_PATIENCE = 5  # answers in a row that lead nowhere


@dataclass(frozen=True, slots=True)
class Front:
    """What a handle leads to.

    `channel` is the number, None where the handle leads nowhere; `record` is the dump's line about the channel, None
    where there is nothing to read. `peer` is what the client needs to ask on, and is never written.
    """

    state: ChannelState
    channel: int | None = None
    members: int | None = None
    record: Record | None = None
    peer: object = field(default=None, repr=False)


class Client(Protocol):
    """What is asked of Telegram, one request at a time. Waits and broken connections are the client's own business."""

    async def front(self, handle: str) -> Front:
        """What the handle leads to. Raises `RefusedError` where that is no public channel or group."""

    async def page(self, front: Front, since: int) -> Sequence[Record]:
        """The messages from the number `since` on, at most 100. Raises `UnreachableError`."""

    async def latest(self, front: Front, before: int | None = None) -> int:
        """The number of the last message, or of the last one before another; 0 for none. Raises `UnreachableError`."""

    async def messages(self, front: Front, numbers: Sequence[int]) -> Sequence[Record]:
        """The messages of these numbers, at most 100, as they are now. Raises `UnreachableError`."""


@dataclass(slots=True)
class Collected:
    """What one channel came to; `number` is its place among those that were named, from 1.

    `why` says why it was not read to its end.
    """

    number: int
    state: ChannelState = ChannelState.UNKNOWN
    members: int | None = None
    new: int = 0
    edited: int = 0
    deleted: int = 0
    why: str | None = None


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def collect(
    handles: Sequence[str],
    folder: Folder,
    client: Client,
    *,
    window: Window | None = None,
    now: Callable[[], datetime] = _utc_now,
    progress: Callable[[Collected], None] | None = None,
) -> AsyncIterator[Collected]:
    """Reads each channel into the folder, one after the other and once, and yields what each came to.

    `handles` are such as `public_handle` gives. What is new is read, and what is recent is asked for again. Everything
    is on disk before more is asked for, so that a run that is cut short loses nothing: the next one goes on. One
    channel that cannot be read does not keep the others from it. Raises `CollectError` where nothing can go on.
    `progress` is told how far a channel has come.
    """
    for handle in dict.fromkeys(handles):
        so_far = Collected(handles.index(handle) + 1)
        yield await _Reading(folder, client, window or Window(), now, progress, so_far).run(handle)


class _Reading:
    """The reading of one channel."""

    def __init__(
        self,
        folder: Folder,
        client: Client,
        window: Window,
        now: Callable[[], datetime],
        progress: Callable[[Collected], None] | None,
        so_far: Collected,
    ) -> None:
        self._folder = folder
        self._client = client
        self._window = window
        self._now = now
        self._progress = progress
        self._so_far = so_far

    async def run(self, handle: str) -> Collected:
        try:
            front = await self._client.front(handle)
            self._note(handle, front)
            if front.channel is not None and front.record is not None:
                await self._read(front, front.channel, front.record)
        except UnreachableError as error:  # it was there a moment ago
            self._so_far.state = error.state
            self._folder.reading(self._channel(handle), None, self._now(), error.state)
        except (RefusedError, StalledError) as error:
            self._so_far.why = error.what
        return self._so_far

    def _note(self, handle: str, front: Front) -> None:
        """The reading of the front page, and of the channel that the handle led to before, if it was another one."""
        self._so_far.state, self._so_far.members = front.state, front.members
        before = self._folder.leads_to(handle)
        if front.channel is not None:
            if before not in (None, front.channel):
                self._folder.reading(self._channel(handle), None, self._now(), ChannelState.NOT_FOUND)
            self._folder.remember(handle, front.channel)
        self._folder.reading(self._channel(handle), front.members, self._now(), front.state)

    def _channel(self, handle: str) -> int | str:
        channel = self._folder.leads_to(handle)
        return f"@{handle}" if channel is None else channel

    async def _read(self, front: Front, channel: int, record: Record) -> None:
        with self._folder.dump(channel, self._window, self._now()) as dump:
            if dump.front != record:
                dump.append([record])
            for numbers in _batches(dump.recent):
                await self._check(front, channel, dump, numbers)
            while await self._advance(front, channel, dump):
                if self._progress is not None:
                    self._progress(self._so_far)

    async def _check(self, front: Front, channel: int, dump: Dump, numbers: Sequence[int]) -> None:
        """Asks for messages again, and adds what was edited and what is gone."""
        answers = await self._client.messages(front, numbers)
        held = {number: dump.held(number) for number in numbers}
        edited, gone = changes(channel, held, answers, self._now())
        dump.append([*edited, *gone])
        self._so_far.edited += len(edited)
        self._so_far.deleted += len(gone)

    async def _advance(self, front: Front, channel: int, dump: Dump) -> bool:
        """Adds the next page; False at the end of the channel."""
        for _ in range(_PATIENCE):
            found = step(channel, dump.cursor, await self._client.page(front, dump.cursor))
            if not found.numbers:
                if await self._client.latest(front) <= dump.cursor:
                    return False
            elif found.joined or await self._client.latest(front, found.numbers[0]) <= dump.cursor:
                dump.append(found.new)
                dump.cursor = found.numbers[-1]
                self._so_far.new += len(found.new)
                return True
        raise StalledError("Telegram never answers with the messages that come next", remedy="Run again later")


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))
