"""What follows from where reading stands and what Telegram answers: values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tutela.collect.records import DELETED, Record, deletion_record, is_edited


@dataclass(frozen=True, slots=True)
class Step:
    """What a page of messages brings.

    `numbers` are those behind the cursor, in order, each once, and `new` their messages: one that was gone before
    anybody looked has a number only. `joined` says that the page visibly goes on where reading stands: it holds the
    number at the cursor. Where it does not, a page may be missing in between.
    """

    numbers: tuple[int, ...]
    new: tuple[Record, ...]
    joined: bool


def step(channel: int, cursor: int, page: Iterable[Record]) -> Step:
    """Sorts a page that was asked for with the number `cursor` as its first; 0 where nothing was read yet.

    Pages come in any order, with repetitions, with old messages among them, and once in a while for another channel.
    """
    numbered = {record["id"]: record for record in page if belongs(channel, record)}
    numbers = tuple(sorted(number for number in numbered if number > cursor))
    new = tuple(numbered[number] for number in numbers if numbered[number]["_"] != DELETED)
    return Step(numbers, new, cursor in numbered)


def changes(
    channel: int, held: Mapping[int, Record], answers: Iterable[Record], noticed: datetime
) -> tuple[list[Record], list[Record]]:
    """Edited messages and deletions among messages `held` that were asked for again, each in the order of numbers.

    A message that Telegram does not answer for at all is taken for neither.
    """
    found = {record["id"]: record for record in answers if record["id"] in held and belongs(channel, record)}
    gone = [number for number in sorted(found) if found[number]["_"] == DELETED]
    edited = [found[n] for n in sorted(found) if n not in gone and is_edited(held[n], found[n])]
    return edited, [deletion_record(channel, number, noticed) for number in gone]


def belongs(channel: int, record: Record) -> bool:
    """Whether a record is of this channel; what is deleted does not always say where it was."""
    peer = record.get("peer_id")
    return bool(peer.get("channel_id") == channel if peer else record["_"] == DELETED)
