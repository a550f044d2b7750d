"""The inverted file of parts: what is in it answers, what was removed does not, whatever happened in between."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tutela.fingerprints.parts import kept_parts
from tutela.fingerprints.places import packed
from tutela.index import parts as rooms
from tutela.index.cells import COMMON, nearest_cells
from tutela.index.parts import Candidate, PartsIndex, View, two_words
from tutela.index.rotation import CELLS, GROUPS, Rotation, vocabulary
from tutela.matching.coding import descriptions_of
from tutela.simulate.pictures import draw

ROTATION = Rotation(bytes(32))


def picture(seed: int, count: int = 40) -> np.ndarray:
    """Codes of descriptions near cells of the vocabulary, as real ones are."""
    random = np.random.default_rng(seed)
    cells = vocabulary()[1][random.integers(0, CELLS, count)].astype(int)
    return ROTATION.codes((cells + random.normal(0, 8, cells.shape)).clip(-127, 127).astype(np.int8))


def view(codes: np.ndarray, turned: int = 0) -> View:
    """A square picture with points that follow from the first five bytes of the codes, turned by so many 256ths."""
    angle = turned * np.pi / 128
    x, y = (codes[:, 1:3].T / 255.0 - 0.5) / 2
    places = [0.5 + np.cos(angle) * x - np.sin(angle) * y, 0.5 + np.sin(angle) * x + np.cos(angle) * y]
    blur, direction = 0.01 + codes[:, 3] / 5000.0, codes[:, 0] * np.pi / 128 + angle
    return View(codes, packed(np.column_stack([*places, blur, direction])), np.array([1000.0, 1000.0]))


def noisy(codes: np.ndarray, bits: int, seed: int = 0) -> np.ndarray:
    """Codes with so many bits of each changed, none of the first five bytes."""
    random = np.random.default_rng(seed)
    flipped = np.unpackbits(codes, axis=1)
    for row in flipped:
        row[40 + random.choice(88, bits, replace=False)] ^= 1
    return np.packbits(flipped, axis=1)


def added(index: PartsIndex, number: int, codes: np.ndarray, owner: int | None = None) -> None:
    index.add(number, view(codes), number if owner is None else owner)


def candidates(index: PartsIndex, codes: np.ndarray, most: int = 3) -> list[Candidate]:
    return index.search([view(codes)], most)[0][0]


def best(index: PartsIndex, codes: np.ndarray) -> list[int]:
    return [each.number for each in candidates(index, codes)]


def test_the_vocabulary_has_its_shape() -> None:
    groups, cells = vocabulary()
    assert (groups.shape, cells.shape) == ((GROUPS, 64), (CELLS, 64))


def test_cells_are_the_nearest_of_the_groups_looked_into() -> None:
    """Against all cells, one after the other: the nearest cell is missed seldom, and never by much."""
    groups, cells = (ROTATION.codes(each) for each in vocabulary())
    codes = ROTATION.codes(descriptions_of(kept_parts(np.asarray(draw(1).convert("L")))))
    found = nearest_cells(two_words(groups), two_words(cells), two_words(codes), 4)
    away = np.bitwise_count(codes[:, None] ^ cells[None]).sum(axis=2, dtype=np.int64)
    mine = np.take_along_axis(away, found, axis=1)
    assert (np.diff(mine, axis=1) >= 0).all()
    assert (mine[:, 0] == away.min(axis=1)).mean() > 0.8
    assert (mine[:, 0] - away.min(axis=1)).max() < 20


@pytest.mark.parametrize("bits", [0, 10])
@pytest.mark.parametrize("turned", [0, 70, 250])
def test_a_picture_answers_to_its_own_codes(bits: int, turned: int) -> None:
    index = PartsIndex(ROTATION)
    for number in range(50):
        added(index, number, picture(number))
    for number in (0, 17, 49):
        codes = noisy(picture(number), bits)
        [(found, common)] = index.search([view(codes, turned)], 3)
        assert found[0].number == number
        assert common.mean() < 0.1


def test_a_candidate_says_which_point_is_like_which_part() -> None:
    index = PartsIndex(ROTATION)
    for number in range(20):
        added(index, number, picture(number))
    order = np.random.default_rng(3).permutation(40)
    found = candidates(index, noisy(picture(4)[order], 6))[0]
    right = order[found.points] == found.parts
    assert right.sum() >= 32
    assert (found.bits[right] == 6).all()
    assert (found.bits[~right] > 6).all()


def test_the_parts_of_a_picture_come_back_in_their_order() -> None:
    index = PartsIndex(ROTATION)
    added(index, 7, picture(7))
    for _ in range(2):
        codes, points = index.parts(7)
        assert np.array_equal(codes, two_words(picture(7)))
        assert points == view(picture(7)).points
        best(index, picture(7))


def test_what_tells_one_similarity_counts_more_than_what_is_merely_alike() -> None:
    """Of two pictures with the same codes, the one whose points lie as those of the media do, turned and moved."""
    index, chance = PartsIndex(ROTATION), np.random.default_rng(5)
    codes = picture(4)
    elsewhere = np.frombuffer(view(codes).points, np.uint8).reshape(-1, 6)[chance.permutation(len(codes))]
    index.add(1, View(codes, elsewhere.tobytes(), np.array([1000.0, 1000.0])), 1)
    index.add(2, view(codes), 2)
    [(found, _)] = index.search([view(noisy(codes, 12), 30)], 3)
    assert [each.number for each in found] == [2, 1]


@pytest.mark.parametrize(("owners", "common"), [(COMMON, False), (COMMON + 1, True)])
def test_points_that_pictures_of_many_owners_have_are_common(owners: int, common: bool) -> None:
    index = PartsIndex(ROTATION)
    shared = picture(1000, 5)
    for number in range(20):
        added(index, number, np.concatenate([picture(number, 20), shared]), owner=number % owners)
    queries = np.concatenate([shared, picture(3, 20)])
    [(found, told)] = index.search([view(queries)], 20)
    assert told.tolist() == [common] * 5 + [False] * 20
    either = index.recurring([view(picture(3, 20)), view(queries)])
    assert [each.tolist() for each in either] == [[False] * 20, told.tolist()]
    assert found[0].number == 3
    assert ((found[0].points < 5).any()) is not common


def test_a_number_is_added_once_and_an_unknown_one_cannot_be_removed() -> None:
    index = PartsIndex(ROTATION)
    added(index, 1, picture(1))
    with pytest.raises(ValueError, match="already"):
        added(index, 1, picture(1))
    with pytest.raises(KeyError):
        index.remove(2)


def test_removed_codes_are_overwritten_in_memory() -> None:
    index = PartsIndex(ROTATION)
    added(index, 1, picture(1), owner=5)
    best(index, picture(1))
    segment = index._old if index._old.pictures else index._young
    index.remove(1)
    assert not segment.codes.any()
    assert not segment.places.any()
    assert not segment.owners.any()
    assert not segment.sides.any()


def test_a_part_takes_thirty_bytes_in_memory_and_little_besides() -> None:
    index = PartsIndex(ROTATION)
    for number in range(300):
        added(index, number, picture(number, 520))
    best(index, picture(1, 520))
    assert index.nbytes / (300 * 520) < 30.5


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
            added(self.index, number, picture(number))
            self.there.add(number)

    @precondition(lambda self: self.there)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.there)))
        self.index.remove(number)
        self.there.remove(number)

    @rule(number=st.integers(0, 15))
    def search(self, number: int) -> None:
        found = best(self.index, noisy(picture(number), 5))
        assert set(found) <= self.there
        assert (found[:1] == [number]) is (number in self.there)

    @invariant()
    def counts(self) -> None:
        if hasattr(self, "index"):
            assert len(self.index) == len(self.there)
            assert all(number in self.index for number in self.there)


Histories.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestHistories = Histories.TestCase
