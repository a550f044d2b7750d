"""Whether intervals hold the truth as often as they say: the statistics on populations whose truth is known.

    .venv/bin/python bench/calibration.py [--runs 200] [--first 1000]

Prints the Markdown tables of `docs/statistics.md`, in some three minutes on one core. The same seeds give the same
tables. Every share stands in percent with Wilson's 95 % interval for the number of runs behind it.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy is loaded

from tutela.measures.changes import change_points, growth_rate
from tutela.measures.effect import effect
from tutela.measures.interrupted import interruption
from tutela.measures.intervals import Estimate, wilson
from tutela.measures.overlap import unique_people
from tutela.simulate.population import (
    DOUBLING,
    IMAGES,
    CrowdPlan,
    FatePlan,
    PostingPlan,
    SeriesPlan,
    crowd,
    fates,
    posting,
    series,
)

REPLICATES = 60
DROP = 0.7
Said = Iterator[tuple[str, bool | None]]
Trial = Callable[[int], Said]


def holds(estimate: Estimate, truth: float) -> bool | None:
    """Whether the interval holds the truth; None where nothing was said."""
    if estimate.low is None:
        return None
    return estimate.low <= truth and (estimate.high is None or truth <= estimate.high)


def overlap(plan: CrowdPlan, seed: int) -> Said:
    true = crowd(seed, plan)
    found = unique_people(true.members, true.person, true.channel, true.week, replicates=REPLICATES)
    told = found.point is not None and found.high is not None
    yield "unique members", found.low <= true.unique <= found.high if told and found.high is not None else None
    yield "up to the cautious end", found.low <= true.unique <= (found.cautious or 0) if told else None
    yield "within a quarter", abs(found.point / true.unique - 1) < 0.25 if found.point is not None else None


def interrupted(plan: PostingPlan, gap: int, seed: int) -> Said:
    true = posting(seed, plan)
    found = interruption(true.counts, true.observed, true.report, gap=gap)
    for name, estimate in (("", found.ratio), (", trends alike", found.alike)):
        yield f"ratio{name}", holds(estimate, plan.effect)
        yield f"effect found{name}", not holds(estimate, 1.0)


def outcomes(plan: FatePlan, seed: int) -> Said:
    true = fates(seed, plan)
    found = effect(true.readings, true.channels, true.reports, true.successors)
    for name, shares, truths in (
        ("changed, reported", found.reported.within, true.changed),
        ("changed, unreported", found.unreported.within, true.idle),
        ("back again", found.back.within, true.back),
    ):
        for days, share, truth in zip((30, 90), shares, truths, strict=True):
            yield f"{name}: {days} days", holds(share, truth)
    yield "median days to change", holds(found.reported.median, true.median)
    yield "ratio of members", holds(found.members, true.recovery)


def changes(plan: SeriesPlan, seed: int) -> Said:
    true = series(seed, plan)
    found = change_points(true.counts, seed=seed)
    yield "change found", bool(found)
    if true.at is not None and found:
        nearest = min(found, key=lambda change: abs(change.at - (true.at or 0)))
        yield "its place", nearest.low <= true.at <= nearest.high


def growing(plan: SeriesPlan, seed: int) -> Said:
    true = series(seed, plan)
    found = growth_rate(true.counts)
    yield "rate", None if found is None else holds(found.rate, true.rate)


DEFAULT: dict[str, dict[str, Trial]] = {
    "Overlap": {"16 channels, 9,000 people": partial(overlap, CrowdPlan())},
    "Reports": {
        "12 reported, 20 not": partial(outcomes, FatePlan(reported=12, unreported=20)),
        "40 reported, 60 not": partial(outcomes, FatePlan()),
    },
    "Interrupted series": {
        "nothing happened": partial(interrupted, PostingPlan(), 0),
        "30 % fewer posts": partial(interrupted, PostingPlan(effect=DROP), 0),
    },
    "Change points": {
        "flat, 24 counts": partial(changes, SeriesPlan()),
        "flat, 104 counts": partial(changes, SeriesPlan(steps=104)),
        "doubling in 24 counts": partial(changes, DOUBLING),
    },
    "Growth": {"threefold in 7 months": partial(growing, IMAGES), "flat, 24 weeks": partial(growing, SeriesPlan())},
}

HARD: dict[str, dict[str, Trial]] = {
    "Overlap": {
        "activity gamma, shape 0.3": partial(overlap, CrowdPlan(tail=0.3)),
        "activity with SD 2 of logs": partial(overlap, CrowdPlan(spread=2.0)),
        "80 % never act": partial(overlap, CrowdPlan(lurkers=0.8, people=20_000)),
        "a third of the acts": partial(overlap, CrowdPlan(rate=0.12, people=20_000)),
        "people stay 8 of 26 weeks": partial(overlap, CrowdPlan(stay=8)),
        "the keen are more active": partial(overlap, CrowdPlan(keen=0.5)),
        "10 % bought accounts": partial(overlap, CrowdPlan(bought=0.1)),
        "30 % bought accounts": partial(overlap, CrowdPlan(bought=0.3)),
    },
    "Reports": {
        "12 and 20, read once a week": partial(outcomes, FatePlan(reported=12, unreported=20, every=7)),
        "reports change nothing": partial(outcomes, FatePlan(reported=12, unreported=20, hazard=0.003, recovery=1.0)),
    },
    "Interrupted series": {
        f"{name}, {what}": partial(interrupted, PostingPlan(effect=size, **plan), gap)
        for name, gap, plan in (
            ("noisy (dispersion 0.3, wander 0.4)", 0, {"dispersion": 0.3, "wander": 0.4}),
            ("autocorrelation 0.8", 0, {"memory": 0.8, "wander": 0.3}),
            ("6 posts a week", 0, {"posts": 6.0}),
            ("4 reported, 6 not", 0, {"reported": 4, "unreported": 6}),
            ("reports over 8 weeks, channels lost", 0, {"stagger": 8, "loss": 0.05}),
            ("growing ones are reported", 0, {"favour": 0.01}),
            ("reported after a burst", 0, {"spike": 0.4}),
            ("reported after a burst, gap of 4", 4, {"spike": 0.4}),
        )
        for what, size in (("nothing", 1.0), ("30 % fewer", DROP))
    },
    "Change points": {
        "flat, around 3": partial(changes, SeriesPlan(level=3.0)),
        "flat, dispersion 0.3": partial(changes, SeriesPlan(dispersion=0.3)),
        "flat, AR(1) of 0.5, SD 0.2": partial(changes, SeriesPlan(wander=0.2)),
        "flat, AR(1) of 0.7, SD 0.3": partial(changes, SeriesPlan(wander=0.3, memory=0.7)),
        "doubling, dispersion 0.2": partial(changes, SeriesPlan(factor=2.0, dispersion=0.2)),
    },
    "Growth": {
        "Poisson": partial(growing, SeriesPlan(steps=7, level=400.0, rate=0.18, dispersion=0.0)),
        "24 weeks, AR(1) of 0.5, SD 0.2": partial(growing, SeriesPlan(wander=0.2)),
    },
}


def table(title: str, trials: dict[str, Trial], seeds: range) -> None:
    """One row for each scenario; in percent, how often each figure was so among the runs that said anything."""
    rows: dict[str, dict[str, list[bool]]] = {}
    for scenario, trial in trials.items():
        tally: dict[str, list[bool]] = defaultdict(list)
        rows[scenario] = tally
        for seed in seeds:
            for name, said in trial(seed):
                tally[name] += [] if said is None else [said]
    names = list(dict.fromkeys(name for tally in rows.values() for name in tally))
    print(f"### {title} ({len(seeds)} runs)\n\n| scenario | {' | '.join(names)} |\n|---|{'--:|' * len(names)}")
    for scenario, told in rows.items():
        print(f"| {scenario} | {' | '.join(cell(told.get(name, [])) for name in names)} |")
    print(flush=True)


def cell(hits: list[bool]) -> str:
    """`94.0 (89.8–96.5)`: the share of hits in percent, with its interval."""
    if not hits:
        return ""
    low, high = (100 * end for end in wilson(sum(hits), len(hits)))
    return f"{100 * sum(hits) / len(hits):.1f} ({low:.0f}–{high:.0f})"


def main() -> None:
    """The default populations, and then what goes beyond what is assumed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=1_000, help="the first seed")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.runs)
    print("## As assumed\n")
    for title, trials in DEFAULT.items():
        table(title, trials, seeds)
    print("## Harder\n")
    for title, trials in HARD.items():
        table(title, trials, seeds if title != "Overlap" else seeds[: max(1, options.runs // 4)])


if __name__ == "__main__":
    main()
