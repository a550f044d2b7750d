"""What is withheld, against a reader who knows the rules and tries every input that could stand behind the output."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations_with_replacement, product

import numpy as np
import pytest

from tutela.measures import suppression
from tutela.measures.suppression import hidden_beside_total, tellable

Counts = tuple[int, ...]


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> int:
    """The smallest group that may be told of, so small that everything can be tried."""
    monkeypatch.setattr(suppression, "SMALLEST", 3)
    return 3


def alike(inputs: Iterable[Counts], output: Callable[[Counts], Hashable]) -> Iterator[list[Counts]]:
    """The inputs that a reader cannot tell apart."""
    found = defaultdict(list)
    for one in inputs:
        found[output(one)].append(one)
    return iter(found.values())


def overlapping(smallest: int, *families: Sequence[int], total: int) -> Hashable:
    """What is published of the sizes of overlapping groups: the total, and what may stand beside it."""
    if total < smallest:
        return None
    told = (
        tuple(size if size >= smallest or not size else None for size in sizes) if tellable(positive, total) else None
        for sizes in families
        for positive in [[size for size in sizes if size]]
    )
    return total, *told


def memberships(kinds: int, most: int) -> Iterator[Counts]:
    """How many people there are of each kind: every way in which up to `most` people can be of so many kinds."""
    for people in range(most + 1):
        for chosen in combinations_with_replacement(range(kinds), people):
            yield tuple(np.bincount(np.array(chosen, np.intp), minlength=kinds).tolist())


@pytest.mark.parametrize(("channels", "roles", "most"), [(2, 1, 14), (3, 1, 9), (2, 2, 7)])
def test_nobody_works_out_a_small_group_of_people_who_may_be_in_several(
    three: int, channels: int, roles: int, most: int
) -> None:
    """Not one in any channels, roles and combinations of them, whether these are told of or not."""

    def some(places: int) -> list[Counts]:
        return [held for held in product((0, 1), repeat=places) if any(held)]

    kinds = np.array([(*ours, *theirs) for ours, theirs in product(some(channels), some(roles))])
    groups = np.array(list(product((0, 1), repeat=len(kinds)))).T

    def output(people: Counts) -> Hashable:
        sizes = (people @ kinds).tolist()
        return overlapping(three, sizes[:channels], sizes[channels:], total=sum(people))

    for possible in alike(memberships(len(kinds), most), output):
        sizes = np.array(possible) @ groups
        known = sizes.min(0) == sizes.max(0)
        assert not (known & (sizes[0] > 0) & (sizes[0] < three)).any(), possible


def disjoint(counts: Counts) -> Hashable:
    """What is published of counts beside their sum."""
    smallest_first = sorted(range(len(counts)), key=lambda place: (counts[place], place))
    hidden = smallest_first[: hidden_beside_total(counts)]
    return sum(counts), tuple(None if place in hidden else count for place, count in enumerate(counts))


@pytest.mark.parametrize(("cells", "most"), [(2, 30), (3, 30), (4, 18), (5, 14)])
def test_nobody_works_out_the_small_ones_of_counts_that_add_up(three: int, cells: int, most: int) -> None:
    """Neither which small counts there are, nor the one of any cell."""
    inputs = (counts for counts in memberships(cells, most) if sum(counts) >= three)
    for possible in alike(inputs, disjoint):
        small = {tuple(sorted(count for count in counts if count < three)) for counts in possible}
        assert small == {()} or len(small) > 1, possible
        for cell in zip(*possible, strict=True):
            assert len(set(cell)) > 1 or cell[0] >= three, possible


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ((10, 11), 0),
        ((3, 400, 4_000), 2),
        ((8, 9, 12, 4_000), 2),
        ((9, 9, 15, 20), 2),
        ((9, 50, 50, 70), 4),
        ((1, 2, 60, 70), 4),
        ((4, 5, 6, 70), 3),
        ((9, 9, 9, 70), 4),
    ],
)
def test_two_cells_are_withheld_or_all_the_small_ones_and_where_that_tells_them_all_cells(
    counts: Counts, hidden: int
) -> None:
    assert hidden_beside_total(counts) == hidden


@pytest.mark.parametrize(
    ("sizes", "total", "told"),
    [
        ((60, 40), 100, True),
        ((60, 31, 9), 100, False),
        ((60, 35, 9), 100, False),
        ((60, 40, 9), 100, True),
        ((60, 35, 9, 9), 100, True),
        ((55, 50), 100, False),
        ((60, 50), 100, True),
        ((95, 60), 100, False),
        ((60, 30, None), 100, True),
        ((60, 5, None), 100, True),
        ((95, 30, None), 100, False),
        ((5, 4), 9, False),
        ((), 0, True),
    ],
)
def test_sizes_stand_beside_their_total_only_where_they_leave_open_who_is_in_two_groups(
    sizes: tuple[int | None, ...], total: int, *, told: bool
) -> None:
    assert tellable(sizes, total) is told
