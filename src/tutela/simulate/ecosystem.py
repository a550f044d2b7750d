"""Seven invented channels over seven months: who posts, what is forwarded, what it costs, who votes.

Everything follows from a seed, so that what a scan must find is known beforehand.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tutela.simulate.pictures import ALTERED, EDITS

MONTHS = tuple(datetime(2020, month, 1, tzinfo=UTC) for month in range(1, 8))
END = datetime(2020, 8, 1, tzinfo=UTC)
POOL = 150
"""Different drawings in circulation."""

PROTECTED = 9
"""So many of them, the first ones, belong to people who protect them."""

ALTERATIONS = ((0, 0), (1, 1), (2, 2), (3, 3), (0, 5), (1, 6))
"""Drawings of the first owner, who protects ordinary pictures, and the places in `PLANS` of the channels that each is
posted in with part of it replaced."""

UNFINDABLE = ((4, 0), (8, 1))
"""The same for an intimate picture and for one that is withdrawn: no altered copy of these may match."""

_PEOPLE = 400
_LINES = (
    "New pictures every evening, see the pinned message.",
    "Trial for free, then 100 coins for 100 pictures, valid for 7 days.",
    "12 tokens for $1.50, write to the desk.",
    "Invite three friends and get 5 tokens.",
    "Thanks to everybody who voted!",
    "The mirror of this channel is linked below.",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One channel before anything happens in it. `posts` is how many pictures a month it starts with."""

    number: int
    kind: str
    members: tuple[int | None, ...]
    posts: int
    growth: float
    state: str = "accessible"


PLANS = (
    Plan(1000000101, "public_channel", (21_400, 38_900, 45_210), 16, 1.25),
    Plan(1000000102, "private_supergroup", (6_100, 9_800, 18_740), 9, 1.15),
    Plan(1000000103, "public_channel", (9_050, 12_300, 15_120), 7, 1.1),
    Plan(1000000104, "public_supergroup", (4_400, 6_200, 11_030), 6, 1.2),
    Plan(1000000105, "public_channel", (2_900, 4_010, 6_950), 8, 1.0, "restricted"),
    Plan(1000000106, "public_channel", (1_750, 2_240, 4_030), 5, 1.3),
    Plan(1000000107, "private_channel", (None, None, None), 4, 1.1),
)
"""Seven channels with about 101,080 memberships where they are known, a hub among them."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One posting of drawing number `drawing`. `included` says whether the source carries its bytes."""

    drawing: int
    edit: str
    included: bool = True
    damaged: bool = False


@dataclass(slots=True)
class Message:
    """One post; `forwarded` is the number of the channel that it was carried over from."""

    number: int
    at: datetime
    author: int
    text: str = ""
    picture: Picture | None = None
    album: int | None = None
    forwarded: int | None = None
    reactions: int = 0
    poll: tuple[tuple[str, int], ...] = ()
    joined: bool = False


@dataclass(slots=True)
class Chat:
    """One channel with everything that happened in it, oldest first."""

    plan: Plan
    messages: list[Message] = field(default_factory=list)


def ecosystem(seed: int) -> list[Chat]:
    """What happens, for a seed."""
    fate = random.Random(seed)  # noqa: S311 - a story, not a secret
    told = [list(_happenings(plan, fate)) for plan in PLANS]
    for drawing, place in ALTERATIONS + UNFINDABLE:
        at, author = _moment(fate.choice(MONTHS), fate), _person(fate)
        told[place].append(Message(0, at, author, picture=Picture(drawing, ALTERED)))
    return [Chat(plan, list(_number(messages))) for plan, messages in zip(PLANS, told, strict=True)]


def _number(messages: Iterable[Message]) -> Iterator[Message]:
    """Message numbers in order of time, with a gap now and then where something was deleted."""
    number = 0
    for message in sorted(messages, key=lambda m: m.at):
        number += 1 + (number % 23 == 22)
        message.number = number
        yield message


def _happenings(plan: Plan, fate: random.Random) -> Iterator[Message]:
    for place, start in enumerate(MONTHS):
        for _ in range(round(plan.posts * plan.growth**place)):
            yield from _pictures(plan, start, fate)
        for _ in range(max(2, plan.posts // 2)):
            yield Message(
                0, _moment(start, fate), _person(fate), text=fate.choice(_LINES), reactions=fate.randrange(90)
            )
        yield Message(0, _moment(start, fate), _person(fate), joined=True)
    if plan.posts > 8:
        yield Message(0, _moment(MONTHS[-1], fate), _person(fate), poll=_poll(fate))


def _pictures(plan: Plan, start: datetime, fate: random.Random) -> Iterator[Message]:
    """One picture, or now and then an album; some are carried over from the hub or another channel."""
    at, author = _moment(start, fate), _person(fate)
    forwarded = fate.choice(PLANS).number if fate.random() < 0.3 else None
    together = fate.choice((1, 1, 1, 1, 3))
    for place in range(together):
        yield Message(
            0,
            at + timedelta(seconds=place),
            author,
            text=fate.choice(_LINES) if fate.random() < 0.2 else "",
            picture=_picture(fate),
            album=round(at.timestamp()) if together > 1 else None,
            forwarded=None if forwarded == plan.number else forwarded,
            reactions=fate.randrange(40),
        )


def _picture(fate: random.Random) -> Picture:
    drawing = min(int(fate.expovariate(1 / 45)), POOL - 1)
    chance = fate.random()
    return Picture(drawing, fate.choice(EDITS), included=chance > 0.06, damaged=chance > 0.985)


def _poll(fate: random.Random) -> tuple[tuple[str, int], ...]:
    return tuple((answer, fate.randrange(200, 4_000)) for answer in ("daily", "weekly", "less often"))


def _moment(month: datetime, fate: random.Random) -> datetime:
    return month + timedelta(seconds=fate.randrange(28 * 24 * 3600))


def _person(fate: random.Random) -> int:
    return 700_000 + min(int(fate.expovariate(1 / 60)), _PEOPLE - 1)
