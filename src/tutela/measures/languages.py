"""Which languages messages are in."""

from collections import Counter
from collections.abc import Iterable

from tutela.measures.columns import LANGUAGES_AT_MOST, Observations, Spoken
from tutela.measures.intervals import wilson
from tutela.measures.parts import in_order
from tutela.measures.timeline import window
from tutela.model import Measure, Part, PostKind

ABSTAINED = "not told"
"""The key of the part for texts whose language cannot be told."""


def languages(seen: Observations) -> Measure:
    """Messages by language, where the language can be told."""
    spoken = [(seen.channels[place].ref, each) for place, each in enumerate(seen.spoken) if each.texts]
    texts = sum(each.texts for _, each in spoken)
    told = sum(_estimate(each, sum(n for code, n in each.counts.items() if code)) for _, each in spoken)
    low, high = _bounds([each for _, each in spoken])
    sampled = any(each.every > 1 for _, each in spoken)
    rows = seen.posts.of_kind(PostKind.MESSAGE)
    return Measure(
        name="languages",
        value=round(told),
        low=round(low),
        high=round(high),
        unit="messages whose language was told",
        definition=(
            "Messages with text, by the language they are written in. Short texts, names, links and numbers are not "
            f"told: they stand apart, as do texts where the guess is not clear. Of a channel with more than "
            f"{LANGUAGES_AT_MOST} texts an even sample is looked at and counted up. Channels stand with the share of "
            "their commonest language among the texts that were told."
        ),
        window=window(seen.posts.at[rows]) if texts else None,
        completeness=told / texts if texts else None,
        parts=_by_language(spoken) + in_order(_main(ref, each) for ref, each in spoken),
        note="Counted up from samples: the interval is that of sampling (95 %)." if sampled else "",
    )


def _estimate(spoken: Spoken, count: int) -> float:
    looked_at = sum(spoken.counts.values())
    return spoken.texts * count / looked_at if looked_at else 0.0


def _bounds(spoken: Iterable[Spoken]) -> tuple[float, float]:
    """Sampling error alone; whole channels have none."""
    low = high = spread = 0.0
    for each in spoken:
        looked_at, told = sum(each.counts.values()), sum(n for code, n in each.counts.items() if code)
        middle = _estimate(each, told)
        if each.every > 1:
            ends = wilson(told, looked_at)
            spread += ((ends[1] - ends[0]) / 2 * each.texts) ** 2
        low, high = low + middle, high + middle
    return max(low - spread**0.5, 0.0), high + spread**0.5


def _by_language(spoken: Iterable[tuple[str, Spoken]]) -> tuple[Part, ...]:
    counts: Counter[str] = Counter()
    for _, each in spoken:
        for code, count in each.counts.items():
            counts[code or ABSTAINED] += _estimate(each, count)  # type: ignore[assignment]
    return tuple(Part("language", code, round(count)) for code, count in sorted(counts.items()))


def _main(ref: str, spoken: Spoken) -> Part:
    told = {code: count for code, count in spoken.counts.items() if code}
    if not told:
        return Part("channel", ref, None, f"no language told among {spoken.texts} texts")
    code = max(sorted(told), key=lambda each: told[each])
    share = told[code] / sum(told.values())
    return Part("channel", ref, share, f"{code}; {sum(told.values())} of {sum(spoken.counts.values())} texts told")
