"""An invented ecosystem of the size that was published about 2020, so that its figures must come out again.

The figures are those of *Automating Image Abuse* (Sensity, October 2020) and the press on it. Everything else (who
posts, when in a month, in which channel) is made up. There are no pictures: exports say that they were not included.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from tutela.simulate.desktop import ABSENT, Entry
from tutela.simulate.folder import Story, told

EDITION = 1
"""Changed with the story, so that an older one on disk is written anew."""

MEMBERS = (45_216, 21_874, 14_390, 9_811, 5_122, 3_160, 1_507)
"""Of seven channels, in all 101,080; one hub above 45,000."""

IMAGES = (35_185, 20_480, 23_140, 26_047)
"""In April, May, June and July 2020: 104,852 by the end of July, which is 2.98 times as many as by the end of April."""

FROM_WHERE = (5_040, 900, 648, 360, 252)
"""Voters of a poll on where they come from, 7,200 in all; the first option is Russia and its neighbours: 70 %."""

OF_WHOM = (4_536, 1_152, 864, 648)
"""Voters of a poll on whose pictures they are after: people they know 63 %, well-known people 16 %."""

REPORTED = (0, 2)
"""Channels that were reported, and went on."""

PRICE = "100 ₽ за 100 фото на 7 дней"

_STARTS = tuple(datetime(2020, month, 1, tzinfo=UTC) for month in (4, 5, 6, 7))
_END = datetime(2020, 8, 1, tzinfo=UTC)
_REPORTED_AT = datetime(2020, 6, 8, tzinfo=UTC)
_PEOPLE = 30_000
_CHANNELS_OF_A_PERSON = ((1, 0.65), (2, 0.25), (3, 0.10))
_TEXTS = (
    "Всем привет, новые правила в закреплённом сообщении",
    "Спасибо всем, кто поддерживает наш канал",
    f"Премиум: {PRICE}, без очереди",
    "Подскажите пожалуйста, когда будет обновление?",
    "Кто знает, почему сегодня всё так медленно работает",
    "Голосуем за лучшую работу недели, результаты вечером",
    "Thanks for the update, it works much faster now",
)


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure, where it must be found, and as what."""

    said: str
    measure: str
    by: str
    note: str
    value: float


FIGURES = (
    Published("channels", "channels", "", "", 7),
    Published("memberships", "memberships", "", "", 101_080),
    Published("members of the hub, above 45,000", "memberships", "channel", "45216", 45_216),
    Published("images by the end of July 2020", "images_shared", "", "", 104_852),
    Published("growth in three months, in %", "growth", "", "", 198),
    Published("voters from Russia and neighbouring countries", "polls", "option", "5040 of 7200 voters", 0.70),
    Published("voters after people they know", "polls", "option", "4536 of 7200 voters", 0.63),
    Published("voters after well-known people", "polls", "option", "1152 of 7200 voters", 0.16),
)
"""What has to come out: the value of a measure, or of its part of that sort, told by its note or its value."""


@dataclass(frozen=True, slots=True)
class PublishedWorld:
    """The folder to scan, and how many different people its memberships stand for."""

    channels: Path
    unique: int


class _Story(Story, frozen=True):
    unique: int


def simulate_published(folder: Path, seed: int = 2020) -> PublishedWorld:
    """Writes the exports below `folder`, unless they are there. Raises `SimulateError` as `told` does."""
    channels = folder / "channels"
    story = told(folder, _Story, EDITION, seed, lambda: _Story(EDITION, seed, _write_all(channels, seed)))
    return PublishedWorld(channels, story.unique)


def _write_all(channels: Path, seed: int) -> int:
    fate = random.Random(seed)  # noqa: S311 - a story, not a secret
    crowd = [_Person(900_000 + n, fate.paretovariate(1.3), _channels_of(fate)) for n in range(_PEOPLE)]
    for place in range(len(MEMBERS)):
        _write(channels / f"{place + 1}", place, [person for person in crowd if place in person.channels], fate)
    (channels / "channels.json").write_text(json.dumps(_readings()), "utf-8")
    (channels / "reports.json").write_text(json.dumps(_reports()), "utf-8")
    return _unique(crowd)


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody out of the crowd, how much they post, and the channels they are in."""

    number: int
    liveliness: float
    channels: frozenset[int]


def _channels_of(fate: random.Random) -> frozenset[int]:
    counts, chances = zip(*_CHANNELS_OF_A_PERSON, strict=True)
    (many,), found = fate.choices(counts, chances), set[int]()
    while len(found) < many:
        found.update(fate.choices(range(len(MEMBERS)), MEMBERS))
    return frozenset(found)


def _unique(crowd: Sequence[_Person]) -> int:
    """Each member of a channel counts as one divided by the number of channels that they are in."""
    total = 0.0
    for place, members in enumerate(MEMBERS):
        shares = [1 / len(person.channels) for person in crowd if place in person.channels]
        total += members * sum(shares) / len(shares)
    return round(total)


def _number(place: int) -> int:
    return 1_200_000_101 + place


def _write(folder: Path, place: int, crowd: Sequence[_Person], fate: random.Random) -> None:
    """One export, message by message: the largest has some fifty thousand."""
    folder.mkdir(parents=True)
    head = {"name": f"Channel {place + 1}", "type": "public_supergroup", "id": _number(place)}
    with (folder / "result.json").open("w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1] + ', "messages": [\n')
        for number, entry in enumerate(_entries(place, crowd, fate), 1):
            file.write(",\n" * (number > 1) + json.dumps({"id": number, **entry}, ensure_ascii=False))
        file.write("\n]}\n")


def _entries(place: int, crowd: Sequence[_Person], fate: random.Random) -> Iterator[Entry]:
    numbers, weights = [each.number for each in crowd], list(accumulate(each.liveliness for each in crowd))
    for month, start in enumerate(_STARTS):
        end = _STARTS[month + 1] if month + 1 < len(_STARTS) else _END
        images = _share(IMAGES[month], place)
        moments = sorted(fate.uniform(0, (end - start).total_seconds() - 1) for _ in range(images + images // 8))
        texts = set(fate.sample(range(len(moments)), images // 8))
        authors = fate.choices(numbers, cum_weights=weights, k=len(moments))
        for at, (seconds, author) in enumerate(zip(moments, authors, strict=True)):
            yield _message(start + timedelta(seconds=int(seconds)), place, author, fate, text=at in texts)
    if place == 0:
        yield _poll(_END - timedelta(hours=5), "Откуда вы?", FROM_WHERE)
        yield _poll(_END - timedelta(hours=4), "Кто вам интересен?", OF_WHOM)


def _share(images: int, place: int) -> int:
    """The images of one channel in a month, in proportion to its members; the hub takes what rounding leaves."""
    shares = [images * members // sum(MEMBERS) for members in MEMBERS]
    return shares[place] + (images - sum(shares) if place == 0 else 0)


def _message(at: datetime, place: int, person: int, fate: random.Random, *, text: bool) -> Entry:
    entry: Entry = {
        "type": "message",
        "date": f"{at:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": str(int(at.timestamp())),
        "from": f"Person {person}",
        "from_id": f"user{person}",
        "text": fate.choice(_TEXTS) if text else "",
    }
    if not text:
        entry |= {"photo": ABSENT, "width": 480, "height": 640}
        if place and fate.random() < 0.2:
            entry |= {"forwarded_from": "Channel 1", "forwarded_from_id": f"channel{_number(0)}"}
    return entry


def _poll(at: datetime, question: str, voters: tuple[int, ...]) -> Entry:
    answers = [{"text": f"Вариант {n}", "voters": count, "chosen": False} for n, count in enumerate(voters, 1)]
    poll = {"question": question, "closed": True, "total_voters": sum(voters), "answers": answers}
    return {
        "type": "message",
        "date": f"{at:%Y-%m-%dT%H:%M:%S}",
        "date_unixtime": str(int(at.timestamp())),
        "from_id": f"channel{_number(0)}",
        "text": "",
        "poll": poll,
    }


def _readings() -> list[Entry]:
    """Every two weeks from May on, growing; nothing happens to any channel."""
    times = [_END - timedelta(days=14 * back) for back in range(7)]
    return [
        {"id": _number(place), "members": round(members * 0.96**back), "at": at.isoformat(), "state": "accessible"}
        for place, members in enumerate(MEMBERS)
        for back, at in enumerate(times)
    ]


def _reports() -> list[Entry]:
    return [{"id": _number(place), "at": _REPORTED_AT.isoformat(), "to": "platform"} for place in REPORTED]
