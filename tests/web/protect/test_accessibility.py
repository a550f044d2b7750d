"""WCAG 2.2 AA, as far as programs can tell: axe on every step and language, the keyboard, sizes, small screens."""

import re
from itertools import product
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from samples import fingerprint
from tutela.model import Kind
from tutela.web.protect.texts import LANGUAGES
from web.protect.conftest import DESKTOP, PHONE, Open
from web.protect.photos import broken, photo
from web.protect.server import Service
from web.protect.visits import WAIT

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PATHS = ["", "age", "help", "help?country=gb", "case"]
SMALLEST = (320, 480)

Look = tuple[tuple[int, int], Literal["light", "dark"]]
"""The size of the screen, and the colours that the person asked for."""

SETTLED = """() => document.getAnimations()
  .filter((each) => each instanceof CSSTransition).forEach((each) => each.finish())"""
"""Brings colours that fade into others to their end."""

COVERED = """
() => {
  const bar = document.querySelector(".bar").getBoundingClientRect();
  const node = document.activeElement, box = (node.id === "files" ? node.labels[0] : node).getBoundingClientRect();
  if (node === document.body || node.closest(".bar") || node.classList.contains("skip")) return null;
  return [node.outerHTML.slice(0, 80), Math.round(box.top - bar.bottom), Math.round(innerHeight - box.bottom),
          Math.round(box.height)];
}
"""


def violations(page: Page) -> list[str]:
    if page.evaluate("typeof axe") == "undefined":  # each document needs it once
        page.evaluate(Axe().axe_script)
    found = page.evaluate("async (options) => (await axe.run(options)).violations", RULES)
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def steps(page: Page, code: str, service: Service, looks: list[Look]) -> list[str]:
    """Goes through all steps of one language, whatever its words are; what was wrong on each, however it is shown."""
    wrong: list[str] = []

    def check(step: str) -> None:
        for size, scheme in looks:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            page.evaluate("window.scrollTo(0, 0)")  # axe takes a link for small that is scrolled half under the bar
            where = f"{code} {step} {size} {scheme}"
            wrong.extend(f"{where} {each}" for each in violations(page))
            if page.evaluate("document.documentElement.scrollWidth") > size[0]:
                wrong.append(f"{where} sticks out")

    for path in PATHS:
        page.goto(f"/{code}/{path}")
        check(path)
    page.goto(f"/{code}/steps?under18=no")
    page.locator("#kind-form button").click()
    page.locator("#earlier summary").click()
    page.locator("#earlier-words").fill("no such words")
    page.locator("#earlier-form button").first.click()
    expect(page.locator("#earlier-error")).not_to_be_empty(timeout=WAIT)
    check("kind, with errors")
    page.locator("#kind-intimate").check()
    page.locator("#kind-form button").click()
    check("pictures")
    page.locator("#files").set_input_files([photo("PNG").payload, *broken()])
    expect(page.locator("#cancel")).to_be_hidden(timeout=WAIT)
    page.locator("#previews").check()
    page.locator("#later summary").click()
    page.locator("#later-form button").click()
    expect(page.locator("#later-error")).not_to_be_empty()
    check("pictures, chosen, and words that are too short")
    page.locator("#later-words").fill("lamp river seven")
    page.locator("#later-form button").click()
    expect(page.locator("#later-said")).not_to_be_empty(timeout=WAIT)
    check("pictures, kept")
    page.locator("#later summary").click()
    page.locator("#pictures-form .moves button").first.click()
    page.locator("#numbers summary").click()
    expect(page.locator("#numbers pre")).to_have_count(1)
    page.locator("#send").click()
    check("consent, with an error")
    page.locator("#agreed").check()
    page.locator("#send").click()
    expect(page.locator("#done-head")).to_be_focused(timeout=WAIT)
    check("done")
    reference, pin = page.locator("#reference").inner_text(), page.locator("#pin").inner_text()
    page.goto(f"/{code}/case")
    page.locator("#entry button").click()
    check("case, with an error")
    page.locator("#reference").fill(reference)
    page.locator("#pin").fill(pin)
    page.locator("#entry button").click()
    page.locator("#withdraw").click()
    check("case, about to be withdrawn")
    page.locator("#withdraw-yes").click()
    expect(page.locator("#active")).to_be_hidden(timeout=WAIT)
    check("case, withdrawn")
    return wrong


@pytest.mark.parametrize("code", LANGUAGES)
def test_axe_finds_nothing_and_nothing_sticks_out_on_any_step(open_page: Open, service: Service, code: str) -> None:
    """On a phone in each language; in the dark, in one of them, on the smallest screen and on a large one."""
    dark: list[Look] = [(SMALLEST, "dark"), (DESKTOP, "dark")]
    assert steps(open_page(PHONE), code, service, [*(dark if code == "en" else []), (PHONE, "light")]) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_axe_finds_nothing_at_an_address_with_nothing(open_page: Open, code: str) -> None:
    page = open_page(SMALLEST, quiet=False)  # the browser names the 404
    page.goto(f"/{code}/nothing/here")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST[0]


def test_axe_would_find_something(page: Page) -> None:
    page.goto("/en/")
    page.evaluate("document.querySelector('.exit').style.color = '#555'")
    assert any(each.startswith("color-contrast") for each in violations(page))


@pytest.mark.parametrize(("code", "path"), [*product(("ru", "ar"), ["", "help", "case"])])
@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_what_has_the_focus_is_never_under_the_bar(open_page: Open, code: str, path: str, key: str) -> None:
    page = open_page(SMALLEST)
    page.goto(f"/{code}/{path}")
    count = page.locator("main :is(a, button, input, select):visible, footer a").count()
    seen = []
    for _ in range(count + 6):
        page.keyboard.press(key)
        place = page.evaluate(COVERED)
        if place:
            seen.append(place)
    assert len({name for name, *_ in seen}) >= 4
    for name, above, below, height in seen:
        assert above >= 0, name
        assert below >= 0 or height > 300, name


def test_targets_are_large_enough(open_page: Open) -> None:
    """24 by 24 CSS pixels (2.5.8); links within a sentence are excepted there, and the page has none."""
    page = open_page(PHONE)
    small = """(all) => all
      .filter((each) => each.checkVisibility() && !each.classList.contains("skip") && each.id !== "files")
      .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
      .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"""
    for path in [*PATHS, "steps?under18=no"]:
        page.goto(f"/en/{path}")
        targets = page.locator("a, button, input, select, summary")
        assert targets.count() > 8
        assert targets.evaluate_all(small) == []


def test_the_whole_way_by_keyboard_alone(page: Page) -> None:
    """Tab, Space and Enter; the chooser of files is the browser's own."""
    keys = page.keyboard

    def to(locator: str) -> None:
        for _ in range(40):
            if page.locator(locator).evaluate("(each) => each === document.activeElement"):
                return
            keys.press("Tab")
        pytest.fail(f"Tab does not reach {locator}")

    page.on("filechooser", lambda _: None)  # from now on choosers are ours; to ask for that at the click comes too late
    page.goto("/en/")
    to(".ways .button")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Were you under 18 when it was taken?")).to_be_visible()
    to(".answers li:last-child a")
    keys.press("Enter")
    expect(page.locator("#kind")).to_be_visible()
    to("#kind-intimate")
    keys.press("ArrowDown")
    expect(page.locator("#kind-ordinary")).to_be_checked()
    to("#kind-form button")
    keys.press("Enter")
    expect(page.locator("#pictures-head")).to_be_focused()
    to("#files")
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files([photo("PNG").payload])
    expect(page.get_by_text("Pictures ready: 1 of 1")).to_be_visible(timeout=WAIT)
    to("#later summary")
    keys.press("Enter")
    to("#later-words")
    keys.type("lamp river seven")
    keys.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Kept until")).to_be_visible(timeout=WAIT)
    page.goto("/en/steps?under18=no")
    to("#earlier summary")
    keys.press("Enter")
    to("#earlier-words")
    keys.type("lamp river seven")
    keys.press("Enter")
    expect(page.locator("#pictures-head")).to_be_focused(timeout=WAIT)
    to("#pictures-form .moves button >> nth=0")
    keys.press("Enter")
    expect(page.locator("#agree-head")).to_be_focused()
    to("#numbers summary")
    keys.press("Enter")
    to("#numbers pre")
    to("#agreed")
    keys.press("Space")
    to("#send")
    keys.press("Enter")
    expect(page.locator("#done-head")).to_be_focused(timeout=WAIT)
    reference, pin = page.locator("#reference").inner_text(), page.locator("#pin").inner_text()
    to("#copy")
    to("#done a")
    keys.press("Enter")
    to("#reference")
    keys.type(reference)
    to("#pin")
    keys.type(pin)
    keys.press("Enter")
    expect(page.get_by_text("1 ordinary picture")).to_be_visible(timeout=WAIT)
    to("#withdraw")
    keys.press("Space")
    to("#withdraw-yes")
    keys.press("Space")
    expect(page.get_by_text("Your case is withdrawn.")).to_be_visible(timeout=WAIT)


def test_the_first_key_offers_to_skip_to_the_content(page: Page) -> None:
    page.goto("/en/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_help_is_in_the_same_place_on_every_page(page: Page) -> None:
    for path in [*PATHS, "steps?under18=no"]:
        page.goto(f"/en/{path}")
        names = page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()
        assert names == ["Start", "Your case", "Get help"]


def test_each_page_is_outlined_by_one_main_heading_and_landmarks(page: Page) -> None:
    for path in [*PATHS, "steps?under18=no"]:
        page.goto(f"/en/{path}")
        assert page.locator("h1:visible").count() == 1
        for role in ("banner", "main", "contentinfo"):
            expect(page.get_by_role(role)).to_have_count(1)  # type: ignore[arg-type]


def test_what_moves_keeps_still_for_whoever_asked(open_page: Open) -> None:
    moved = "() => getComputedStyle(document.querySelector('.button')).transitionDuration"
    for wish, moves in (("reduce", False), ("no-preference", True)):
        page = open_page(reduced_motion=wish)
        page.goto("/en/")
        assert any(float(each) for each in re.findall(r"[\d.]+", page.evaluate(moved))) is moves


def test_at_four_times_the_size_nothing_is_cut_off(open_page: Open, service: Service) -> None:
    """1280 pixels at 400 % are 320 (1.4.10); the exit stays and the content still scrolls below it."""
    reference, pin = service.bank.protect([fingerprint(931)], kind=Kind.INTIMATE)
    page = open_page((320, 256))
    page.goto("/en/case")
    page.locator("#reference").fill(reference)
    page.locator("#pin").fill(pin)
    page.locator("#entry button").click()
    page.locator("#withdraw").click()
    expect(page.locator("#sure-head")).to_be_in_viewport()
    bar = page.locator(".bar").bounding_box()
    assert bar is not None
    assert bar["height"] < 256 / 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
