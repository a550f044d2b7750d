"""The inverted file of parts: what is in it answers, what was removed does not, whatever happened in between."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tutela.index import parts as rooms
from tutela.index.parts import PartsIndex, nearest_cells
from tutela.index.rotation import CELLS, GROUPS, Rotation, vocabulary
from tutela.index.words import as_words

ROTATION = Rotation(bytes(32))
MOST = np.array([3, 2, 2, 2, 2, 2, 2, 2])


def picture(seed: int, count: int = 40) -> np.ndarray:
    """Codes of descriptions near cells of the vocabulary, as real ones are."""
    random = np.random.default_rng(seed)
    cells = vocabulary()[2][random.integers(0, CELLS, count)].astype(int)
    return ROTATION.codes((cells + random.normal(0, 12, cells.shape)).clip(-127, 127).astype(np.int8))


def noisy(codes: np.ndarray, bits: int, seed: int = 0) -> np.ndarray:
    """Codes with so many bits of each changed."""
    random = np.random.default_rng(seed)
    flipped = np.unpackbits(codes, axis=1)
    for row in flipped:
        row[random.choice(256, bits, replace=False)] ^= 1
    return np.packbits(flipped, axis=1)


def best(index: PartsIndex, codes: np.ndarray, group: int = 0) -> list[int]:
    found = index.search(codes, np.full(len(codes), group), MOST)
    assert set(found.groups.tolist()) <= {group}
    return found.numbers.tolist()


def test_the_vocabulary_has_its_shape() -> None:
    mean, groups, cells = vocabulary()
    assert (mean.shape, groups.shape, cells.shape) == ((64,), (GROUPS, 64), (CELLS, 64))


def test_cells_are_the_nearest_of_the_groups_looked_into() -> None:
    """Against all cells, one after the other: the nearest cell is missed seldom, and never by much."""
    _, groups, cells = (ROTATION.codes(each) if each.ndim == 2 else each for each in vocabulary())
    codes = picture(1, 200)
    found = nearest_cells(as_words(groups), as_words(cells), as_words(codes), 4)
    away = np.bitwise_count(codes[:, None] ^ cells[None]).sum(axis=2, dtype=np.int64)
    mine = np.take_along_axis(away, found, axis=1)
    assert (np.diff(mine, axis=1) >= 0).all()
    assert (mine[:, 0] == away.min(axis=1)).mean() > 0.9
    assert (mine[:, 0] - away.min(axis=1)).max() < 40


@pytest.mark.parametrize("bits", [0, 20])
def test_a_picture_answers_to_its_own_codes(bits: int) -> None:
    index = PartsIndex(ROTATION)
    for number in range(50):
        index.add(number, picture(number))
    for number in (0, 17, 49):
        assert best(index, noisy(picture(number), bits), group=number % 8)[0] == number


def test_codes_come_back_in_their_order() -> None:
    index = PartsIndex(ROTATION)
    index.add(7, picture(7))
    assert np.array_equal(index.codes(7), as_words(picture(7)))
    best(index, picture(7))
    assert np.array_equal(index.codes(7), as_words(picture(7)))


def test_points_that_many_pictures_have_are_told() -> None:
    index = PartsIndex(ROTATION)
    shared = picture(1000, 5)
    for number in range(20):
        index.add(number, np.concatenate([picture(number, 20), shared]))
    queries = np.concatenate([shared, picture(3, 20)])
    recurs = index.search(queries, np.zeros(len(queries), np.int64), MOST).recurs
    assert (recurs[:5] >= 18).all()
    assert np.median(recurs[5:]) <= 2


def test_a_number_is_added_once_and_an_unknown_one_cannot_be_removed() -> None:
    index = PartsIndex(ROTATION)
    index.add(1, picture(1))
    with pytest.raises(ValueError, match="already"):
        index.add(1, picture(1))
    with pytest.raises(KeyError):
        index.remove(2)


def test_removed_codes_are_overwritten_in_memory() -> None:
    index = PartsIndex(ROTATION)
    index.add(1, picture(1))
    best(index, picture(1))
    segment = index._old if index._old.pictures else index._young
    index.remove(1)
    assert not segment.codes.any()


def test_a_part_takes_less_than_fifty_bytes_in_memory() -> None:
    index = PartsIndex(ROTATION)
    for number in range(300):
        index.add(number, picture(number, 318))
    best(index, picture(1, 318))
    assert index.nbytes / (300 * 318) < 50


class Histories(RuleBasedStateMachine):
    """Adding, removing and searching in any order, with segments that are joined all the time."""

    @initialize()
    def begin(self) -> None:
        self.young, rooms._YOUNG = rooms._YOUNG, 3
        self.index, self.there = PartsIndex(ROTATION), set[int]()

    def teardown(self) -> None:
        rooms._YOUNG = getattr(self, "young", rooms._YOUNG)

    @rule(number=st.integers(0, 15))
    def add(self, number: int) -> None:
        if number not in self.there:
            self.index.add(number, picture(number))
            self.there.add(number)

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.there)))
        self.index.remove(number)
        self.there.remove(number)

    @rule(number=st.integers(0, 15))
    def search(self, number: int) -> None:
        found = best(self.index, noisy(picture(number), 10))
        assert set(found) <= self.there
        assert (found[:1] == [number]) is (number in self.there)

    @invariant()
    def counts(self) -> None:
        if hasattr(self, "index"):
            assert len(self.index) == len(self.there)
            assert all(number in self.index for number in self.there)


Histories.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestHistories = Histories.TestCase
