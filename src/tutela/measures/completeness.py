"""How much of what the channels hold was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tutela.measures.columns import Observations
from tutela.measures.parts import in_order
from tutela.measures.timeline import window
from tutela.model import Measure, Part


@dataclass(frozen=True, slots=True)
class _Span:
    """`seen` message numbers out of a range of so many."""

    seen: int
    numbers: int

    @property
    def share(self) -> float:
        return self.seen / self.numbers


def completeness(seen: Observations) -> Measure:
    """Message numbers seen, as a share of the range of numbers in which they lie."""
    spans = _spans(seen)
    share = _share(spans)
    return Measure(
        name="completeness",
        value=share,
        low=share,
        high=None if share is None else 1.0,
        unit="share of message numbers",
        definition=(
            "Message numbers seen, divided by the length of the range from the smallest to the largest number seen, "
            "added up over all channels. Negative numbers, from before a group's migration, form a range of their own."
        ),
        window=window(seen.posts.at[seen.of_chats(seen.posts.channel)]),
        completeness=share,
        parts=in_order(_part(seen.channels[channel].ref, span) for channel, span in spans.items()),
        note="Deleted messages leave gaps too, so that at least this share of what still stood in the range was read."
        if spans
        else "No message with a number was read.",
    )


def seen_share(seen: Observations) -> float | None:
    """The share of message numbers seen over all channels; None where no chat's posts were seen."""
    return _share(_spans(seen))


def _share(spans: Mapping[int, _Span]) -> float | None:
    return _sum(spans.values()).share if spans else None


def _part(ref: str, span: _Span) -> Part:
    return Part("channel", ref, span.share, f"{span.seen} of {span.numbers} message numbers")


def _sum(spans: Iterable[_Span]) -> _Span:
    seen, numbers = zip(*((span.seen, span.numbers) for span in spans), strict=True)
    return _Span(sum(seen), sum(numbers))


def _spans(seen: Observations) -> Mapping[int, _Span]:
    """By the position of each chat of which posts were seen. A range can be longer than 64 bits hold."""
    ranges = 2 * seen.posts.channel.astype(np.int64) + (seen.posts.number < 0)
    size = 2 * len(seen.channels)
    counts = np.bincount(ranges, minlength=size).tolist()
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, np.iinfo(np.int64).min)
    np.minimum.at(low, ranges, seen.posts.number)
    np.maximum.at(high, ranges, seen.posts.number)
    found = [_Span(n, int(high[i]) - int(low[i]) + 1) if n else None for i, n in enumerate(counts)]
    halves = {chat: [span for span in found[2 * chat : 2 * chat + 2] if span] for chat in seen.chats}
    return {chat: _sum(spans) for chat, spans in halves.items() if spans}
