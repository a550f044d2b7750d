"""Which protections reappear, in which tier, and how that is explained."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.hamming import distance
from samples import changed, fingerprint
from tutela.matching import THRESHOLDS, Matcher, Protected
from tutela.model import NO_FILE, ORIENTATIONS, CaseRef, Fingerprint, Pdq, ProtectionId, Tier


def protected(fp: Fingerprint, name: str = "p") -> Protected:
    return Protected(CaseRef(f"TU-{name}"), ProtectionId(name), fp)


def matcher(*fps: Fingerprint) -> Matcher:
    made = Matcher()
    for number, fp in enumerate(fps):
        made.add(protected(fp, str(number)))
    return made


def turned(fp: Fingerprint, orientation: int) -> Fingerprint:
    """A picture whose orientation number `orientation` has the code of `fp`; its other codes are random."""
    codes = np.frombuffer(fingerprint(77).pdq.codes, dtype=np.uint8).reshape(8, 32).copy()  # type: ignore[union-attr]
    codes[orientation] = np.frombuffer(fp.pdq.code, dtype=np.uint8)  # type: ignore[union-attr]
    return fingerprint(78, codes=codes.tobytes())


def test_the_same_bytes_are_exact_with_full_confidence() -> None:
    (match,) = matcher(fingerprint(1)).match(fingerprint(1))
    assert (match.tier, match.distance, match.transform, match.confidence) == (Tier.EXACT, None, None, 1.0)


@given(st.integers(0, 256), st.integers(0, 10**6))
def test_near_means_at_most_31_bits(bits: int, seed: int) -> None:
    matches = matcher(fingerprint(1)).match(changed(fingerprint(1), bits, seed))
    assert [(m.tier, m.distance) for m in matches] == ([(Tier.NEAR, bits)] if bits <= 31 else [])


@pytest.mark.parametrize("orientation", range(8))
def test_every_orientation_is_found_and_named_as_what_was_done_to_the_protected_picture(orientation: int) -> None:
    (match,) = matcher(fingerprint(1)).match(turned(fingerprint(1), orientation))
    undone = {"rotated-90": "rotated-270", "rotated-270": "rotated-90"}
    assert match.transform == undone.get(ORIENTATIONS[orientation], ORIENTATIONS[orientation])
    assert match.distance == 0


def test_a_sentence_tells_the_person_who_decides_what_was_seen() -> None:
    (match,) = matcher(fingerprint(1)).match(turned(fingerprint(1), 4))
    assert match.why == "The same picture, mirrored; its bytes differ."


@pytest.mark.parametrize(("ours", "theirs", "found"), [(50, 50, 1), (49, 100, 0), (100, 49, 0)])
def test_flat_pictures_have_no_near_matches(ours: int, theirs: int, found: int) -> None:
    kept = fingerprint(1, quality=ours)
    assert len(matcher(kept).match(changed(fingerprint(1), 4, 1, quality=theirs))) == found


def test_a_flat_picture_is_still_found_as_the_same_file() -> None:
    assert [m.tier for m in matcher(fingerprint(1, quality=0)).match(fingerprint(1, quality=0))] == [Tier.EXACT]


def test_without_a_code_there_is_the_exact_tier_alone() -> None:
    bare = Fingerprint("image/png", 1, 1, bytes(32), bytes(16), None)
    assert [m.tier for m in matcher(bare, fingerprint(2)).match(bare)] == [Tier.EXACT]


def test_a_code_that_is_looked_up_without_its_file_is_near_at_best() -> None:
    bare = Fingerprint("image/png", 1, 1, NO_FILE, NO_FILE, fingerprint(1).pdq)
    allowing = matcher(fingerprint(1))
    assert [m.tier for m in allowing.match(bare)] == [Tier.NEAR]
    allowing.allow(fingerprint(1))
    assert allowing.match(bare) == []


def test_surest_first() -> None:
    near, nearer = changed(fingerprint(1), 20, 1), changed(fingerprint(1), 5, 2)
    matches = matcher(near, nearer, fingerprint(1)).match(fingerprint(1))
    assert [m.distance for m in matches] == [None, 5, 20]


def test_confidence_never_rises_with_the_distance() -> None:
    steps = [THRESHOLDS.confidence(bits) for bits in range(32)]
    assert steps == sorted(steps, reverse=True)
    assert 0.5 < steps[-1] <= steps[0] < 1
    with pytest.raises(ValueError, match="outside"):
        THRESHOLDS.confidence(32)


def test_an_allowed_file_matches_nothing_whatever_it_resembles() -> None:
    made = matcher(fingerprint(1))
    number = made.allow(fingerprint(1))
    assert made.match(fingerprint(1)) == []
    made.disallow(number)
    assert made.match(fingerprint(1))


def test_what_is_closer_to_the_allowlist_does_not_match() -> None:
    made = matcher(fingerprint(1))
    made.allow(changed(fingerprint(1), 12, 1))
    assert made.match(changed(fingerprint(1), 12, 1)) == []
    assert made.match(changed(fingerprint(1), 2, 9))


def test_allowed_twice_is_allowed_until_both_are_taken_back() -> None:
    made = matcher(fingerprint(1))
    first, second = made.allow(fingerprint(1)), made.allow(fingerprint(1))
    made.disallow(first)
    assert made.match(fingerprint(1)) == []
    made.disallow(second)
    assert made.match(fingerprint(1))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), max_size=30))
def test_after_any_history_exactly_the_active_protections_match(history: list[tuple[int, bool, bool]]) -> None:
    made, active = Matcher(), {}
    for number, adding, near in history:
        if adding:
            made.add(protected(fingerprint(number), str(number)), near=near)
            active[number] = near
        else:
            made.remove(ProtectionId(str(number)))
            active.pop(number, None)
    assert len(made) == len(active)
    for number in range(6):
        assert bool(made.match(fingerprint(number))) == (number in active)
        assert bool(made.match(changed(fingerprint(number), 3, 1))) == active.get(number, False)


@given(st.lists(st.tuples(st.sampled_from("+-qax"), st.integers(0, 5)), max_size=30), st.integers(0, 30))
def test_a_matcher_taken_apart_and_put_together_again_goes_on_as_if_nothing_had_been(
    history: list[tuple[str, int]], parting: int
) -> None:
    whole, parted, allowed = Matcher(), Matcher(), list[tuple[int, int]]()
    for place, (what, number) in enumerate(history):
        if place == parting:
            parted = Matcher.from_arrays(parted.arrays())
        if what in "+q":
            for each in (whole, parted):
                each.add(protected(fingerprint(number), str(number)), near=what == "+")
        elif what == "-":
            for each in (whole, parted):
                each.remove(ProtectionId(str(number)))
        elif what == "a":
            logo = changed(fingerprint(number), 6, seed=number)
            allowed.append((whole.allow(logo), parted.allow(logo)))
        elif allowed:
            for each, given in zip((whole, parted), allowed.pop(), strict=True):
                each.disallow(given)
    assert len(parted) == len(whole)
    for number in range(6):
        for query in (fingerprint(number), *(changed(fingerprint(number), bits, seed=number) for bits in (2, 6))):
            assert parted.match(query) == whole.match(query)


def test_what_came_while_the_arrays_were_taken_and_only_half_made_it_is_left_out() -> None:
    made = matcher(fingerprint(1))
    before = made.arrays()
    made.add(protected(fingerprint(2), "late"))
    after = made.arrays()
    torn = {**before, **{name: array for name, array in after.items() if name.startswith("codes/")}}
    again = Matcher.from_arrays(torn)
    assert again.match(changed(fingerprint(2), 3, 1)) == []
    again.add(protected(fingerprint(2), "late"))
    assert [m.protection for m in again.match(changed(fingerprint(2), 3, 1))] == ["late"]


def test_arrays_of_another_quality_threshold_are_refused() -> None:
    """Which codes are searched depends on it."""
    other = replace(THRESHOLDS, near_quality=THRESHOLDS.near_quality + 1)
    with pytest.raises(ValueError, match="version"):
        Matcher.from_arrays(matcher(fingerprint(1)).arrays(), other)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(0, 2**32))
def test_near_matches_are_those_a_slow_comparison_finds(bits: list[int], seed: int) -> None:
    query = fingerprint(500)
    stored = [changed(query, b, seed + n) for n, b in enumerate(bits)]
    codes = [query.pdq.codes[start : start + 32] for start in range(0, 256, 32)]  # type: ignore[union-attr]
    expected = [min(distance(s.pdq.code, code) for code in codes) for s in stored]  # type: ignore[union-attr]
    found = matcher(*stored).match(query)
    assert sorted(m.distance or 0 for m in found) == sorted(far for far in expected if far <= 31)


def test_a_fingerprint_with_one_orientation_finds_that_one_only() -> None:
    one = Fingerprint("x", 1, 1, bytes(32), bytes(16), Pdq(fingerprint(1).pdq.code, 90))  # type: ignore[union-attr]
    assert matcher(fingerprint(1)).match(one)
    assert matcher(turned(fingerprint(1), 4)).match(one) == []
