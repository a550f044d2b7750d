"""Small cells: a figure about fewer than ten people could point to one of them, so it is withheld.

Every rule here is open, so a reader may apply it backwards. Hence whether something is told depends on nothing but
what is told, and on who is withheld with it.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence

SMALLEST = 10
"""The smallest group of people that a figure may speak of."""


def hidden_beside_total(counts: Sequence[int]) -> int:
    """How many of the smallest `counts` must be withheld so that none below ten follows from their published sum.

    Those below ten are, and one more at least; where their own sum is below ten, or so large that it leaves them no
    choice, all are. The sum must be ten or more. Nothing may tell which of the withheld ones are small.
    """
    ordered = sorted(counts)
    small = bisect_left(ordered, SMALLEST)
    if not small:
        return 0
    hidden, most = max(small, 2), SMALLEST - 1
    rest = sum(ordered[:hidden])
    ceiling = most if small > 2 else max(ordered[2:3], default=rest + 1) - 1
    choice = most + ceiling * (hidden - 1) - rest
    return hidden if rest >= SMALLEST and choice > 1 else len(ordered)


def tellable(counts: Collection[int | None], total: int) -> bool:
    """Whether the sizes of groups may stand beside `total`, the different people in them, if those below ten do not.

    The groups may overlap, and everybody is in one of them; None is a group whose size nobody knows. Nobody may be able
    to work out how many are outside a group, in two groups at once, or in one that is withheld.
    """
    known = [count for count in counts if count is not None]
    large = [count for count in known if count >= SMALLEST]
    if not all(telling(count, total) for count in (total, *large)):
        return False
    twice, hidden = sum(large) - total, len(known) - len(large)
    if len(known) < len(counts):
        return True
    return twice >= (SMALLEST - 1) * (1 - hidden) if hidden else telling(twice, twice)


def telling(count: int, total: int) -> bool:
    """Whether neither `count`, a part of `total` different people, nor the rest is a group smaller than ten."""
    return all(group == 0 or group >= SMALLEST for group in (count, total - count))
