"""The model behind an estimate of overlaps: how likely members are seen, and how many channels they are in.

All shares are read off tables of the model, so that nothing has to be searched for (`docs/statistics.md`).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TINY = 1e-12
_SPREADS = np.linspace(0, 3.2, 13)  # of activity, in SD of logs
_QUIET = 1 - np.geomspace(1, 0.002, 30)  # shares of those not seen who never act
_WHIMS = np.linspace(0, 1, 6)  # shares of the variance of activity that lie within people
_WISHES = np.linspace(0, 2.1, 8)  # of the wish to join channels, in SD of logs
_LOG_RATES = np.linspace(-14, 9, 93)
_PEOPLE, _WITHIN = 20, 8  # nodes for what varies between people, and within them
_THINNING = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """What an estimate rests on.

    People `seen` by channel and in `pairs` of channels (0 on the diagonal), and in how many ordered `triples` of
    channels somebody was seen. Of all (person, channel) seen, the share seen `again`, in odd and in even weeks, and
    `always`, in all four phases; `elsewhere` is the share seen again among those whose person was seen in another
    channel, each as often as it was.
    """

    seen: Floats
    pairs: Floats
    triples: float
    again: float
    always: float
    elsewhere: float


@cache
def _nodes(spread: float, degree: int) -> tuple[Floats, Floats]:
    """Values and weights that stand for a log-normal of mean 1 whose logs have the SD `spread`."""
    if not spread:
        return np.ones(1), np.ones(1)
    at, weights = np.polynomial.hermite_e.hermegauss(degree)
    return np.exp(spread * at - spread**2 / 2), weights / weights.sum()


def _unlikely(missed: Floats) -> Floats:
    """Shares that are missed on the scale of log rates: exactly that, if all acted alike."""
    scale: Floats = np.log(-np.log(np.clip(missed, 1e-300, 1 - 1e-15)))
    return scale


class Activity:
    """How likely a member is seen, if a share of people is `quiet` and the acts of the others are spread like this.

    `spread` is the SD of the logs of a person's rate in one channel, of whose variance the share `whim` differs between
    the channels of a person.
    """

    def __init__(self, spread: float, quiet: float = 0.0, whim: float = 0.0) -> None:
        self._levels, weights = _nodes(spread * np.sqrt(1 - whim), _PEOPLE)
        self._whims, self._shares = _nodes(spread * np.sqrt(whim), _WITHIN)
        self.quiet = quiet
        self.weights = (1 - quiet) * weights
        self._missed = _unlikely(self._unseen(np.exp(_LOG_RATES)) @ weights)

    def rates(self, shares: Floats) -> Floats:
        """The mean number of acts at which these shares of members are seen."""
        missed = np.clip(1 - shares / self.weights.sum(), _TINY, 1 - _TINY)
        return np.exp(np.interp(_unlikely(missed), self._missed, _LOG_RATES))

    def seen(self, rates: Floats) -> Floats:
        """The chance to be seen, by channel and level."""
        return 1 - self._unseen(rates)

    def twice(self, rates: Floats) -> Floats:
        """The chance to be seen in both halves."""
        return 1 - 2 * self._unseen(rates / 2) + self._unseen(rates)

    def always(self, rates: Floats) -> Floats:
        """The chance to be seen in all four phases."""
        half, rest = self._unseen(rates / 2), self._unseen(rates * 0.75)
        return 1 - 4 * self._unseen(rates / 4) + 6 * half - 4 * rest + self._unseen(rates)

    def _unseen(self, rates: Floats) -> Floats:
        unseen: Floats = np.exp(-rates[:, None, None] * self._levels[:, None] * self._whims) @ self._shares
        return unseen


class Fit:
    """The model at one sample of channels with so many `members`; resampled counts are read against the same tables."""

    def __init__(self, members: Floats, whole: Counts) -> None:
        self._members = members
        self._share = self._shares(whole)
        # no more people can be quiet than were not seen
        self._quiet = _QUIET * max(0.0, 1 - float(whole.seen.sum() / max(members.sum(), 1)))
        self._pairs = whole.pairs
        cells = [[self._within(Activity(spread, quiet)) for quiet in self._quiet] for spread in _SPREADS]
        self._again, self._always = np.moveaxis(np.array(cells), 2, 0)
        self._again = np.maximum.accumulate(self._again, axis=1)

    def estimate(self, counts: Counts) -> tuple[Floats, float, float]:
        """Common members of each pair of channels, different members of all, and the share who never act."""
        activity = self._activity(counts)
        seen = activity.seen(activity.rates(self._shares(counts)))
        scaled = seen * np.sqrt(activity.weights)
        both = scaled @ scaled.T
        most = np.minimum(self._members[:, None], self._members)
        shared = np.minimum(counts.pairs / np.maximum(both, _TINY), most)
        unique = float(self._members @ self._weights(shared, counts, activity, seen))
        return shared, unique, activity.quiet

    def _shares(self, counts: Counts) -> Floats:
        return np.minimum(counts.seen / np.maximum(self._members, 1), 1.0)

    def _within(self, activity: Activity) -> tuple[float, float]:
        """`again` and `always`, were activity like this."""
        rates = activity.rates(self._share)
        seen, twice, always = (
            self._members @ (f(rates) @ activity.weights) for f in (activity.seen, activity.twice, activity.always)
        )
        return float(twice / seen), float(always / seen)

    def _elsewhere(self, activity: Activity) -> float:
        rates = activity.rates(self._share)
        seen, twice = activity.seen(rates), activity.twice(rates)
        chance = ((twice * activity.weights) @ seen.T) / np.maximum((seen * activity.weights) @ seen.T, _TINY)
        return float((self._pairs * chance).sum() / max(self._pairs.sum(), 1.0))

    def _activity(self, counts: Counts) -> Activity:
        """The one under which all three shares come out as counted."""
        quiet = [float(np.interp(counts.again, row, self._quiet)) for row in self._again]
        always = np.array([np.interp(q, self._quiet, row) for q, row in zip(quiet, self._always, strict=True)])
        most = float(np.interp(counts.again, np.maximum.accumulate(self._again[:, 0]), _SPREADS))
        always[most < _SPREADS] = 1.0  # even with nobody quiet, more would be seen again
        spread = min(most, _read(counts.always, always, _SPREADS))
        share = float(np.interp(spread, _SPREADS, quiet))
        elsewhere = np.array([self._elsewhere(Activity(spread, share, whim)) for whim in _WHIMS])
        return Activity(spread, share, _read(-counts.elsewhere, -elsewhere, _WHIMS))

    def _weights(self, shared: Floats, counts: Counts, activity: Activity, seen: Floats) -> Floats:
        """The mean of 1/(number of one's channels) among the members of each channel."""
        chances = np.clip(shared / np.maximum(self._members[:, None], 1), 0, 1 - 1e-6)
        expected = [self._triples(*_joining(chances, wish), activity, seen) for wish in _WISHES]
        wish = _read(counts.triples, np.array(expected), _WISHES)
        joined, shares = _joining(chances, wish)
        # 1/m is the integral of s^(m - 1) from 0 to 1, and the mean of s^(m - 1) a product over channels
        means = [(1 - joined * (1 - s)).prod(2) @ shares for s in (_THINNING[0] + 1) / 2]
        weights: Floats = _THINNING[1] / 2 @ np.array(means)
        return weights

    def _triples(self, joined: Floats, shares: Floats, activity: Activity, seen: Floats) -> float:
        """The ordered triples of channels in which somebody would be seen, were others joined like this."""
        others = (joined @ seen) ** 2 - joined**2 @ seen**2
        return float(self._members @ ((shares @ others) * seen @ activity.weights))


def _joining(chances: Floats, wish: float) -> tuple[Floats, Floats]:
    """The chance that a member of one channel is in another (channel × wish to join × other), and the wishes' shares.

    `chances` are the means, `wish` the spread of the wish to join.
    """
    wishes = Activity(wish)
    joined = wishes.seen(wishes.rates(chances.ravel())).reshape(*chances.shape, -1)
    return np.where(chances[:, None] > 0, joined.transpose(0, 2, 1), 0.0), wishes.weights


def _read(value: float, rising: Floats, scale: Floats) -> float:
    """Where on `scale` a curve reaches `value` for the last time; its start or end where it does not."""
    return float(np.interp(value, np.minimum.accumulate(rising[::-1])[::-1], scale))
