"""Small cells: a figure about fewer than ten people could point to one of them, so it is withheld."""

from bisect import bisect_left
from collections.abc import Sequence

SMALLEST = 10
"""The smallest group of people that a figure may speak of."""


def hidden_beside_total(counts: Sequence[int]) -> int | None:
    """How many of the smallest `counts` must be withheld so that none below ten follows from the published total.

    Those below ten are; where the total would pin one of them down, the next larger ones are too. None where that
    does not help, or the total is itself below ten: then the total must be withheld with all of them.
    """
    ordered = sorted(counts)
    small = bisect_left(ordered, SMALLEST)
    if not small:
        return 0
    if sum(ordered) < SMALLEST:
        return None
    return next((n for n in range(small, len(ordered) + 1) if not _follows(ordered, small, n)), None)


def _follows(ordered: Sequence[int], small: int, hidden: int) -> bool:
    """Whether what is published leaves one value only for some small cell.

    A reader knows the sum of the hidden cells, which of them are small, and that the others are neither small nor
    larger than any that is shown.
    """
    total = sum(ordered[:hidden])
    others = hidden - small
    ceiling = ordered[hidden] if hidden < len(ordered) else total
    least = total - (SMALLEST - 1) * (small - 1) - ceiling * others
    most = total - SMALLEST * others
    return max(least, 0) >= min(most, SMALLEST - 1)


def telling(count: int, total: int) -> bool:
    """Whether neither `count`, a part of `total` different people, nor the rest is a group smaller than ten."""
    return all(group == 0 or group >= SMALLEST for group in (count, total - count))
