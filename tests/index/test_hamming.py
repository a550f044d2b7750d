"""The index answers as a plain dictionary does, through any history of changes."""

import random
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

import tutela.index.hamming as hamming_index
from oracles import hamming
from tutela.index import HammingIndex, segment
from tutela.index.plan import Plan, plans

CENTRES = [bytes(32), bytes([255]) * 32, *(random.Random(n).randbytes(32) for n in range(3))]


def array(*codes: bytes) -> np.ndarray:
    return np.frombuffer(b"".join(codes), dtype=np.uint8).reshape(-1, 32)


def flipped(code: bytes, places: list[int]) -> bytes:
    number = int.from_bytes(code, "big")
    for place in places:
        number ^= 1 << place
    return number.to_bytes(32, "big")


near_codes = st.builds(flipped, st.sampled_from(CENTRES), st.lists(st.integers(0, 255), max_size=40, unique=True))
codes = near_codes | st.binary(min_size=32, max_size=32)
distances = st.integers(0, 64) | st.just(256)


def answers(index: HammingIndex, queries: list[bytes], limit: int) -> list[list[tuple[int, int]]]:
    limits, ids, far = index.search(array(*queries), limit)
    return [
        list(zip(ids[a:b].tolist(), far[a:b].tolist(), strict=True))
        for a, b in zip(limits[:-1].tolist(), limits[1:].tolist(), strict=True)
    ]


class Histories(RuleBasedStateMachine):
    """Add, remove, add again, search: always what the dictionary says.

    The limits between tail and segments are drawn too, so that a few codes go the ways of millions.
    """

    stored = Bundle("stored")

    @initialize(small=st.sampled_from([0, 3, 2048]), tail=st.sampled_from([1, 4]), share=st.sampled_from([1, 3]))
    def begin(self, small: int, tail: int, share: int) -> None:
        self.limits = pytest.MonkeyPatch()
        for name, value in (("SMALL", small), ("TAIL", tail), ("_RECENT_SHARE", share)):
            self.limits.setattr(hamming_index, name, value)
        self.index = HammingIndex()
        self.truth: dict[int, bytes] = {}

    def teardown(self) -> None:
        self.limits.undo()

    @rule()
    def compact(self) -> None:
        self.index.compact()

    @rule(target=stored, number=st.integers(-(2**63), 2**63 - 1), code=codes)
    def add(self, number: int, code: bytes) -> int:
        if number in self.truth:
            with pytest.raises(ValueError, match="new"):
                self.index.add([number], array(code))
        else:
            self.index.add([number], array(code))
            self.truth[number] = code
        return number

    @rule(added=st.dictionaries(st.integers(0, 10**6), codes, max_size=8))
    def add_many(self, added: dict[int, bytes]) -> None:
        fresh = {number: code for number, code in added.items() if number not in self.truth}
        self.index.add(list(fresh), array(*fresh.values()))
        self.truth |= fresh

    @rule(number=consumes(stored))
    def remove(self, number: int) -> None:
        if self.truth.pop(number, None) is None:
            with pytest.raises(KeyError):
                self.index.remove([number])
        else:
            self.index.remove([number])

    @rule(query=codes, limit=distances)
    def search(self, query: bytes, limit: int) -> None:
        assert answers(self.index, [query], limit) == [hamming.search(self.truth, query, limit)]

    @invariant()
    def holds_as_many(self) -> None:
        assert len(self.index) == len(self.truth)
        assert all(number in self.index for number in self.truth)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


@given(st.lists(codes, max_size=30), st.lists(codes, max_size=5), distances)
def test_several_queries_are_answered_each_in_its_place(stored: list[bytes], queries: list[bytes], limit: int) -> None:
    index = HammingIndex()
    index.add(range(len(stored)), array(*stored))
    truth = dict(enumerate(stored))
    assert answers(index, queries, limit) == [hamming.search(truth, query, limit) for query in queries]


def clustered(size: int, centres: int, seed: int) -> list[bytes]:
    """Near-duplicates of a few codes, many of them within 31 bits of each other, and exact copies."""
    chance = random.Random(seed)
    middles = [bytes(32), bytes([255]) * 32, *(chance.randbytes(32) for _ in range(centres))]
    return [
        flipped(chance.choice(middles), chance.sample(range(256), chance.choice((0, 1, 7, 16, 30))))
        for _ in range(size)
    ]


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param([random.Random(n).randbytes(32) for n in range(5000)], id="random"),
        pytest.param(clustered(5000, 60, 1), id="clusters"),
        pytest.param([bytes(32)] * 3000 + [bytes([255]) * 32] * 100, id="all alike"),
        pytest.param([random.Random(n).randbytes(2) + bytes(30) for n in range(5000)], id="made to share chunks"),
    ],
)
def test_a_set_with_tables_answers_as_brute_force_at_every_distance(stored: list[bytes]) -> None:
    index = HammingIndex()
    index.add(range(len(stored)), array(*stored))
    chance = random.Random(5)
    queries = [flipped(chance.choice(stored), chance.sample(range(256), bits)) for bits in range(0, 36, 5)]
    words = array(*stored)
    for query in [*queries, bytes(32), bytes([255]) * 32, chance.randbytes(32)]:
        apart = np.bitwise_count(words ^ array(query)).sum(axis=1, dtype=np.int64)
        for limit in (0, 1, 7, 15, 23, 30, 31, 32, 64):
            rows = np.flatnonzero(apart <= limit)
            order = np.lexsort((rows, apart[rows]))
            expected = list(zip(rows[order].tolist(), apart[rows][order].tolist(), strict=True))
            assert answers(index, [query], limit) == [expected]


@pytest.mark.parametrize("plan", plans(), ids=lambda plan: str(len(plan.widths)))
def test_every_plan_answers_as_brute_force_also_for_queries_that_are_alike(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alike as the orientations of one picture are: equal in a word of each code, and in some bits of the others."""
    monkeypatch.setattr(segment, "choose", lambda codes: plan)
    stored = clustered(2000, 400, 2) + [random.Random(n).randbytes(32) for n in range(3000)]
    index = HammingIndex()
    index.add(range(len(stored)), array(*stored))
    chance = random.Random(3)
    queries = [
        near
        for code in chance.sample(stored, 40)
        for near in (code, flipped(code, chance.sample(range(64), 31)), flipped(code, list(range(1, 256, 2))), code)
    ]
    words = array(*stored)
    for query, found in zip(queries, answers(index, queries, 31), strict=True):
        apart = np.bitwise_count(words ^ array(query)).sum(axis=1, dtype=np.int64)
        assert sorted(found) == [(row, apart[row]) for row in np.flatnonzero(apart <= 31)]


def test_what_is_removed_while_tables_are_made_stays_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = [random.Random(n).randbytes(32) for n in range(30_000)]
    index, building, removed = HammingIndex(), threading.Event(), threading.Event()
    index.add(range(4000), array(*stored[:4000]))

    def slowly(*arguments: object) -> object:
        building.set()
        assert removed.wait(10)
        return merged(*arguments)

    merged = hamming_index._merged
    monkeypatch.setattr(hamming_index, "_merged", slowly)
    index.add(range(4000, 12_000), array(*stored[4000:12_000]))
    index.add(range(12_000, 13_000), array(*stored[12_000:13_000]))
    assert building.wait(10)
    index.remove([0, 5000, 12_500])
    assert answers(index, [stored[0], stored[5000], stored[12_500], stored[5001]], 31) == [[], [], [], [(5001, 0)]]
    removed.set()
    while index._upkeep is not None:
        time.sleep(0.01)
    assert len(index._state.waiting) == 0
    assert answers(index, [stored[0], stored[5000], stored[12_500], stored[5001]], 31) == [[], [], [], [(5001, 0)]]
    index.add([0], array(stored[0]))
    assert answers(index, [stored[0]], 31) == [[(0, 0)]]


def test_readers_in_other_threads_see_every_code_that_stays_while_others_come_and_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With short tails, so that these often become tables while they are read."""
    monkeypatch.setattr("tutela.index.hamming.TAIL", 1024)
    index = HammingIndex()
    steady = [random.Random(-n - 1).randbytes(32) for n in range(3000)]
    index.add(range(3000), array(*steady))
    ended, missed = threading.Event(), []

    def read() -> None:
        while not ended.is_set():
            number = random.randrange(3000)
            if (number, 0) not in answers(index, [steady[number]], 31)[0]:
                missed.append(number)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(10_000, 16_000):
        index.add([number], array(random.Random(number).randbytes(32)))
        if number % 2:
            index.remove([number])
    ended.set()
    for reader in readers:
        reader.join()
    assert missed == []
    assert len(index) == 3000 + 3000


def test_after_compaction_nothing_of_a_removed_code_is_left_in_the_tables() -> None:
    """Before it, the removed code's row still stands in the bucket of each of its chunks."""
    index = HammingIndex()
    stored = [random.Random(n).randbytes(32) for n in range(3000)]
    index.add(range(3000), array(*stored))
    index.remove([7])
    index.compact()
    fresh = HammingIndex()
    fresh.add([n for n in range(3000) if n != 7], array(*(code for n, code in enumerate(stored) if n != 7)))
    (left,), (expected,) = index._state.segments, fresh._state.segments
    for name in ("ids", "codes", "starts", "hints", "lowers", "uppers"):
        assert np.array_equal(left.arrays()[name], expected.arrays()[name])


def test_rows_of_many_codes_are_told_apart_in_crowded_and_in_empty_buckets() -> None:
    """Rows of more than 16 bits; what is alike stands in one bucket, far apart."""
    codes = np.random.default_rng(1).integers(0, 256, (400_000, 32), dtype=np.uint8)
    alike = np.random.default_rng(2).choice(len(codes), 300, replace=False)
    codes[alike, 2:] = codes[alike[0], 2:]
    index = HammingIndex()
    index.add(np.arange(len(codes)), codes)
    for row in [0, 65_535, 65_536, 131_072, 399_999, *alike[:20].tolist()]:
        apart = np.bitwise_count(codes ^ codes[row]).sum(axis=1, dtype=np.int64)
        expected = {(int(near), int(apart[near])) for near in np.flatnonzero(apart <= 31)}
        assert set(answers(index, [codes[row].tobytes()], 31)[0]) == expected


def test_many_codes_grow_the_index_and_stay_findable() -> None:
    stored = [random.Random(n).randbytes(32) for n in range(70_000)]
    index = HammingIndex()
    for start in range(0, 70_000, 7_000):
        index.add(range(start, start + 7_000), array(*stored[start : start + 7_000]))
    for number in (0, 32_767, 32_768, 65_536, 69_999):
        assert answers(index, [stored[number]], 31) == [[(number, 0)]]


def test_a_removed_code_is_gone_from_memory() -> None:
    index = HammingIndex()
    index.add([1, 2], array(b"\xaa" * 32, b"\xbb" * 32))
    index.remove([1])
    assert b"\xaa" * 32 not in index._state.tail.codes.tobytes()


@pytest.mark.parametrize("limit", [-1, 257, 1.5, 31.0, float("nan")])
def test_a_distance_that_cannot_be_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="0 to 256"):
        HammingIndex().search(array(bytes(32)), limit)  # type: ignore[arg-type]


CHANGED = [
    np.full((1, 32), 256),
    np.full((1, 32), -1, dtype=np.int8),
    np.full((1, 32), 0.5),
    np.full((1, 32), np.nan, dtype=np.float32),
    np.zeros((1, 32), dtype=np.complex128),
    [[2**70] * 32],
    [["7"] * 32],
]


@pytest.mark.parametrize("codes", CHANGED, ids=lambda codes: str(np.asarray(codes).dtype))
def test_codes_that_would_become_others_are_refused(codes: Any) -> None:
    index = HammingIndex()
    with pytest.raises(ValueError, match="codes must be whole numbers that fit uint8"):
        index.add([1], codes)
    with pytest.raises(ValueError, match="codes must be whole numbers that fit uint8"):
        index.search(codes, 31)
    assert len(index) == 0


@pytest.mark.parametrize("number", [2.7, float("nan"), float("inf"), 2**63, 2**70, "2", None])
def test_ids_that_would_become_others_are_refused(number: Any) -> None:
    index = HammingIndex()
    index.add([1, 2], array(bytes(32), bytes(32)))
    with pytest.raises(ValueError, match="ids must be whole numbers that fit int64"):
        index.add([number], array(bytes(32)))
    with pytest.raises(ValueError, match="ids must be whole numbers that fit int64"):
        index.remove([number])
    assert len(index) == 2


@pytest.mark.parametrize("kind", [np.uint16, np.int64, np.uint64, np.float64])
def test_whole_numbers_of_another_type_are_taken_where_none_changes(kind: type[np.number[Any]]) -> None:
    index = HammingIndex()
    index.add(
        np.array([7, 2**40]).astype(np.uint64 if kind is np.uint16 else kind),
        array(b"\xff" * 32, bytes(32)).astype(kind),
    )
    index.add([], np.array([]))
    assert answers(index, [b"\xff" * 32, bytes(32)], 0) == [[(7, 0)], [(2**40, 0)]]
    assert index.search([[255] * 32], np.int64(0))[1].tolist() == [7]  # type: ignore[arg-type]


def test_shapes_that_do_not_fit_are_refused_and_change_nothing() -> None:
    index = HammingIndex()
    with pytest.raises(ValueError, match="shape"):
        index.add([1], np.zeros((1, 31), dtype=np.uint8))
    with pytest.raises(ValueError, match="ids for"):
        index.add([1, 2], array(bytes(32)))
    with pytest.raises(ValueError, match="different"):
        index.add([1, 1], array(bytes(32), bytes(32)))
    assert len(index) == 0


def test_an_unknown_id_removes_nothing() -> None:
    index = HammingIndex()
    index.add([1], array(bytes(32)))
    with pytest.raises(KeyError):
        index.remove([1, 2])
    assert len(index) == 1
