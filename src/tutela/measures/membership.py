"""Memberships, and how many people may be behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tutela.measures.columns import UNDATED, UNKNOWN, Observations
from tutela.measures.overlap import Overlap, unique_people
from tutela.measures.parts import in_order
from tutela.measures.people import active
from tutela.measures.suppression import SMALLEST
from tutela.measures.timeline import instant, window
from tutela.model import Measure, Part, Window

_UNKNOWN = "No channel's member count is known."
_WITHHELD = f"Suppressed: the figure would tell the size of a group of fewer than {SMALLEST} people."


@dataclass(frozen=True, slots=True)
class _Counts:
    """The latest known member counts, and what of them may be published.

    `members` and `rows` (of the readings) are by the position of the chat. Counts below ten are withheld, and with them
    the sum: all that is told follows from which counts these are and from the other ones.
    """

    chats: int
    members: dict[int, int]
    rows: dict[int, int]

    @property
    def completeness(self) -> float | None:
        """The share of chats whose count is known."""
        return len(self.members) / self.chats if self.chats else None

    @property
    def small(self) -> frozenset[int]:
        """The chats whose count is withheld."""
        return frozenset(chat for chat, count in self.members.items() if count < SMALLEST)

    @property
    def most(self) -> int:
        """The most that the withheld counts can add up to."""
        return (SMALLEST - 1) * len(self.small)

    @property
    def total(self) -> int | None:
        """The sum of the known counts; None where it is withheld, or nothing is known."""
        return None if self.small else self.low

    @property
    def low(self) -> int | None:
        """The least that the sum can be, as far as it may be told."""
        return sum(n for n in self.members.values() if n >= SMALLEST) if self.members else None

    @property
    def high(self) -> int | None:
        """The most that the sum can be, as far as it may be told; None where a count is unknown."""
        return None if self.low is None or len(self.members) < self.chats else self.low + self.most

    @property
    def largest(self) -> int | None:
        """The largest channel; 0 where all are withheld."""
        return max((n for n in self.members.values() if n >= SMALLEST), default=0) if self.members else None


def memberships(seen: Observations) -> Measure:
    """The latest known member counts added up."""
    counts = _latest(seen)
    return Measure(
        name="memberships",
        value=counts.total,
        low=counts.low,
        high=counts.high,
        unit="memberships",
        definition=(
            "Sum of the latest known member count of each channel, each of its own date. An unknown count is unknown "
            "and never 0. A membership is an account in a channel, not a person: who is in two channels counts twice."
        ),
        window=_window(seen, counts),
        completeness=counts.completeness,
        parts=in_order(_part(seen, counts, chat) for chat in seen.chats),
        note=_note(counts),
    )


def unique_members(seen: Observations) -> Measure:
    """What the counts say about how many different members there are: an interval."""
    counts = _latest(seen)
    chats = [chat for chat in seen.chats if chat not in counts.small]
    overlap = _overlap(seen, counts, chats) if counts.members and len(chats) > 1 else None
    narrowed = overlap is not None and overlap.point is not None
    return Measure(
        name="unique_members",
        value=counts.total if counts.chats == 1 else overlap.point if overlap else None,
        low=overlap.low if overlap and narrowed else counts.largest,
        high=overlap.cautious + counts.most if overlap and overlap.cautious is not None and narrowed else counts.high,
        unit="different members",
        definition=(
            "Different accounts among the members of all channels: at least those of the largest channel, at most the "
            "sum of all. Where enough people were seen active in two channels, their overlap narrows this to an "
            "estimate, from the lower end of its 95 % interval to the upper end that it has if accounts that never act "
            "were in one channel only (docs/statistics.md); one channel alone is exact."
        ),
        window=_window(seen, counts),
        completeness=counts.completeness,
        parts=in_order(_shared([seen.channels[chat].ref for chat in chats], overlap)) if overlap and narrowed else (),
        note=" ".join(filter(None, (_note(counts), overlap.reason if overlap else ""))),
    )


def _overlap(seen: Observations, counts: _Counts, chats: Sequence[int]) -> Overlap:
    """What the people who were seen active in these chats say."""
    members = np.array([counts.members.get(chat, UNKNOWN) for chat in chats], np.int64)
    person, channel, week = active(seen)
    there = np.isin(channel, chats)
    return unique_people(members, person[there], np.searchsorted(chats, channel[there]), week[there])


def _shared(refs: Sequence[str], overlap: Overlap) -> Iterator[Part]:
    for one, other in combinations(range(len(refs)), 2):
        key = " ".join(sorted((refs[one], refs[other])))
        if overlap.pairs[one, other] < SMALLEST:
            yield Part("overlap", key, None, f"fewer than {SMALLEST} people seen in both: suppressed")
        elif np.isfinite(overlap.shared[one, other]):
            yield Part("overlap", key, round(float(overlap.shared[one, other])))


def _latest(seen: Observations) -> _Counts:
    chats = seen.chats
    latest = seen.readings.latest(seen.readings.members, UNKNOWN)
    sizes = {chat: int(seen.readings.members[latest[chat]]) for chat in chats if chat in latest}
    return _Counts(len(chats), members=sizes, rows={chat: latest[chat] for chat in sizes})


def _part(seen: Observations, counts: _Counts, chat: int) -> Part:
    ref = seen.channels[chat].ref
    if chat not in counts.members:
        return Part("channel", ref, None, "unknown")
    read = _read(int(seen.readings.at[counts.rows[chat]]))
    if chat in counts.small:
        return Part("channel", ref, None, f"fewer than {SMALLEST}: suppressed; {read}")
    return Part("channel", ref, counts.members[chat], read)


def _read(at: int) -> str:
    return "date of the reading unknown" if at == UNDATED else f"read {instant(at):%Y-%m-%d}"


def _note(counts: _Counts) -> str:
    if not counts.members:
        return _UNKNOWN
    notes = [_WITHHELD] if counts.small else []
    if missing := counts.chats - len(counts.members):
        notes.append(
            f"The count of {missing} of {counts.chats} channels is unknown, so nothing bounds the sum from above."
        )
    return " ".join(notes)


def _window(seen: Observations, counts: _Counts) -> Window | None:
    return window(seen.readings.at[np.array(list(counts.rows.values()), dtype=np.intp)])
