"""The folder that is collected into: a dump for each channel, their readings, and one checkpoint for all of it."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from tutela.collect.dump import Dump, Window, horizon
from tutela.collect.errors import CollectError, explained
from tutela.durable import PRIVATE, replace
from tutela.model import ChannelState

__all__ = ["CHECKPOINT", "READINGS", "Dump", "Folder", "Window"]

CHECKPOINT = ".checkpoint"
READINGS = "channels.json"
_LOCK = ".lock"
_NEW_FOLDER = re.compile(r"\.lock|\.checkpoint\.new")
_ONLY_MINE = 0o700


class _State(msgspec.Struct, forbid_unknown_fields=True):
    """The checkpoint: how many bytes of each channel's dump count, and which channel a handle led to last."""

    schema: Literal["tutela.collect/1"] = "tutela.collect/1"
    sizes: dict[int, int] = msgspec.field(default_factory=dict)
    handles: dict[str, int] = msgspec.field(default_factory=dict)


class Folder:
    """A folder that this process alone collects into; a context manager. Raises `CollectError` where it cannot be used.

    A new or an empty folder is taken, or one that was collected into before; never one with other files in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with explained(path):
            path.mkdir(mode=_ONLY_MINE, parents=True, exist_ok=True)
            self._refuse_foreign()
            self._lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
            try:
                self._claim()
                self._state = self._load()
            except BaseException:
                os.close(self._lock)
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    @contextmanager
    def dump(self, channel: int, window: Window, now: datetime) -> Iterator[Dump]:
        """The channel's dump, open for adding."""
        path = self._path / f"{channel}.ndjson"
        if channel not in self._state.sizes:
            if path.exists():
                raise CollectError(
                    "a file that no collection wrote has the name of a dump",
                    where=ascii(self._path.name),
                    remedy="Move it away",
                )
            self._acknowledge(channel, 0)
        size = self._state.sizes[channel]
        dump = Dump(path, size, lambda size: self._acknowledge(channel, size), horizon(window, now), window.messages)
        try:
            yield dump
        finally:
            dump.close()

    def leads_to(self, handle: str) -> int | None:
        """The number of the channel that a handle led to when it was last found."""
        return self._state.handles.get(handle)

    def remember(self, handle: str, channel: int) -> None:
        """Keeps where a handle leads to, for the day when it leads nowhere."""
        if self._state.handles.get(handle) != channel:
            self._state.handles[handle] = channel
            self._save()

    def reading(self, channel: int | str, members: int | None, at: datetime, state: ChannelState) -> None:
        """Adds a reading of a channel's front page to the history in `channels.json`."""
        path = self._path / READINGS
        with explained(self._path):
            history = _history(path)
            history.append({"id": channel, "members": members, "at": at.astimezone(UTC), "state": state.value})
            replace(path, b"[\n" + b",\n".join(map(msgspec.json.encode, history)) + b"\n]\n")

    def _claim(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            where, remedy = ascii(self._path.name), "Wait until it ends"
            raise CollectError("another run is collecting into the folder", where=where, remedy=remedy) from error

    def _load(self) -> _State:
        path = self._path / CHECKPOINT
        try:
            return msgspec.json.decode(path.read_bytes(), type=_State)
        except FileNotFoundError:
            return self._begin()
        except msgspec.DecodeError as error:
            raise _foreign(self._path, "its checkpoint is none that this version of Tutela wrote") from error

    def _refuse_foreign(self) -> None:
        names = {entry.name for entry in self._path.iterdir()}
        if CHECKPOINT not in names and any(not _NEW_FOLDER.fullmatch(name) for name in names):
            raise _foreign(self._path, "the folder holds files that no collection wrote")

    def _begin(self) -> _State:
        self._state = _State()
        self._save()
        return self._state

    def _acknowledge(self, channel: int, size: int) -> None:
        self._state.sizes[channel] = size
        self._save()

    def _save(self) -> None:
        with explained(self._path):
            replace(self._path / CHECKPOINT, msgspec.json.encode(self._state))


def _history(path: Path) -> list[Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])
    except FileNotFoundError:
        return []
    except msgspec.DecodeError as error:
        raise CollectError(f"{READINGS} is no list", where=ascii(path.parent.name), remedy="Mend it") from error


def _foreign(path: Path, what: str) -> CollectError:
    return CollectError(what, where=ascii(path.name), remedy="Choose an empty or a new folder")
