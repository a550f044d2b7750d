"""What a plot or a figure says, as a sentence computed from the data. Pure functions."""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate

from tutela.model import Match, Measure, Tier, Window
from tutela.model.figures import Number
from tutela.report.wording import UNKNOWN, between, capital, count, is_month, month_name, number, percent

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


def growth_title(series: Sequence[Month]) -> str:
    """What happened to the number of images between the first and the last month that are whole."""
    known = [(month, month.value) for month in series if month.value is not None]
    if not known:
        return "How many images were posted each month is unknown"
    if len(known) == 1:
        return f"{_images(known[0][1])} in {month_name(known[0][0].key)}, the only month known"
    if not any(value for _, value in known):
        return f"No images in any known month {_span(known[0][0], known[-1][0], 'from', 'to')}"
    whole = [pair for pair in known if not pair[0].partial]
    return _change(whole if len(whole) > 1 and any(value for _, value in whole) else known)


def _change(known: Sequence[tuple[Month, Number]]) -> str:
    (start, first), (end, last) = known[0], known[-1]
    top, most = max(known, key=lambda pair: pair[1])
    now = f"{number(last)} in {month_name(end.key)}"
    if most >= PEAK * max(first, last):
        return f"Images per month peaked at {number(most)} in {month_name(top.key)} and stood at {now}"
    if abs(last - first) <= STEADY * first:
        return f"Images per month hardly changed: {number(first)} in {month_name(start.key)}, {now}"
    verb = "rose" if last > first else "fell"
    return f"Images per month {verb} {_span(start, end, f'from {number(first)} in', f'to {number(last)} in')}"


def partial_note(series: Sequence[Month]) -> str:
    """Which months the window covers only in part; empty when none."""
    names = [month_name(month.key) for month in series if month.partial]
    if not names:
        return ""
    return f"Outlined: {' and '.join(names)}, only partly covered by what was read."


def channels_title(values: Sequence[Number | None], noun: str, verb: str) -> str:
    """How few channels account for half of the `noun` (images, memberships), which they `verb` (posted, held)."""
    known = sorted((value for value in values if value is not None), reverse=True)
    total = sum(known)
    if not known:
        return f"How many {noun} each channel {verb} is unknown"
    some = noun.removesuffix("s") if total == 1 else noun
    if len(values) == 1:
        return f"One channel {verb} {number(total)} {some}"
    if len(known) == 1:
        return f"Known for one of {number(len(values))} channels: {number(total)} {some}"
    if not total:
        return f"No {noun} are known in {number(len(values))} channels"
    few = next(i for i, running in enumerate(accumulate(known), 1) if 2 * running >= total)
    who = f"{'One' if few == 1 else number(few)} of {number(len(values))} channels {verb}"
    limit = " that are known" if len(known) < len(values) else ""
    return f"{who} {percent(sum(known[:few]) / total)} of the {noun}{limit}"


def images_title(shared: Measure | None, unique: Measure | None) -> str:
    """How many of the images posted are different pictures."""
    if shared is not None and shared.high == 0:
        return "No images were posted"
    if unique is None or between(unique) == UNKNOWN:
        return "How many of the images are different pictures is unknown"
    posted = f" among {between(shared)} images posted" if shared is not None and between(shared) != UNKNOWN else ""
    return f"{capital(between(unique))} different pictures{posted}"


def matches_title(matches: Sequence[Match], cases: int) -> str:
    """How many matches, by tier, surest first."""
    if not cases and not matches:
        return "Nothing was looked for: the bank held no cases"
    if not matches:
        return "No copies of protected pictures were found"
    tiers = Counter(match.tier for match in matches)
    shares = ", ".join(f"{number(tiers[tier])} {tier.value}" for tier in Tier if tiers[tier])
    return f"{count(len(matches), 'match', 'matches')}: {shares}"


def _images(value: Number) -> str:
    return f"{number(value)} {'image' if value == 1 else 'images'}"


def _span(start: Month, end: Month, before: str, after: str) -> str:
    """`from 40 in May to 120 in July 2020`: the year once where both share it."""
    first, last = month_name(start.key), month_name(end.key)
    return f"{before} {first.split()[0] if first[-4:] == last[-4:] else first} {after} {last}"


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
