"""What followed when channels were reported."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import STATES, UNDATED, UNKNOWN, Observations
from tutela.measures.effect import HORIZONS, RECOVERY, Effect, Outcome, effect
from tutela.measures.interrupted import AFTER, BEFORE, Interruption, interruption
from tutela.measures.intervals import FEWEST, Estimate
from tutela.measures.network import ties
from tutela.measures.timeline import WEEK, window
from tutela.model import ChannelState, Measure, Part, PostKind

_ACCESSIBLE = STATES.index(ChannelState.ACCESSIBLE)
_UNTOLD = STATES.index(ChannelState.UNKNOWN)

_Ints = NDArray[np.int64]


def report_effect(seen: Observations) -> Measure:
    """How much less reported channels post afterwards than unreported ones, and what else became of them."""
    reports = np.array(seen.reported, np.int64).reshape(-1, 2)
    reports = reports[np.isin(reports[:, 0], seen.chats)]
    after = effect(seen.readings, len(seen.channels), reports, _successors(seen, reports))
    posting = _posting(seen, reports)
    change = posting.ratio.through(lambda ratio: 100 * (ratio - 1))
    return Measure(
        name="report_effect",
        value=change.point,
        low=change.low,
        high=change.high,
        unit="% more posts than unreported channels",
        definition=(
            f"The change in the rate of posts of reported channels, from up to {BEFORE} weeks before their report to "
            f"up to {AFTER} weeks after it, beyond their trend, relative to unreported channels in the same weeks (an "
            "interrupted time series with a comparison group, 95 %). -30 % means that three tenths of the posts went "
            "missing. Beside it stands how many changed their state, how soon, whether they came back or were "
            "replaced, and how their members fared."
        ),
        window=window(reports[:, 1], seen.posts.at[seen.of_chats(seen.posts.channel)]) if len(reports) else None,
        completeness=None,
        parts=(*_states(after), *_replaced(after), *_rates(after, posting)) if len(reports) else (),
        note=_note(seen, reports, posting),
    )


def _note(seen: Observations, reports: _Ints, posting: Interruption) -> str:
    if not len(reports):
        return "No report is known: put reports.json beside the source."
    reported = np.unique(reports[:, 0]).size
    told = f"{reported} of {len(seen.chats)} channels were reported."
    if posting.ratio.point is None:
        return (
            f"{told} Fewer than {FEWEST} reported and {FEWEST} unreported channels can be compared over enough weeks."
        )
    return f"{told} {posting.reported} reported and {posting.unreported} unreported channels are compared."


def _states(after: Effect) -> Iterator[Part]:
    for name, outcome in (("reported", after.reported), ("unreported", after.unreported), ("back", after.back)):
        whole = f"{outcome.changed} of {outcome.channels} channels"
        for days, share in zip(HORIZONS, outcome.within, strict=True):
            yield _part("state", f"{name} within {days} days", share, whole)
        yield _part("state", f"{name} median days", outcome.median, _median(outcome))


def _median(outcome: Outcome) -> str:
    return f"{outcome.changed} of {outcome.channels} channels" + (
        "; fewer than half changed" if outcome.median.point is None and outcome.channels else ""
    )


def _replaced(after: Effect) -> Iterator[Part]:
    yield _part("replaced", "came back or have a successor", after.replaced, "of the reported channels that changed")


def _rates(after: Effect, posting: Interruption) -> Iterator[Part]:
    yield _part("members", f"after {RECOVERY} days", after.members, "relative to unreported channels")
    yield _part("posts", "beyond the trend", posting.ratio, "relative to unreported channels")
    yield _part("posts", "if trends were alike", posting.alike, "relative to unreported channels")


def _part(by: str, key: str, estimate: Estimate, note: str) -> Part:
    """An estimate as a part: its 95 % interval stands in the note."""
    if estimate.point is None:
        least = "" if estimate.low is None else f"; at least {estimate.low:.3g} (95 %)"
        return Part(by, key, None, f"{note}{least}")
    low, high = ("no limit" if end is None else f"{end:.3g}" for end in (estimate.low, estimate.high))
    return Part(by, key, estimate.point, f"{low} to {high} (95 %); {note}")


def _posting(seen: Observations, reports: _Ints) -> Interruption:
    """Weekly messages of each chat, over the whole weeks in which it was observed."""
    chats = np.array(seen.chats, np.int64)
    rows = seen.posts.of_kind(PostKind.MESSAGE)
    rows = rows[(seen.posts.at[rows] != UNDATED) & np.isin(seen.posts.channel[rows], chats)]
    week = seen.posts.at[rows] // WEEK
    if not rows.size or not len(reports):
        empty = np.zeros((chats.size, 0), np.int64)
        return interruption(empty, empty.astype(np.bool_), np.full(chats.size, UNKNOWN))
    first, weeks = int(week.min()), int(week.max() - week.min()) + 1
    place = np.searchsorted(chats, seen.posts.channel[rows])
    counts = np.bincount(place * weeks + week - first, minlength=chats.size * weeks).reshape(chats.size, weeks)
    start = np.full(chats.size, weeks)
    np.minimum.at(start, place, week - first)
    end = np.minimum(_gone(seen, chats) // WEEK - first, weeks - 1)  # the last week is cut off by the reading
    spans = np.arange(weeks)
    observed = (spans > start[:, None]) & (spans < end[:, None])
    report = np.zeros(chats.size, np.int64)
    for channel, at in _latest_first(reports):
        report[np.searchsorted(chats, channel)] = at // WEEK + 1 - first
    reported = np.isin(chats, reports[:, 0])
    kept = ~reported | (report >= 0) & (report < weeks)  # what was reported at another time is neither side
    return interruption(counts[kept], observed[kept], np.where(reported, report, UNKNOWN)[kept])


def _latest_first(reports: _Ints) -> list[tuple[int, int]]:
    """So that of several reports of a channel the first is the last to be taken."""
    return sorted(((int(channel), int(at)) for channel, at in reports), key=lambda each: -each[1])


def _gone(seen: Observations, chats: _Ints) -> _Ints:
    """When each chat was first read as no longer accessible; far in the future for those that never were."""
    gone = np.full(len(seen.channels), np.iinfo(np.int64).max // 2)
    readings = seen.readings
    told = (readings.at != UNDATED) & (readings.state != _UNTOLD) & (readings.state != _ACCESSIBLE)
    np.minimum.at(gone, readings.channel[told], readings.at[told])
    return gone[chats]


def _successors(seen: Observations, reports: _Ints) -> _Ints:
    """Pairs of a reported channel and one that it led to, and whose first post came, after the report."""
    first = np.full(len(seen.channels), np.iinfo(np.int64).max)
    dated = seen.posts.at != UNDATED
    np.minimum.at(first, seen.posts.channel[dated], seen.posts.at[dated])
    reported = dict(_latest_first(reports))
    tied = ties(seen)
    at = seen.posts.at[seen.edges.post[tied.row]]
    pairs = {
        (source, target)
        for source, target, when in zip(tied.source.tolist(), tied.target.tolist(), at.tolist(), strict=True)
        if source in reported and target < tied.observed and min(when, int(first[target])) > reported[source]
    }
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
