"""Runs a collection against the invented server, with a clock that ticks and a sleep that takes no time."""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from collect.telegram_server import NOW, Server
from tutela.collect import Collected, Folder, Window, collect
from tutela.collect.patience import Patience
from tutela.collect.telegram import Telegram


class Clock:
    """Another second each time it is asked."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Sleeper:
    """Notes how long it was to sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.told: list[str] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def waits(self) -> list[float]:
        """All but the pauses between requests."""
        return [seconds for seconds in self.slept if seconds != 0.5]

    def patience(self) -> Patience:
        return Patience(self.told.append, sleep=self.sleep, pause=0.5)


def run(
    server: Server,
    out: Path,
    handles: Sequence[str] = ("market",),
    *,
    window: Window | None = None,
    now: Callable[[], datetime] | None = None,
    sleeper: Sleeper | None = None,
) -> list[Collected]:
    patience = (sleeper or Sleeper()).patience()

    async def go() -> list[Collected]:
        with Folder(out) as folder:
            client = Telegram(server, patience)
            return [each async for each in collect(handles, folder, client, window=window, now=now or Clock())]

    return asyncio.run(go())


def lines(out: Path, channel: int = 42) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / f"{channel}.ndjson").read_bytes().splitlines()]


def numbers(out: Path, channel: int = 42) -> list[int]:
    return [line["id"] for line in lines(out, channel) if line["_"] in ("Message", "MessageService")]


def history(out: Path) -> list[dict[str, Any]]:
    return json.loads((out / "channels.json").read_bytes())


def everything(out: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file())


class Killed(BaseException):
    """The process ends here."""


class Disk:
    """Counts what is done to the disk, and kills at a chosen step: before it, half way through it, or behind it."""

    STEPS = ("mkdir", "open", "write", "fsync", "replace", "ftruncate")

    def __init__(
        self, monkeypatch: Any, *, step: int | None = None, when: str = "before", error: BaseException | None = None
    ) -> None:
        self.step, self.when, self.count, self.error = step, when, 0, error or Killed()
        self.log: list[tuple[str, Any]] = []
        self.real = {name: getattr(os, name) for name in self.STEPS}
        for name in self.STEPS:
            monkeypatch.setattr(os, name, self._wrapped(name))

    def _wrapped(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            self.log.append((name, arguments[0]))
            if self.count != self.step:
                return self.real[name](*arguments, **options)
            if self.when == "half" and name == "write":
                descriptor, content = arguments
                self.real[name](descriptor, content[: len(content) // 2])
            elif self.when == "behind":
                with suppress(FileExistsError):
                    self.real[name](*arguments, **options)
            raise self.error

        return call
