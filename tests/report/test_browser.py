"""The page as a reader's browser shows it: wide and narrow, light and dark, on paper and from the keyboard."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from report.examples import CHANNELS, contents, match, measure, realistic
from tutela.model import Part, Tier
from tutela.report import Contents, SourceLine, write_report

pytestmark = pytest.mark.browser

DESKTOP, PHONE, SMALLEST = 1280, 390, 320
FIGURES = 11
"""Plots on the page of the example."""
WORST_CONTRAST = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = channels(colour).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let up = node; up; up = up.parentElement) {
      const colour = getComputedStyle(up).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !node.checkVisibility() || node.closest("title, desc")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(node.closest("svg") ? style.fill : style.color), light(behind(node))];
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), texts.currentNode.data.trim()]);
  }
  return {count: found.length, worst: found.sort((x, y) => x[0] - y[0])[0]};
}
"""
BOXES = "(nodes) => nodes.map((node) => node.getBoundingClientRect().toJSON())"
Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Opens a written report. At the end: it asked for nothing but itself, and the browser complained of nothing."""
    asked: list[str] = []
    complaints: list[str] = []
    pages: list[Page] = []

    def opener(said: Contents, width: int = DESKTOP, scheme: str = "light") -> Page:
        write_report(tmp_path, said)
        page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((tmp_path / "report.html").as_uri())
        pages.append(page)
        return page

    yield opener
    for page in pages:
        page.close()
    assert set(asked) == {(tmp_path / "report.html").as_uri()}
    assert complaints == []


def contrast(one: str, other: str) -> float:
    """Of two colours as a browser writes them, by WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def open_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")


def unwieldy() -> Contents:
    """Long words, large numbers, many months: what makes pages burst."""
    parts = tuple(Part("channel", "x" * 90, 10**14 + n) for n in range(4))
    months = tuple(Part("month", f"{2000 + n // 12}-{n % 12 + 1:02}", n * 10**9) for n in range(240))
    names = ("memberships", "images_shared", "unique_images")
    wide = [measure(name, 10**14, 10**15 - 1, unit="w" * 40, definition="d" * 90, parts=parts) for name in names]
    found = [match(why="y" * 200), *(match(Tier.DERIVED, 10**9 + n, why="y" * 200) for n in range(20))]
    return contents(
        [*wide, measure("growth", -(10**308), 10**308, parts=months)],
        found,
        title="t" * 120,
        sources=(SourceLine("l" * 60, "k" * 60, 10**14, 10**14, 0, 0, {"r" * 90: 1}),),
        cases=1,
    )


@pytest.mark.parametrize("width", [DESKTOP, 700, PHONE, SMALLEST])
@pytest.mark.parametrize("said", [realistic, partial(realistic, "ru"), partial(realistic, "es"), unwieldy, contents])
def test_nothing_sticks_out_to_the_side(opened: Opened, said: Callable[[], Contents], width: int) -> None:
    page = opened(said(), width)
    open_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "shown", "hidden"), [(DESKTOP, "wide", "narrow"), (PHONE, "narrow", "wide")])
def test_each_plot_is_shown_once_in_the_drawing_that_fits(opened: Opened, width: int, shown: str, hidden: str) -> None:
    page = opened(realistic(), width)
    assert page.locator("figure").get_by_role("img").count() == FIGURES
    assert page.locator(f".{shown} svg:visible").count() == FIGURES
    assert page.locator(f".{hidden} svg:visible").count() == 0


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_letters_of_a_plot_can_be_read_and_stay_inside_it(opened: Opened, width: int) -> None:
    page = opened(realistic(), width)
    found = page.evaluate(
        """() => [...document.querySelectorAll("svg text")].filter((text) => text.checkVisibility()).map((text) => {
          const [box, frame] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
          return [box.height, Math.max(frame.left - box.left, box.right - frame.right)];
        })"""
    )
    assert found
    assert min(height for height, _ in found) >= 12
    assert max(outside for _, outside in found) <= 1


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_channels_and_connections_stand_out_from_the_paper(opened: Opened, scheme: str, media: str) -> None:
    """3 to 1: nodes of every community, arrows, and the rim of what was not observed."""
    page = opened(realistic(), scheme=scheme)
    page.emulate_media(media=media)  # type: ignore[arg-type]
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    painted = {"c1": "fill", "c2": "fill", "outside": "stroke", "head": "fill", "link": "stroke"}
    for name, what in painted.items():
        colour = page.locator(f".wide .network .{name}").first.evaluate(f"(node) => getComputedStyle(node).{what}")
        assert contrast(colour, paper) >= 3, name
    tokens = page.evaluate(
        """() => [1, 2, 3, 4, 5, 6].map((n) => {
          const node = document.body.appendChild(document.createElement("i"));
          node.style.color = `var(--c${n})`;
          return getComputedStyle(node).color;
        })"""
    )
    assert len(set(tokens)) == 6
    assert min(contrast(colour, paper) for colour in tokens) >= 3


@pytest.mark.parametrize("code", ["ru", "es"])
def test_in_each_language_the_letters_of_a_plot_stay_inside_it(opened: Opened, code: str) -> None:
    page = opened(realistic(code), PHONE)
    outside = page.evaluate(
        """() => [...document.querySelectorAll("svg text")].filter((text) => text.checkVisibility()).map((text) => {
          const [box, frame] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
          return Math.max(frame.left - box.left, box.right - frame.right);
        })"""
    )
    assert max(outside) <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_text_stands_out_from_its_background(opened: Opened, width: int, scheme: str) -> None:
    """4.5 to 1, as WCAG 2.2 asks of text of any size; letters in plots included."""
    page = opened(realistic(), width, scheme)
    open_details(page)
    found = page.evaluate(WORST_CONTRAST)
    assert found["count"] > 300
    assert found["worst"][0] >= 4.5, found["worst"]


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, SMALLEST])
def test_the_plans_of_derived_matches_can_be_told_apart(opened: Opened, width: int, scheme: str, media: str) -> None:
    """3 to 1, as WCAG 2.2 asks of what is no text: each tone against the ground, and the frame against the paper."""
    page = opened(realistic(), width, scheme)
    page.emulate_media(media=media)  # type: ignore[arg-type]
    assert page.locator(".plans").get_by_role("img").count() == 4
    assert all(box["width"] >= 120 for box in page.locator(".plans svg").evaluate_all(BOXES))
    colours = {
        name: page.locator(f".plans .{name}").first.evaluate(f"(node) => getComputedStyle(node).{painted}")
        for name, painted in (("ground", "fill"), ("copied", "fill"), ("altered", "stroke"), ("edge", "stroke"))
    }
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for name, behind in (("copied", colours["ground"]), ("altered", colours["ground"]), ("edge", paper)):
        assert contrast(colours[name], behind) >= 3, name


def test_plans_stand_side_by_side_where_there_is_room(opened: Opened) -> None:
    for width, rows in ((DESKTOP, 1), (SMALLEST, 4)):
        boxes = opened(realistic(), width).locator(".plans svg").evaluate_all(BOXES)
        assert len({box["y"] for box in boxes}) == rows


def test_the_dark_scheme_is_dark_and_its_bars_are_not(opened: Opened) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        page = opened(realistic(), scheme=scheme)
        colours[scheme] = [
            page.evaluate("getComputedStyle(document.body).backgroundColor"),
            page.locator(".bar:not(.pale):visible").first.evaluate("(bar) => getComputedStyle(bar).fill"),
        ]
    assert colours["light"] == ["rgb(255, 255, 255)", "rgb(23, 96, 143)"]
    assert colours["dark"] == ["rgb(19, 23, 27)", "rgb(116, 181, 222)"]


def test_paper_shows_everything_without_a_click(opened: Opened) -> None:
    """In dark on light, whatever the screen was set to, with the folded tables open."""
    page = opened(realistic(), scheme="dark")
    assert page.locator("td:visible").count() < page.locator("td").count()
    page.emulate_media(media="print")
    shown = page.evaluate(
        """() => [...document.querySelectorAll("td, th, caption")].map((cell) =>
          cell.checkVisibility() && cell.getBoundingClientRect().height > 0)"""
    )
    assert len(shown) > 300
    assert all(shown)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(WORST_CONTRAST)["worst"][0] >= 4.5


def test_paper_is_not_too_narrow(opened: Opened, tmp_path: Path) -> None:
    page = opened(realistic(), 794 - 2 * 60)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 794 - 2 * 60
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_the_first_key_offers_to_skip_to_the_figures(opened: Opened) -> None:
    page = opened(realistic())
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the figures")
    box = link.bounding_box()
    assert link.evaluate("(link) => link === document.activeElement")
    assert box is not None
    assert box["x"] >= 0


def test_a_reader_finds_the_figures_by_role_and_name(opened: Opened) -> None:
    page = opened(realistic(), PHONE)
    assert page.get_by_role("heading", level=1).inner_text() == "What seven channels show"
    page.get_by_role("link", name="Copies found").click()
    page.get_by_text("Near copy: 11 matches").click()
    table = page.get_by_role("table", name="Near copy, most confident first")
    assert table.get_by_role("rowheader").count() == 11
    assert CHANNELS[0] in table.inner_text()
