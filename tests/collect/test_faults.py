"""Killed at any step, told anything twice: nothing lost, nothing doubled."""

import asyncio
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect.conftest import Clock, Disk, Killed, history, lines, numbers, run
from collect.telegram_server import NOW, Chat, Server
from tutela.collect import CollectError, Folder, Front, Window, collect
from tutela.collect.records import Record
from tutela.collect.step import step
from tutela.model import ChannelState

LENGTH = 20
LAST = 24


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page and some messages more are asked for in the same number of steps as a hundred and some more."""
    monkeypatch.setattr("tutela.collect.run.BATCH", LENGTH)
    monkeypatch.setattr("tutela.collect.telegram.BATCH", LENGTH)


@pytest.fixture(autouse=True)
def _quick_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is killed leaves what was written, synced or not; that syncs are asked for is seen in what `Disk` notes."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def chats() -> tuple[Chat, Chat]:
    market, group = Chat(42, "market", members=9), Chat(43, "group", group=True, members=5)
    for number in range(1, LAST + 1):
        market.post(number, media=None)
    for number in range(1, 4):
        group.post(number)
    return market, group


def world() -> Server:
    return Server(*chats())


def changed() -> Server:
    market, group = chats()
    market.messages[17].message = "now 900 coins"
    del market.messages[LAST], market.messages[3]
    group.join(9, 555)
    return Server(market, group)


HANDLES = ("market", "group")


def dumped(out: Path) -> dict[int, list[Record]]:
    """Both dumps, without the instants at which deletions were noticed."""
    return {
        channel: [{key: value for key, value in line.items() if key != "noticed_at"} for line in lines(out, channel)]
        for channel in (42, 43)
    }


def checked(out: Path) -> None:
    """What holds whenever a run has ended: each message once, each reading with an instant of its own."""
    instants = [entry["at"] for entry in history(out)]
    assert len(instants) == len(set(instants))
    assert {entry["id"] for entry in history(out)} == {42, 43}
    assert json.loads((out / ".checkpoint").read_bytes())["sizes"] == {
        str(channel): (out / f"{channel}.ndjson").stat().st_size for channel in (42, 43)
    }


def steps_of_a_run(monkeypatch: pytest.MonkeyPatch, server: Server, out: Path) -> list[str]:
    """What is done to the disk, one after the other."""
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        run(server, out, HANDLES)
        return [name for name, _ in disk.log]


def kills(steps: list[str], when: str) -> list[int]:
    """The numbers of the steps at which a kill leaves something else than any other does: behind a step it leaves what
    it leaves before the next one, and only writing is ever half done."""
    numbers = range(1, len(steps) + 1)
    if when == "half":
        return [number for number in numbers if steps[number - 1] == "write"]
    return list(numbers) if when == "before" else [len(steps)]


def killed_and_run_again(
    monkeypatch: pytest.MonkeyPatch, server: Callable[[], Server], out: Path, clock: Clock, position: int, when: str
) -> None:
    with monkeypatch.context() as patch:
        Disk(patch, step=position, when=when)
        with pytest.raises(Killed):
            run(server(), out, HANDLES, now=clock)
    run(server(), out, HANDLES, now=clock)


@pytest.mark.parametrize("when", ["before", "half", "behind"])
def test_a_first_run_that_is_killed_at_any_step_is_made_whole_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    steps = steps_of_a_run(monkeypatch, world(), tmp_path / "whole")
    whole = dumped(tmp_path / "whole")
    assert len(steps) > 30
    for position in kills(steps, when):
        out, clock = tmp_path / str(position), Clock()
        killed_and_run_again(monkeypatch, world, out, clock, position, when)
        assert dumped(out) == whole, position
        checked(out)


@pytest.mark.parametrize("when", ["before", "half", "behind"])
def test_so_is_a_later_run_that_notes_edits_and_deletions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    before = Clock()
    run(world(), tmp_path / "before", HANDLES, now=before)
    shutil.copytree(tmp_path / "before", tmp_path / "whole")
    steps = steps_of_a_run(monkeypatch, changed(), tmp_path / "whole")
    whole = dumped(tmp_path / "whole")
    assert [line["id"] for line in whole[42]][-3:] == [17, 3, LAST]
    for position in kills(steps, when):
        out, clock = tmp_path / str(position), Clock(before.now)
        shutil.copytree(tmp_path / "before", out)
        killed_and_run_again(monkeypatch, changed, out, clock, position, when)
        assert dumped(out) == whole, position
        checked(out)


def test_nothing_is_acknowledged_before_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a power cut, which no killed process shows: what was written is synced before a file is replaced, and
    the folder after it, before anything else is written."""
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        run(world(), tmp_path / "out", HANDLES)
        run(changed(), tmp_path / "out", HANDLES)
    unsynced: set[Any] = set()
    for (name, what), (then, _) in zip(disk.log, disk.log[1:], strict=False):
        if name == "write":
            unsynced.add(what)
        elif name == "fsync":
            unsynced.discard(what)
        elif name == "replace":
            assert unsynced == set()
            assert then == "open", "the folder, to sync it"
    names = [name for name, _ in disk.log]
    assert names.count("replace") > 15
    assert all(names[at + 1 : at + 3] == ["open", "fsync"] for at, name in enumerate(names) if name == "replace")


def test_killed_again_while_it_recovers_it_still_comes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps_of_a_run(monkeypatch, world(), tmp_path / "whole")
    whole = dumped(tmp_path / "whole")
    for first in (15, 25, 33):
        for second in range(1, 13, 2):
            out, clock = tmp_path / f"{first}-{second}", Clock()
            for position, when in ((first, "half"), (second, "before"), (second, "behind")):
                with monkeypatch.context() as patch:
                    Disk(patch, step=position, when=when)
                    with pytest.raises(Killed):
                        run(world(), out, HANDLES, now=clock)
            run(world(), out, HANDLES, now=clock)
            assert dumped(out) == whole
            checked(out)


def test_what_was_never_acknowledged_is_cut_off_whatever_it_is(tmp_path: Path) -> None:
    run(world(), tmp_path / "out", HANDLES)
    whole = dumped(tmp_path / "out")
    for tail in (b'{"_":"Mess', bytes(5000), b'{"_":"Message","id":%d}\n' % (LAST + 1)):
        with (tmp_path / "out" / "42.ndjson").open("ab") as file:
            file.write(tail)
        run(world(), tmp_path / "out", HANDLES)
        assert dumped(tmp_path / "out") == whole


def test_a_full_disk_is_an_error_that_says_so_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of_a_run(monkeypatch, world(), tmp_path / "whole")
    whole = dumped(tmp_path / "whole")
    for position in range(1, len(steps) + 1):
        out = tmp_path / str(position)
        with monkeypatch.context() as patch:
            Disk(patch, step=position, when="half", error=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            with pytest.raises(CollectError, match="No space left"):
                run(world(), out, HANDLES)
        run(world(), out, HANDLES)
        assert dumped(out) == whole, position


PAGE = 4


def message(number: int, text: str = "") -> Record:
    peer = {"_": "PeerChannel", "channel_id": 42}
    return {"_": "Message", "id": number, "peer_id": peer, "date": NOW.isoformat(), "message": text}


class Scripted:
    """A client whose pages go wrong as a script says, and come right when it has ended."""

    def __init__(self, held: dict[int, Record], script: list[str]) -> None:
        self.held, self.script = held, script
        self.given: list[list[Record]] = [[]]

    async def front(self, handle: str) -> Front:
        return Front(ChannelState.ACCESSIBLE, 42, 3, {"_": "Channel", "id": 42, "broadcast": True, "username": handle})

    async def latest(self, front: Front, before: int | None = None) -> int:
        return max((number for number in self.held if before is None or number < before), default=0)

    async def messages(self, front: Front, numbers: Sequence[int]) -> Sequence[Record]:
        return [self.held.get(number, {"_": "MessageEmpty", "id": number}) for number in numbers]

    async def page(self, front: Front, since: int) -> Sequence[Record]:
        self.given.append(self._page(since, self.script.pop(0) if self.script else ""))
        return self.given[-1]

    def _page(self, since: int, fault: str) -> list[Record]:
        right = self._from(since)
        match fault:
            case "again":
                return self.given[-1]
            case "the first again":
                return self.given[min(1, len(self.given) - 1)]
            case "the one after":
                return self._from(right[-1]["id"] + 1) if right else []
            case "far ahead":
                return self._from(since + 17)
            case "backwards":
                return right[::-1]
            case "doubled":
                return [*right, *right]
            case "with old ones":
                return [*self._from(0), *right]
            case "of another channel":
                return [{**each, "peer_id": {"_": "PeerChannel", "channel_id": 9}} for each in self._from(since)]
            case "empty":
                return []
            case "killed":
                raise Killed
        return right

    def _from(self, since: int) -> list[Record]:
        return [self.held[number] for number in sorted(self.held) if number >= since][:PAGE]


FAULTS = [
    *("again", "the first again", "the one after", "far ahead", "backwards", "doubled"),
    *("with old ones", "of another channel", "empty", "killed", ""),
]
scripts = st.lists(st.sampled_from(FAULTS), max_size=30)
some_numbers = st.sets(st.integers(1, 60), max_size=40)


async def reason(client: Scripted, out: Path, now: Clock) -> str | None:
    """Why one run did not get to the end."""
    with Folder(out) as folder:
        (found,) = [each async for each in collect(["market"], folder, client, window=Window(0, 200), now=now)]
    return found.why


def all_runs(client: Scripted, out: Path, now: Clock) -> None:
    """Runs until the script has ended and one run has gone through to the end."""
    while True:
        over = not client.script
        try:
            why = asyncio.run(reason(client, out, now))
        except Killed:
            continue
        if over and why is None:
            return


@given(posted=some_numbers, later=some_numbers, lost=some_numbers, edited=some_numbers, first=scripts, second=scripts)
@settings(max_examples=50)
def test_whatever_goes_wrong_the_dump_is_that_of_a_run_without_faults(
    posted: set[int], later: set[int], lost: set[int], edited: set[int], first: list[str], second: list[str]
) -> None:
    at_first = {number: message(number) for number in posted}
    new = {number: message(number) for number in later if number > max(posted, default=0)}
    kept = {number: held for number, held in (at_first | new).items() if number not in lost & posted}
    then = {
        number: message(number, "new price") if number in edited & posted else held for number, held in kept.items()
    }
    dumps = []
    with tempfile.TemporaryDirectory() as folder:
        for name, scripts in (("right", ([], [])), ("wrong", (list(first), list(second)))):
            out, clock = Path(folder) / name, Clock()
            all_runs(Scripted(at_first, scripts[0]), out, clock)
            assert numbers(out) == sorted(posted)
            all_runs(Scripted(then, scripts[1]), out, clock)
            dumps.append([{k: v for k, v in line.items() if k != "noticed_at"} for line in lines(out)])
    assert dumps[0] == dumps[1]
    assert [line["id"] for line in dumps[1] if line["_"] == "MessageEmpty"] == sorted(lost & posted)
    assert [line["id"] for line in dumps[1] if line.get("message")] == sorted((edited & posted) - lost)


@given(numbers=some_numbers, cursor=st.integers(0, 60), order=st.randoms())
def test_a_step_takes_what_is_behind_the_cursor_once_in_order(numbers: set[int], cursor: int, order: Any) -> None:
    page = [message(number) for number in [*numbers, *numbers]]
    order.shuffle(page)
    taken = step(42, cursor, page)
    assert [record["id"] for record in taken.new] == sorted(number for number in numbers if number > cursor)
    assert taken.numbers == tuple(record["id"] for record in taken.new)
    assert taken.joined == (cursor in numbers)
    assert step(7, cursor, page).numbers == ()
