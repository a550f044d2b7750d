"""An invented population whose truth is known: people, memberships, posting, reports and what becomes of channels.

It exists to prove the statistics (`docs/statistics.md`): each part yields what is true, and apart from it what an
observer would see. The same seed gives the same numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.measures.columns import STATES, UNKNOWN, Readings
from tutela.measures.timeline import DAY
from tutela.model import ChannelState

START = 1_577_836_800
"""The first second of 2020: all dates lie after it."""

ACTIVE_WEEKS = 26
"""For so many weeks it is observed who is active."""

_ACCESSIBLE = STATES.index(ChannelState.ACCESSIBLE)
_GONE = tuple(
    STATES.index(state)
    for state in (ChannelState.RESTRICTED, ChannelState.PRIVATE, ChannelState.FORBIDDEN, ChannelState.NOT_FOUND)
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """Who is in which channel, and how active.

    `people` may join channels, each of whom leans to one of `interests`. `reach` is the mean number of channels that
    they wish to join, `eagerness` the SD of its logs. A share `lurkers` never acts; the activity of the others has
    `spread` (SD of logs) between people, or is gamma distributed with the shape `tail`, and `whim` between the channels
    of one person. `rate` is the mean number of acts of a member in a channel.

    What an estimate may not reckon with: activity that goes with the wish to join to the power `keen`, accounts that
    were `bought` for one channel only (as a share of its members), and people who act during `stay` weeks only.
    """

    people: int = 9_000
    channels: int = 16
    interests: int = 4
    reach: float = 2.0
    eagerness: float = 0.7
    lurkers: float = 0.3
    spread: float = 1.3
    whim: float = 0.7
    rate: float = 0.35
    tail: float | None = None
    keen: float = 0.0
    bought: float = 0.0
    stay: int = ACTIVE_WEEKS


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """True memberships and what an observer sees of them.

    `unique` people are in at least one channel; `overlaps` (channels × channels) says how many are in both, on the
    diagonal in one. Seen are the `members` of each channel, and acts: row by row `person` (an id), `channel`, `week`.
    """

    unique: int
    overlaps: Ints
    members: Ints
    person: Ints
    channel: Ints
    week: Ints


@dataclass(frozen=True, slots=True)
class PostingPlan:
    """Weekly posts of channels, the first `reported` of which are reported from week `before` on.

    Rates start at a log-normal median of `posts` with SD of logs `size`; they follow a trend with mean `growth` and SD
    `slopes` a week, an AR(1) process of SD `wander` and autocorrelation `memory`, and shocks of SD `shocks` that all
    share. Counts are negative binomial: variance = mean + `dispersion` × mean². From its report on, a reported
    channel posts `effect` times as much. Reports are spread over `stagger` weeks more. A reported channel is lost from
    sight with the probability `loss` a week.

    What may mislead: `favour` is added to the trend of those that are reported, `spike` to their log rates in the four
    weeks before.
    """

    reported: int = 12
    unreported: int = 20
    before: int = 26
    after: int = 8
    posts: float = 25.0
    size: float = 0.8
    growth: float = 0.005
    slopes: float = 0.005
    wander: float = 0.2
    memory: float = 0.5
    shocks: float = 0.15
    dispersion: float = 0.1
    effect: float = 1.0
    stagger: int = 0
    loss: float = 0.0
    favour: float = 0.0
    spike: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Posting:
    """True `effect`, and what an observer sees: `counts` and whether `observed` (channels × weeks), `report` weeks.

    `report` holds the first week after the report, `UNKNOWN` for unreported channels.
    """

    effect: float
    counts: Ints
    observed: Bools
    report: Ints


@dataclass(frozen=True, slots=True)
class FatePlan:
    """What becomes of channels after reports.

    Each of the first `reported` channels is reported on some day of the third to tenth week. A channel changes its
    state with the hazard `base` a day, a reported one from its report on with `hazard`; it comes back with the hazard
    `back`. It is read every `every` days for `days` days. Members have a median of 3,000 at first; their logs grow by
    `growth` a week with SD `noise`. From its report on, those of a reported channel are multiplied by `recovery` over
    eight weeks. A share of the reported have `successors`.
    """

    reported: int = 40
    unreported: int = 60
    hazard: float = 0.012
    base: float = 0.003
    back: float = 0.02
    every: int = 2
    days: int = 180
    growth: float = 0.01
    noise: float = 0.03
    recovery: float = 0.9
    successors: float = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Fates:
    """What is true of reports, and what an observer sees.

    True shares within 30 and 90 days: reported channels that are `changed`, unreported ones (`idle`), and changed ones
    that are `back`; the `median` days until a change, and the ratio of members (`recovery`). Seen are `readings` of so
    many `channels`, `reports` (rows of channel and second) and `successors` (rows of channel and channel).
    """

    changed: tuple[float, float]
    idle: tuple[float, float]
    back: tuple[float, float]
    median: float
    recovery: float
    channels: int
    readings: Readings
    reports: Ints
    successors: Ints


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """Counts that start at `level`, grow by `rate` (of the logarithm) a step and change once by `factor`.

    They are negative binomial with `dispersion`; their log rate may wander by AR(1) with SD `wander` and `memory`.
    """

    steps: int = 24
    level: float = 20.0
    rate: float = 0.0
    factor: float = 1.0
    dispersion: float = 0.1
    wander: float = 0.0
    memory: float = 0.5


IMAGES = SeriesPlan(steps=7, level=400.0, rate=0.18, dispersion=0.03)
"""Images a month that grow about threefold in half a year."""

DOUBLING = SeriesPlan(factor=2.0)
"""Posts a week that double once."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The true growth `rate` a step, where the change lies (`at`, None without one), and the `counts` that are seen."""

    rate: float
    at: int | None
    counts: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """All of it, for one seed."""

    crowd: Crowd
    posting: Posting
    fates: Fates
    images: Series
    weekly: Series


def population(seed: int) -> Population:
    """Everything at its default size, with a report that takes away 30 % of the posts."""
    return Population(
        crowd(seed), posting(seed, PostingPlan(effect=0.7)), fates(seed), series(seed, IMAGES), series(seed, DOUBLING)
    )


def series(seed: int, plan: SeriesPlan) -> Series:
    """Counts, for a seed; a change lies somewhere in their middle third."""
    rng = np.random.default_rng([seed, 3])
    at = int(rng.integers(plan.steps // 3, plan.steps - plan.steps // 3 + 1))
    time = np.arange(plan.steps)
    log = np.log(plan.level) + plan.rate * time + np.log(plan.factor) * (time >= at)
    log += _wander(rng, (1, plan.steps), plan.wander, plan.memory)[0] - plan.wander**2 / 2
    counts = _negative_binomial(rng, np.exp(log), plan.dispersion)
    return Series(plan.rate, at if plan.factor != 1 else None, counts)


def crowd(seed: int, plan: CrowdPlan | None = None) -> Crowd:
    """People and their memberships, for a seed."""
    plan = plan or CrowdPlan()
    rng = np.random.default_rng([seed, 1])
    wish, member = _memberships(rng, plan)
    who, where = np.nonzero(member)
    activity = _activity(rng, plan) * wish**plan.keen
    rate = (activity / activity.mean())[who] * _lognormal(rng, plan.whim, who.size)
    acts = rng.poisson(plan.rate * _lognormal(rng, 0.5, plan.channels)[where] * rate)
    person = np.repeat(rng.permutation(plan.people)[who], acts)
    arrival = rng.integers(ACTIVE_WEEKS - plan.stay + 1, size=plan.people)
    sure = member.astype(np.float64)
    bought = np.round(member.sum(0) * plan.bought / (1 - plan.bought)).astype(np.int64)
    overlaps = (sure.T @ sure).astype(np.int64) + np.diag(bought)
    return Crowd(
        unique=int(member.any(1).sum() + bought.sum()),
        overlaps=overlaps,
        members=overlaps.diagonal(),
        person=person,
        channel=np.repeat(where, acts),
        week=arrival[person] + rng.integers(plan.stay, size=person.size),
    )


def _memberships(rng: np.random.Generator, plan: CrowdPlan) -> tuple[Floats, Bools]:
    """Each person's wish to join, and who is where (people × channels)."""
    appeal = 1 / np.arange(1, plan.channels + 1) ** 0.7
    leaning = rng.integers(plan.interests, size=plan.people)
    affinity = np.where(np.arange(plan.channels) % plan.interests == leaning[:, None], 3.0, 0.5)
    wish = _lognormal(rng, plan.eagerness, plan.people)
    pull = wish[:, None] * appeal * affinity
    return wish, rng.random(pull.shape) < -np.expm1(-plan.reach * pull / pull.sum(1).mean())


def _activity(rng: np.random.Generator, plan: CrowdPlan) -> Floats:
    if plan.tail is None:
        activity = _lognormal(rng, plan.spread, plan.people)
    else:
        activity = rng.gamma(plan.tail, 1 / plan.tail, plan.people)
    return activity * (rng.random(plan.people) >= plan.lurkers)


def posting(seed: int, plan: PostingPlan | None = None) -> Posting:
    """Weekly posts, for a seed."""
    plan = plan or PostingPlan()
    rng = np.random.default_rng([seed, 2])
    channels, weeks = plan.reported + plan.unreported, plan.before + plan.stagger + plan.after
    report = np.full(channels, UNKNOWN, dtype=np.int64)
    report[: plan.reported] = plan.before + rng.integers(plan.stagger + 1, size=plan.reported)
    slope = rng.normal(plan.growth, plan.slopes, channels) + plan.favour * (report >= 0)
    time = np.arange(weeks)
    log = np.log(plan.posts) + rng.normal(0, plan.size, channels)[:, None] + slope[:, None] * time
    log += _wander(rng, (channels, weeks), plan.wander, plan.memory) + rng.normal(0, plan.shocks, weeks)
    hit = (report[:, None] >= 0) & (time >= report[:, None])
    log += plan.spike * ((report[:, None] > time) & (report[:, None] <= time + 4))
    usual = _negative_binomial(rng, np.exp(log), plan.dispersion)
    counts = np.where(hit, _negative_binomial(rng, plan.effect * np.exp(log), plan.dispersion), usual)
    lost = np.cumsum((rng.random(log.shape) < plan.loss) & hit, axis=1) > 0
    return Posting(plan.effect, np.where(lost, 0, counts), ~lost, report)


def _negative_binomial(rng: np.random.Generator, mean: Floats, dispersion: float) -> Ints:
    """Counts of these means with variance mean + `dispersion` × mean²."""
    if not dispersion:
        return rng.poisson(mean)
    return rng.poisson(mean * rng.gamma(1 / dispersion, dispersion, mean.shape))


def _lognormal(rng: np.random.Generator, spread: float, size: int) -> Floats:
    """Mean 1."""
    return rng.lognormal(-(spread**2) / 2, spread, size)


def _wander(rng: np.random.Generator, shape: tuple[int, int], spread: float, memory: float) -> Floats:
    noise = rng.normal(0, spread, shape)
    for week in range(1, shape[1]):
        noise[:, week] = memory * noise[:, week - 1] + np.sqrt(1 - memory**2) * noise[:, week]
    return noise


def fates(seed: int, plan: FatePlan | None = None) -> Fates:
    """What becomes of channels, for a seed."""
    plan = plan or FatePlan()
    rng = np.random.default_rng([seed, 4])
    count = plan.reported + plan.unreported
    report = np.where(np.arange(count) < plan.reported, rng.integers(14, 70, count), UNKNOWN)
    days = np.arange(0, plan.days + 1)
    hit = (report[:, None] >= 0) & (days >= report[:, None])
    gone = _gone(rng, np.where(hit, plan.hazard, plan.base), plan.back)
    lost = np.clip((days - report[:, None]) / 56, 0, 1) * np.log(plan.recovery)
    noise = np.cumsum(rng.normal(plan.growth / 7, plan.noise / np.sqrt(7), gone.shape), axis=1)
    log = np.log(3_000) + rng.normal(0, 1, count)[:, None] + noise + np.where(hit, lost, 0)
    form = rng.choice(_GONE, size=count)
    first = rng.integers(plan.every, size=count)
    read = (days - first[:, None]) % plan.every == 0
    channel, day = np.nonzero(read)
    return Fates(
        changed=(_within(plan.hazard, 30), _within(plan.hazard, 90)),
        idle=(_within(plan.base, 30), _within(plan.base, 90)),
        back=(_within(plan.back, 30), _within(plan.back, 90)),
        median=float(np.log(2) / plan.hazard) if plan.hazard else np.inf,
        recovery=plan.recovery,
        readings=Readings(
            channel=channel.astype(np.int32),
            at=START + day * DAY,
            members=np.where(gone, UNKNOWN, np.exp(log).astype(np.int64))[read],
            state=np.where(gone, form[:, None], _ACCESSIBLE)[read].astype(np.uint8),
        ),
        channels=count,
        reports=np.column_stack((np.arange(count), START + report * DAY))[: plan.reported],
        successors=_successors(rng, plan, count),
    )


def _within(hazard: float, days: int) -> float:
    return float(-np.expm1(-hazard * days))


def _gone(rng: np.random.Generator, hazard: Floats, back: float) -> Bools:
    """Day by day whether a channel cannot be reached."""
    gone = np.zeros(hazard.shape, dtype=np.bool_)
    chance = rng.random(hazard.shape)
    for day in range(1, hazard.shape[1]):
        turn = chance[:, day] < -np.expm1(-np.where(gone[:, day - 1], back, hazard[:, day - 1]))
        gone[:, day] = gone[:, day - 1] ^ turn
    return gone


def _successors(rng: np.random.Generator, plan: FatePlan, count: int) -> Ints:
    """Pairs of a reported channel and the one that took its place."""
    old = np.flatnonzero(rng.random(plan.reported) < plan.successors)
    return np.column_stack((old, rng.integers(plan.reported, count, old.size)))
