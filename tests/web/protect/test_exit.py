"""The quick exit: on every page, by button or three presses of Shift; the page is empty before another is there."""

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from web.protect.conftest import PHONE, Open
from web.protect.photos import photo
from web.protect.visits import begin, choose, look, protect

pytestmark = pytest.mark.browser

AWAY = "https://www.wikipedia.org/"
PATHS = ["/en/", "/en/age", "/en/help", "/en/steps?under18=no", "/en/case", "/ar/", "/ru/case", "/es/help"]


def elsewhere(page: Page) -> list[Route]:
    """Stands in for the site that the exit leads to."""
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        route.fulfill(body="<title>Elsewhere</title>", content_type="text/html")

    page.context.route(f"{AWAY}**", answer)
    return asked


def left(page: Page) -> None:
    expect(page).to_have_url(AWAY)
    expect(page).to_have_title("Elsewhere")


def shift(page: Page, times: int) -> None:
    for _ in range(times):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("path", PATHS)
def test_shift_three_times_leaves_every_page(page: Page, path: str) -> None:
    elsewhere(page)
    page.goto(path)
    shift(page, 2)
    assert page.url.endswith(path)
    shift(page, 1)
    left(page)


@pytest.mark.parametrize("path", PATHS)
def test_the_button_leaves_every_page_and_is_the_second_thing_that_tab_reaches(page: Page, path: str) -> None:
    elsewhere(page)
    page.goto(path)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".exit")).to_be_focused()
    page.keyboard.press("Enter")
    left(page)


def test_the_page_is_empty_before_the_other_one_is_there(open_page: Open) -> None:
    page = open_page(quiet=False)
    events: list[str] = []
    page.on("console", lambda message: events.append(message.text))
    page.on("request", lambda request: events.append(request.url))
    elsewhere(page)
    page.goto("/en/case")
    page.get_by_role("textbox", name="PIN").fill("1234567890")
    page.evaluate("""() => new MutationObserver(() => {
      const root = document.documentElement;
      console.log(`${root.childNodes.length} left, titled "${document.title}": ${root.textContent}`);
    }).observe(document.documentElement, {childList: true})""")
    del events[:]
    page.locator(".exit").click()
    left(page)
    assert events[:2] == ['0 left, titled "": ', AWAY]


def test_going_back_does_not_show_the_page_that_was_left(page: Page) -> None:
    elsewhere(page)
    page.goto("/en/")
    page.goto("/en/case")
    page.get_by_role("textbox", name="PIN").fill("1234567890")
    shift(page, 3)
    left(page)
    page.go_back()
    expect(page).to_have_url(re.compile("/en/$"))


@pytest.mark.parametrize(
    "keys", [["Shift", "a", "Shift", "Shift"], ["Shift+A", "Shift+B", "Shift+C"], ["Shift+Tab"] * 3]
)
def test_capital_letters_and_going_back_with_tab_do_not_leave(page: Page, keys: list[str]) -> None:
    asked = elsewhere(page)
    page.goto("/en/case")
    page.get_by_role("textbox", name="Reference").focus()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    assert asked == []
    expect(page.get_by_role("heading", name="Your case")).to_be_visible()


def test_who_listens_hears_how_many_presses_are_left(page: Page) -> None:
    page.goto("/en/")
    shift(page, 1)
    expect(page.locator("#exit-said")).to_have_text("Shift, press two more times to leave")
    shift(page, 1)
    expect(page.locator("#exit-said")).to_have_text("Shift, press once more to leave")


def test_it_works_in_the_middle_of_the_work_and_with_a_case_open(open_page: Open) -> None:
    page = open_page(PHONE)
    elsewhere(page)
    begin(page)
    choose(page, photo("PNG", 1).payload)
    shift(page, 3)
    left(page)
    look(page, *protect(page, photo("PNG", 2).payload))
    expect(page.get_by_text("1 intimate picture")).to_be_visible()
    shift(page, 3)
    left(page)


@pytest.mark.parametrize("way", ["button", "keys"])
def test_a_pin_that_was_not_kept_does_not_hold_it_up(page: Page, way: str) -> None:
    elsewhere(page)
    protect(page, photo("PNG", 3).payload)
    asked: list[Dialog] = []
    page.on("dialog", lambda dialog: asked.append(dialog))  # one that is not answered stays, and the page with it
    if way == "button":
        page.locator(".exit").click()
    else:
        shift(page, 3)
    left(page)
    assert asked == []


def test_without_scripts_the_button_still_leads_away(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    elsewhere(page)
    page.goto("/en/")
    page.get_by_role("link", name="Leave this page").click()
    left(page)


def test_the_exit_is_always_in_sight(open_page: Open) -> None:
    for size in ((320, 480), PHONE, (1100, 800)):
        page = open_page(size)
        for path in ("/en/", "/ru/", "/ar/help"):
            page.goto(path)
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            expect(page.locator(".exit")).to_be_in_viewport(ratio=1)
