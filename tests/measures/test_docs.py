"""`docs/measures.md` and the measures tell the same."""

import re
from pathlib import Path

from measures.conftest import measured, observed
from tutela.measures import MEASURES

PAGE = (Path(__file__).parents[2] / "docs" / "measures.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))

NAMES = (
    "channels", "messages", "memberships", "unique_members", "active_people", "images_shared", "forwarded_images",
    "unique_images", "unhashed_images", "growth", "languages", "polls", "offers", "payments_floor", "reward_rules",
    "promotion_edges", "communities", "minor_signals", "report_effect", "completeness",
)  # fmt: skip
"""The names that reports promise, in their order."""


def test_the_measures_have_their_promised_names_and_order() -> None:
    assert tuple(MEASURES) == tuple(measured(observed())) == NAMES


def test_every_measure_has_a_section_with_its_very_definition() -> None:
    for name, measure in measured(observed()).items():
        quoted = " ".join(line.removeprefix(">").strip() for line in SECTIONS[name].splitlines() if line[:1] == ">")
        assert quoted == measure.definition


def test_every_section_tells_unit_window_interval_and_completeness() -> None:
    for name in NAMES:
        for word in ("Unit", "Window", "Interval", "Caveats"):
            assert f"**{word}**:" in SECTIONS[name], f"{name} lacks {word}"
        assert "**Completeness**:" in SECTIONS[name] or name == "completeness"


def test_sections_in_the_order_of_the_measures_and_none_for_what_is_gone() -> None:
    assert [heading for heading in SECTIONS if re.fullmatch("[a-z_]+", heading)] == list(NAMES)


def test_nothing_observed_is_zero_or_unknown_and_never_an_error() -> None:
    measures = measured(observed())
    assert {name: measure.value for name, measure in measures.items()} == {
        **dict.fromkeys(NAMES, 0),
        **dict.fromkeys(("memberships", "unique_members", "growth", "report_effect", "completeness")),
    }
    assert all(measure.window is None and measure.completeness is None for measure in measures.values())
