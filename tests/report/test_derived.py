"""Plans of derived matches: what they show is where it is, what they say is what they show, and nothing more."""

import math
import re
from dataclasses import replace
from functools import partial
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.examples import derivation, match
from report.strategies import HOSTILE, boxes, derivations
from tutela.model import Box, Derivation, Tier
from tutela.report import derived
from tutela.report.derived import SHOWN, share
from tutela.report.wording import words

EN = words("en")
plans, derived_title, told = (partial(each, EN) for each in (derived.plans, derived.derived_title, derived.told))

LEFT, RIGHT = Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 1.0)
WHOLE = Box(0.0, 0.0, 1.0, 1.0)
WIDTH, HEIGHT = 192, 144
eighths = st.integers(0, 8).map(lambda n: n / 8)
grid_boxes = st.lists(st.builds(Box, eighths, eighths, eighths, eighths), max_size=5).map(tuple)


def drawing(made: Derivation) -> ElementTree.Element:
    """The plan as XML, which is stricter than HTML."""
    found = plans([match(Tier.DERIVED, derivation=made)])
    assert found is not None
    return ElementTree.fromstring(found.plans[0].drawing)


def strokes(plan: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """The hatching, as x and y of both ends."""
    drawn = "".join(node.attrib["d"] for node in plan.iter("path") if node.attrib["class"] == "altered")
    pieces = re.findall(r"M(\S+) (\S+)L(\S+) ([^M]+)", drawn)
    assert len(pieces) == drawn.count("M")
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in pieces]


def outlines(plan: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """What reappears, as left, top, right, bottom."""
    drawn = "".join(node.attrib["d"] for node in plan.iter("path") if node.attrib["class"] == "copied")
    pieces = re.findall(r"M(\S+) (\S+)H(\S+)V(\S+)H\1z", drawn)
    assert len(pieces) == drawn.count("M")
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in pieces]


class TestShares:
    @pytest.mark.parametrize(
        ("given", "covered"),
        [
            ((), 0.0),
            ((LEFT,), 0.5),
            ((LEFT, RIGHT), 1.0),
            ((LEFT, LEFT), 0.5),
            ((Box(0.0, 0.0, 0.75, 1.0), Box(0.25, 0.0, 1.0, 1.0)), 1.0),
            ((Box(-3.0, -3.0, 0.5, 0.5),), 0.25),
            ((Box(0.5, 0.0, 0.2, 1.0),), 0.0),
            ((Box(math.nan, 0.0, 1.0, 1.0), Box(0.0, 0.0, 1.0, math.inf), LEFT), 0.5),
        ],
    )
    def test_a_share_is_what_boxes_cover_together(self, given: tuple[Box, ...], covered: float) -> None:
        assert share(given) == pytest.approx(covered)

    @given(grid_boxes)
    def test_a_share_is_the_cells_counted_one_by_one(self, given: tuple[Box, ...]) -> None:
        middles = [(n + 0.5) / 8 for n in range(8)]
        inside = [any(b.left < x < b.right and b.top < y < b.bottom for b in given) for x in middles for y in middles]
        assert share(given) == pytest.approx(sum(inside) / 64)

    @given(boxes)
    def test_any_boxes_cover_a_share(self, given: tuple[Box, ...]) -> None:
        assert 0 <= share(given) <= 1 + 1e-9


class TestWords:
    @pytest.mark.parametrize(
        ("copied", "altered", "said"),
        [
            (0.38, 0.46, "About 40% of the protected picture reappears; about 45% was replaced."),
            (0.62, 0.0, "About 60% of the protected picture reappears; no part of it was found replaced."),
            (0.99, 0.01, "Nearly all of the protected picture reappears; hardly any was replaced."),
            (0.02, 0.98, "Hardly any of the protected picture reappears; nearly all was replaced."),
        ],
    )
    def test_they_tell_shares_in_steps_of_five(self, copied: float, altered: float, said: str) -> None:
        made = derivation(copied=(Box(0.0, 0.0, copied, 1.0),), altered=(Box(0.0, 0.0, altered, 1.0),))
        assert told(made) == said

    @given(derivations)
    def test_no_other_number_is_told(self, made: Derivation) -> None:
        found = plans([match(Tier.DERIVED, derivation=made)])
        assert found is not None
        said = f"{found.title} {found.plans[0].words}"
        assert all(int(n) % 5 == 0 and int(n) <= 180 for n in re.findall(r"\d+", said))

    @pytest.mark.parametrize(
        ("shares", "said"),
        [
            ([0.45], "In the derived picture, about 45% of the protected one was replaced"),
            ([0.31, 0.52], "In 2 derived pictures, 30% to 50% of the protected one was replaced"),
            ([0.0, 0.5, 0.3], "In 3 derived pictures, up to 50% of the protected one was replaced"),
            ([0.0, 0.01], "In 2 derived pictures, hardly anything of the protected one was found replaced"),
        ],
    )
    def test_the_title_is_a_finding(self, shares: list[float], said: str) -> None:
        assert derived_title([derivation(altered=(Box(0.0, 0.0, part, 1.0),)) for part in shares]) == said


class TestDrawings:
    def test_boxes_lie_where_they_are_in_the_protected_picture(self) -> None:
        made = derivation(copied=(LEFT, Box(0.5, 0.75, 1.0, 1.0)), altered=(Box(0.5, 0.0, 1.0, 0.75),))
        plan = drawing(made)
        assert outlines(plan) == [(0, 0, WIDTH / 2, HEIGHT), (WIDTH / 2, HEIGHT * 3 / 4, WIDTH, HEIGHT)]
        across = [x for left, _, right, _ in strokes(plan) for x in (left, right)]
        down = [y for _, top, _, bottom in strokes(plan) for y in (top, bottom)]
        assert (min(across), max(across)) == (WIDTH / 2, WIDTH)
        assert min(down) < 9
        assert HEIGHT * 3 / 4 - 9 < max(down) <= HEIGHT * 3 / 4

    def test_hatching_runs_on_from_one_box_to_the_next(self) -> None:
        """Two halves are hatched as the whole is."""
        halves, whole = (strokes(drawing(derivation(copied=(), altered=b))) for b in ((LEFT, RIGHT), (WHOLE,)))
        assert {left + top for left, top, _, _ in halves} == {left + top for left, top, _, _ in whole}
        assert all(left + top == right + bottom for left, top, right, bottom in halves + whole)

    def test_what_is_neither_stays_empty(self) -> None:
        plan = drawing(derivation(copied=(), altered=()))
        assert [node.attrib["class"] for node in plan.iter("rect")] == ["ground", "edge"]
        assert not list(plan.iter("path"))

    def test_tone_and_hatching_tell_apart_without_colour(self) -> None:
        plan = drawing(derivation())
        assert [node.attrib["class"] for node in plan.iter("path")] == ["copied", "altered"]
        assert not [node for node in plan.iter() if {"fill", "stroke", "style", "href"} & set(node.attrib)]

    @given(derivations)
    def test_anything_is_drawn_within_its_frame(self, made: Derivation) -> None:
        plan = drawing(made)
        assert plan.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
        for left, top, right, bottom in outlines(plan) + strokes(plan):
            assert all(0 <= x <= WIDTH for x in (left, right))
            assert all(0 <= y <= HEIGHT for y in (top, bottom))

    def test_it_reads_as_an_image_with_a_title_and_a_description(self) -> None:
        plan = drawing(derivation(2))
        title, desc = plan.attrib["aria-labelledby"].split()
        said = {node.attrib["id"]: node.text for node in plan.iter() if "id" in node.attrib}
        assert plan.attrib["role"] == "img"
        assert said[title] == "Protected picture that reappears in post po-00009b1c77d0"
        assert said[desc] == f"{told(derivation(2))} It reappears mirrored and turned 35° to the right."

    @pytest.mark.parametrize("text", HOSTILE)
    def test_texts_stay_texts(self, text: str) -> None:
        line = replace(match(Tier.DERIVED), post=text)  # type: ignore[arg-type]
        found = plans([line])
        assert found is not None
        tags = [node.tag for node in ElementTree.fromstring(found.plans[0].drawing).iter()]
        assert tags == ["svg", "title", "desc", "rect", "path", "path", "rect"]


class TestChoice:
    def test_the_surest_come_first_and_the_rest_is_counted(self) -> None:
        found = plans([match(Tier.DERIVED, n, confidence=n / 100) for n in range(SHOWN + 1)])
        assert found is not None
        assert [plan.post[:7] for plan in found.plans] == [f"po-{n:04x}" for n in range(SHOWN, 0, -1)]
        assert found.more == "1 more derived match in matches.ndjson."

    def test_all_of_few_are_shown_and_nothing_is_counted(self) -> None:
        found = plans([match(Tier.EXACT), match(Tier.DERIVED), match(Tier.NEAR)])
        assert found is not None
        assert (len(found.plans), found.more) == (1, "")

    def test_other_tiers_have_no_plan(self) -> None:
        assert plans([match(Tier.EXACT), match(Tier.NEAR), match(Tier.DERIVED, derivation=None)]) is None
