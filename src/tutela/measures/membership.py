"""Memberships, and how many people may be behind them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import ceil

import numpy as np

from tutela.measures.columns import UNDATED, UNKNOWN, Observations
from tutela.measures.overlap import Overlap, unique_people
from tutela.measures.parts import in_order
from tutela.measures.people import active
from tutela.measures.suppression import SMALLEST, hidden_beside_total
from tutela.measures.timeline import instant, window
from tutela.model import Measure, Part, Window

_UNKNOWN = "No channel's member count is known."
_WITHHELD = f"Suppressed: the figure would tell the size of a group of fewer than {SMALLEST} people."


@dataclass(frozen=True, slots=True)
class _Counts:
    """The latest known member counts, and what of them may be published.

    `members` and `rows` (of the readings) are by the position of the chat; the counts of those that are `hidden` are
    withheld. `total` is None where the sum is withheld too, or nothing is known.
    """

    chats: int
    members: dict[int, int]
    rows: dict[int, int]
    hidden: frozenset[int]
    total: int | None

    @property
    def completeness(self) -> float | None:
        """The share of chats whose count is known."""
        return len(self.members) / self.chats if self.chats else None

    @property
    def large(self) -> int:
        """How many counts are not small: that much is told of every count."""
        return sum(count >= SMALLEST for count in self.members.values())

    @property
    def low(self) -> int | None:
        """The least that the sum can be, as far as it may be told."""
        if not self.members:
            return None
        return SMALLEST * self.large if self.total is None else self.total

    @property
    def high(self) -> int | None:
        """The most that the sum can be; None where a count is unknown or may not be told."""
        if not self.members or len(self.members) < self.chats:
            return None
        if self.total is None:
            return None if self.large else (SMALLEST - 1) * self.chats
        return self.total

    @property
    def largest(self) -> int | None:
        """The largest channel, or where that is withheld, what the published figures say it has at least."""
        if self.total is None or not self.members:
            return None if self.low is None else min(self.low, SMALLEST)
        shown = [count for chat, count in self.members.items() if chat not in self.hidden]
        return max(shown, default=ceil(self.total / len(self.members)))


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
    overlap = _overlap(seen, counts) if counts.total is not None and counts.chats > 1 else None
    narrowed = overlap is not None and overlap.point is not None
    return Measure(
        name="unique_members",
        value=counts.total if counts.chats == 1 else overlap.point if overlap else None,
        low=overlap.low if overlap and narrowed else counts.largest,
        high=overlap.cautious if overlap and narrowed else counts.high,
        unit="different members",
        definition=(
            "Different accounts among the members of all channels: at least those of the largest channel, at most the "
            "sum of all. Where enough people were seen active in two channels, their overlap narrows this to an "
            "estimate, from the lower end of its 95 % interval to the upper end that it has if accounts that never act "
            "were in one channel only (docs/statistics.md); one channel alone is exact."
        ),
        window=_window(seen, counts),
        completeness=counts.completeness,
        parts=in_order(_shared(seen, overlap)) if overlap and narrowed else (),
        note=" ".join(filter(None, (_note(counts), overlap.reason if overlap else ""))),
    )


def _overlap(seen: Observations, counts: _Counts) -> Overlap:
    """What the people who were seen active say; only the chats among the channels."""
    chats = np.array(seen.chats, np.int64)
    members = np.array([counts.members.get(chat, UNKNOWN) for chat in seen.chats], np.int64)
    person, channel, week = active(seen)
    there = np.isin(channel, chats)
    return unique_people(members, person[there], np.searchsorted(chats, channel[there]), week[there])


def _shared(seen: Observations, overlap: Overlap) -> Iterator[Part]:
    refs = [seen.channels[chat].ref for chat in seen.chats]
    for one, other in combinations(range(len(refs)), 2):
        both = int(overlap.pairs[one, other])
        key = " ".join(sorted((refs[one], refs[other])))
        if both < SMALLEST:
            yield Part("overlap", key, None, f"fewer than {SMALLEST} people seen in both: suppressed")
        elif np.isfinite(overlap.shared[one, other]):
            yield Part("overlap", key, round(float(overlap.shared[one, other])), f"{both} people seen in both")


def _latest(seen: Observations) -> _Counts:
    chats = seen.chats
    latest = seen.readings.latest(seen.readings.members, UNKNOWN)
    sizes = {chat: int(seen.readings.members[latest[chat]]) for chat in chats if chat in latest}
    hidden = hidden_beside_total(list(sizes.values()))
    smallest_first = sorted(sizes, key=lambda chat: (sizes[chat], seen.channels[chat].ref))
    return _Counts(
        chats=len(chats),
        members=sizes,
        rows={chat: latest[chat] for chat in sizes},
        hidden=frozenset(smallest_first[:hidden]),
        total=None if hidden is None or not sizes else sum(sizes.values()),
    )


def _part(seen: Observations, counts: _Counts, chat: int) -> Part:
    ref = seen.channels[chat].ref
    if chat not in counts.members:
        return Part("channel", ref, None, "unknown")
    read = _read(int(seen.readings.at[counts.rows[chat]]))
    if chat not in counts.hidden:
        return Part("channel", ref, counts.members[chat], read)
    small = counts.members[chat] < SMALLEST
    why = f"fewer than {SMALLEST}: suppressed" if small else "suppressed so that another cell cannot be worked out"
    return Part("channel", ref, None, f"{why}; {read}")


def _read(at: int) -> str:
    return "date of the reading unknown" if at == UNDATED else f"read {instant(at):%Y-%m-%d}"


def _note(counts: _Counts) -> str:
    if not counts.members:
        return _UNKNOWN
    notes = [_WITHHELD] if counts.total is None else []
    if missing := counts.chats - len(counts.members):
        notes.append(
            f"The count of {missing} of {counts.chats} channels is unknown, so nothing bounds the sum from above."
        )
    return " ".join(notes)


def _window(seen: Observations, counts: _Counts) -> Window | None:
    return window(seen.readings.at[np.array(list(counts.rows.values()), dtype=np.intp)])
