"""Writes the whole invented ecosystem to a folder, and tells what a scan must find in it."""

import json
from dataclasses import dataclass
from pathlib import Path

from tutela.simulate.desktop import write_account, write_export
from tutela.simulate.ecosystem import ALTERATIONS, END, MONTHS, PLANS, PROTECTED, Chat, Picture, ecosystem
from tutela.simulate.folder import Story, told
from tutela.simulate.ndjson import write_lines
from tutela.simulate.pictures import ALTERED, drawn
from tutela.simulate.telethon import write_dump

EDITION = 2
"""Changed with the story, so that an older one on disk is written anew."""

OWNERS = ("first", "second", "withdrawn")
"""People who own the first drawings: ordinary ones, intimate ones, and ordinary ones that are withdrawn again."""

_DAMAGED_BYTES = 900


@dataclass(frozen=True, slots=True)
class World:
    """Where everything lies and what is in it.

    `owners` are folders of pictures that belong to one person each and are to be protected; the last owner's are to be
    withdrawn again before the scan. `planted` counts the postings of the other owners' pictures whose bytes a source
    carries, whole as they are; `altered` those of the first owner's ordinary pictures with part of them replaced.
    """

    channels: Path
    owners: tuple[Path, ...]
    planted: int
    altered: int
    posts: int


class _Story(Story, frozen=True):
    planted: int
    altered: int
    posts: int


def simulate(folder: Path, seed: int = 2020) -> World:
    """Writes seven channels with drawn pictures below `folder`, unless this story was told there to its end.

    Raises `SimulateError` as `told` does.
    """
    story = told(folder, _Story, EDITION, seed, lambda: _write(folder, seed))
    owners = tuple(folder / "owners" / name for name in OWNERS)
    return World(folder / "channels", owners, story.planted, story.altered, story.posts)


def _write(folder: Path, seed: int) -> _Story:
    chats = ecosystem(seed)
    for drawing in range(PROTECTED):
        _save(Picture(drawing, "same"), folder / "owners" / _owner(drawing) / f"{drawing:02}.jpg")
    _write_channels(folder / "channels", chats)
    messages = [message for chat in chats for message in chat.messages]
    dumped = chats[4]  # its form carries no pictures
    planted = [m for chat in chats if chat is not dumped for m in chat.messages if _is_planted(m.picture)]
    return _Story(EDITION, seed, len(planted), len(ALTERATIONS), len(messages))


def _owner(drawing: int) -> str:
    return ("first", "first", "first", "first", "second", "second", "second", "second", "withdrawn", "withdrawn")[
        drawing
    ]


def _is_planted(picture: Picture | None) -> bool:
    if picture is None or picture.drawing >= PROTECTED or _owner(picture.drawing) == OWNERS[-1]:
        return False
    return picture.edit != ALTERED and picture.included and not picture.damaged


def _write_channels(folder: Path, chats: list[Chat]) -> None:
    write_export(folder / "1-hub", chats[0], _save)
    write_export(folder / "2-group", chats[1], _save)
    write_export(folder / "3-of-2020", chats[2], _save, old=True)
    write_export(folder / "4-broken", chats[3], _save, broken=True)
    write_dump(folder / "5-dump.ndjson", chats[4])
    write_lines(folder / "6-exchange.ndjson", chats[5], _save)
    write_account(folder / "7-account", chats[6], _save)
    (folder / "channels.json").write_text(json.dumps(_readings(), indent=1), "utf-8")


def _readings() -> list[dict[str, object]]:
    times = (MONTHS[2], MONTHS[4], END)
    return [
        {
            "id": plan.number,
            "members": members,
            "at": at.isoformat(),
            "state": plan.state if at == END else "accessible",
        }
        for plan in PLANS
        for at, members in zip(times, plan.members, strict=True)
    ]


def _save(picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = drawn(picture.drawing, picture.edit)
    path.write_bytes(data[:_DAMAGED_BYTES] if picture.damaged else data)
