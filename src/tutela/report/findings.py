"""What a plot or a figure says, as a sentence computed from the data. Pure functions."""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate

from tutela.model import Match, Measure, Tier, Window
from tutela.model.figures import Number
from tutela.report.wording import Words, capital, is_month

LONGEST = 240
"""Months that one plot shows at most (twenty years); a longer gap in the data is not filled."""

STEADY = 0.1
"""A last month within a tenth of the first counts as no change."""

PEAK = 1.5
"""A month in between is named as the peak when it is half as high again as both ends."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a series; `value` None is unknown, `partial` says that the window covers only part of it."""

    key: str
    value: Number | None
    partial: bool = False


def months(measure: Measure) -> tuple[Month, ...]:
    """The measure's parts by month, in order; a month that is missing in between is unknown."""
    values = {part.key: part.value for part in measure.parts if part.by == "month" and is_month(part.key)}
    if not values:
        return ()
    first, last = _index(min(values)), _index(max(values))
    whole = last - first < LONGEST
    keys = [_key(i) for i in range(first, last + 1)] if whole else sorted(values)[-LONGEST:]
    return tuple(Month(key, values.get(key), _partial(key, measure.window)) for key in keys)


def growth_title(words: Words, series: Sequence[Month]) -> str:
    """What happened to the number of images between the first and the last month that are whole."""
    known = [(month, month.value) for month in series if month.value is not None]
    if not known:
        return words.say("growth_unknown")
    (first, value), (last, _) = known[0], known[-1]
    if len(known) == 1:
        return words.say("growth_one", images=words.say("count_images", n=value), month=words.month(first.key))
    if not any(value for _, value in known):
        return words.say("growth_none", first=words.month(first.key), last=words.month(last.key))
    whole = [pair for pair in known if not pair[0].partial]
    if len(whole) < 2:
        images = words.say("count_images", n=sum(value for _, value in known))
        return words.say("growth_short", images=images, first=words.month(first.key), last=words.month(last.key))
    if not any(value for _, value in whole):
        start, end = words.month(whole[0][0].key), words.month(whole[-1][0].key)
        return words.say("growth_none_whole", first=start, last=end)
    return _change(words, whole)


def _change(words: Words, known: Sequence[tuple[Month, Number]]) -> str:
    (start, first), (end, last) = known[0], known[-1]
    top, most = max(known, key=lambda pair: pair[1])
    now = {"now": words.number(last), "last": words.month(end.key)}
    if most >= PEAK * max(first, last):
        return words.say("growth_peak", most=words.number(most), peak=words.month(top.key), **now)
    steady = abs(last - first) <= STEADY * first
    key = "growth_steady" if steady else "growth_rose" if last > first else "growth_fell"
    return words.say(key, then=words.number(first), first=words.month(start.key), **now)


def partial_note(words: Words, series: Sequence[Month]) -> str:
    """Which months the window covers only in part; empty when none."""
    names = [words.month(month.key) for month in series if month.partial]
    return words.say("growth_partial", months=words.listed(names)) if names else ""


def channels_title(words: Words, values: Sequence[Number | None], what: str) -> str:
    """How few channels account for half of `what`: memberships or images."""
    known = sorted((value for value in values if value is not None), reverse=True)
    total = sum(known)
    if not known:
        return words.say(f"few_{what}_unknown")
    counted = words.say(f"count_{what}", n=total)
    if len(values) == 1:
        return words.say(f"few_{what}_single", counted=counted)
    if len(known) == 1:
        return words.say("few_one_known", all=len(values), counted=counted)
    if not total:
        return words.say(f"few_{what}_zero", all=len(values))
    few = next(i for i, running in enumerate(accumulate(known), 1) if 2 * running >= total)
    share = words.percent(sum(known[:few]) / total)
    key = f"few_{what}_partly" if len(known) < len(values) else f"few_{what}"
    return words.say(key, n=few, all=len(values), share=share)


def images_title(words: Words, shared: Measure | None, unique: Measure | None) -> str:
    """How many of the images posted are different pictures."""
    if shared is not None and shared.high == 0:
        return words.say("images_none")
    if unique is None or _unknown(unique):
        return words.say("images_unknown")
    told = different(words, unique)
    if shared is None or _unknown(shared):
        return capital(told)
    return capital(words.say("images_among", n=_most(shared), different=told, shared=words.between(shared)))


def different(words: Words, unique: Measure) -> str:
    """`between 60 and 70 different pictures`, to stand within a sentence."""
    return words.say("images_different", n=_most(unique), different=words.between(unique))


def matches_title(words: Words, matches: Sequence[Match], cases: int) -> str:
    """How many matches, by tier, surest first."""
    if not matches:
        return words.say("matches_none" if cases else "matches_unlooked")
    tiers = Counter(match.tier for match in matches)
    shares = ", ".join(words.say(f"matches_{tier.value}", n=tiers[tier]) for tier in Tier if tiers[tier])
    return words.say("matches_found", matches=words.say("count_matches", n=len(matches)), shares=shares)


def _most(measure: Measure) -> Number:
    """The number that chooses the plural after an interval; not for one of which nothing is known."""
    return next(number for number in (measure.high, measure.low, measure.value, 0) if number is not None)


def _unknown(measure: Measure) -> bool:
    return measure.low is None and measure.high is None and measure.value is None


def _index(key: str) -> int:
    return int(key[:4]) * 12 + int(key[5:]) - 1


def _key(index: int) -> str:
    return f"{index // 12:04}-{index % 12 + 1:02}"


def _partial(key: str, window: Window | None) -> bool:
    if window is None:
        return False
    starts, ends = _day_in(window.start, key), _day_in(window.end, key)
    return (starts is not None and starts > 1) or (
        ends is not None and ends < monthrange(int(key[:4]), int(key[5:]))[1]
    )


def _day_in(moment: datetime, key: str) -> int | None:
    """The day of the month where `moment` lies in the month `key`, else None."""
    when = moment.astimezone(UTC)
    return when.day if f"{when.year:04}-{when.month:02}" == key else None
