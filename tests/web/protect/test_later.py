"""Save and leave: kept only when asked, opened only by its words, shown by nothing, and gone in time."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tutela.web.protect.texts import LANGUAGES, said
from web.protect.conftest import Open
from web.protect.photos import ARTIST, PLACE, photo
from web.protect.server import Service
from web.protect.test_exit import elsewhere, left, shift
from web.protect.visits import WAIT, ask_to_keep, begin, choose, keep, review, send, take_up

pytestmark = pytest.mark.browser

WORDS = "lamp river seven gate"
DAY = 24 * 60 * 60

MODULE = """async ([name, ...given]) => {
  const script = document.querySelector("script[src$='/steps.js']").src;
  return (await import(script.replace("steps.js", "keeping.js")))[name](...given);
}"""

RAW = """async () => {
  const bases = await indexedDB.databases();
  if (!bases.length) return null;
  const base = await new Promise((yes) => {
    indexedDB.open(bases[0].name).onsuccess = ({ target }) => yes(target.result); });
  const store = base.transaction([...base.objectStoreNames]).objectStore(base.objectStoreNames[0]);
  const [record] = await new Promise((yes) => { store.getAll().onsuccess = ({ target }) => yes(target.result); });
  base.close();
  const latin = (bytes) => [...new Uint8Array(bytes)].map((byte) => String.fromCharCode(byte)).join("");
  return { name: bases[0].name, until: record.until, keys: Object.keys(record), sealed: latin(record.sealed) };
}"""


def opened(page: Page, words: str = WORDS) -> Any:
    """What these words open, asked of the page's own module."""
    return page.evaluate(MODULE, ["kept", words])


def shown(page: Page) -> str:
    page.goto("/en/steps?under18=no")
    return page.content()


def finish(page: Page) -> None:
    """Leaves nothing behind."""
    page.goto("/en/steps?under18=no")
    page.get_by_text("Go on with something that you kept").click()
    page.get_by_role("button", name="Delete what is kept").click()
    expect(page.get_by_role("status").filter(has_text="Nothing is kept in this browser now.")).to_be_visible()
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0


def test_what_is_kept_is_taken_up_another_day_and_gone_when_the_numbers_are_sent(page: Page, service: Service) -> None:
    begin(page, "ordinary")
    choose(page, photo("PNG", 1).payload, photo("JPEG", 2).payload)
    heard = len(service.heard)
    keep(page, WORDS)
    assert service.heard[heard:] == [], "nothing is sent"
    take_up(page, f"  {WORDS.replace(' ', '   ')} ")
    expect(page.get_by_text("Pictures ready: 2 of 2")).to_be_visible()
    page.get_by_role("checkbox", name="Show small previews").check()
    expect(page.locator("main img")).to_have_count(0)
    choose_more = photo("PNG", 3)
    page.get_by_label("Choose pictures").set_input_files([choose_more.payload])
    expect(page.get_by_text("Pictures ready: 3 of 3")).to_be_visible(timeout=WAIT)
    review(page)
    expect(page.get_by_role("checkbox", name="Send parts as well")).to_be_checked()
    expect(page.get_by_role("checkbox", name="I agree that these numbers")).not_to_be_checked()
    status = service.bank.status(*send(page))
    assert len(status.protections) == 3
    assert all("parts" in each.has for each in status.protections)
    page.wait_for_function("async () => !(await indexedDB.databases()).length")


def test_it_holds_numbers_and_choices_alone_and_says_nothing_without_the_words(page: Page, service: Service) -> None:
    begin(page, "intimate")
    choose(page, photo("JPEG", 4).payload)
    keep(page, WORDS)
    page.goto("/en/steps?under18=no")
    state = opened(page)
    assert set(state) == {"kind", "parts", "secret", "fingerprints"}
    assert (state["kind"], state["parts"]) == ("intimate", False)
    [fingerprint] = state["fingerprints"]
    assert set(fingerprint) == {"media", "width", "height", "sha256", "md5", "pdq", "parts"}
    assert fingerprint["parts"] is None, "more can be made of parts, and nobody agreed to them"
    raw = page.evaluate(RAW)
    assert raw["keys"] == ["until", "salt", "start", "sealed"]
    assert not re.search("tutela|protect|pict|image", raw["name"], re.IGNORECASE)
    assert len(raw["sealed"]) == len(json.dumps(state, separators=(",", ":"))) + 16
    for secret in (fingerprint["sha256"], "intimate", "telltale", ARTIST, PLACE):
        assert secret not in raw["sealed"]
    assert opened(page, WORDS.upper()) is None
    finish(page)


def test_of_intimate_pictures_parts_are_kept_only_after_their_own_agreement(page: Page, service: Service) -> None:
    begin(page, "intimate")
    choose(page, photo("PNG", 5).payload)
    keep(page, WORDS)
    take_up(page, WORDS)
    review(page)
    missing = page.get_by_text("For some pictures there are no parts any more")
    expect(missing).to_be_visible()
    page.get_by_role("button", name="Back").click()
    choose_again = photo("PNG", 5)
    page.get_by_role("button", name="Remove picture 1").click()
    choose(page, choose_again.payload)
    review(page)
    expect(missing).to_be_hidden()
    page.get_by_role("checkbox", name="I agree that parts of my intimate pictures").check()
    keep(page, WORDS)
    take_up(page, WORDS)
    review(page)
    expect(page.get_by_role("checkbox", name="I agree that parts of my intimate pictures")).to_be_checked()
    [protection] = service.bank.status(*send(page)).protections
    assert "parts" in protection.has


def test_no_page_shows_that_something_is_kept_and_wrong_words_hear_the_same_as_where_nothing_is(page: Page) -> None:
    def tried() -> str:
        page.get_by_text("Go on with something that you kept").click()
        page.get_by_role("textbox", name="Your words").fill("other words than those")
        page.get_by_role("button", name="Go on").click()
        alert = page.get_by_role("alert").filter(has_text="Nothing opens with these words.")
        expect(alert).to_be_visible()
        expect(page.get_by_role("textbox", name="Your words")).to_be_focused()
        return alert.inner_text()

    before, said_before = shown(page), tried()
    begin(page)
    choose(page, photo("PNG", 6).payload)
    keep(page, WORDS)
    assert shown(page) == before
    assert tried() == said_before
    finish(page)


def test_the_quick_exit_neither_loses_nor_shows_it(page: Page) -> None:
    elsewhere(page)
    begin(page)
    choose(page, photo("PNG", 7).payload)
    keep(page, WORDS)
    shift(page, 3)
    left(page)
    page.go_back()
    page.wait_for_load_state()
    assert "Kept until" not in page.locator("body").inner_text()
    take_up(page, WORDS)
    expect(page.get_by_text("Pictures ready: 1 of 1")).to_be_visible()
    finish(page)


@pytest.mark.parametrize("path", ["/en/", "/ar/help"])
def test_any_page_deletes_it_once_its_last_day_is_over(page: Page, path: str) -> None:
    begin(page)
    choose(page, photo("PNG", 8).payload)
    keep(page, WORDS)
    now = page.evaluate("Date.now() / 1000")
    gone = "async () => !(await indexedDB.databases()).length"
    page.clock.set_fixed_time(now + 7 * DAY)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert not page.evaluate(gone)
    page.clock.set_fixed_time(now + 8 * DAY)
    page.goto(path)
    page.wait_for_function(gone)


def test_words_that_are_too_short_keep_nothing(page: Page) -> None:
    begin(page)
    choose(page, photo("PNG", 9).payload)
    ask_to_keep(page, " 1234567 ")
    expect(page.get_by_role("alert").filter(has_text="at least 8 letters or digits")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your words")).to_be_focused()


def test_where_nothing_is_ready_nothing_is_kept(page: Page) -> None:
    begin(page)
    ask_to_keep(page, WORDS)
    expect(page.get_by_role("alert").filter(has_text="Choose at least one picture")).to_be_visible()


def test_a_browser_that_keeps_nothing_says_so(page: Page) -> None:
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }")
    begin(page)
    choose(page, photo("PNG", 10).payload)
    ask_to_keep(page, WORDS)
    expect(page.get_by_role("alert").filter(has_text="does not let this page keep anything")).to_be_visible()


def test_words_are_dots_until_they_are_to_be_seen(page: Page) -> None:
    page.goto("/en/steps?under18=no")
    page.get_by_text("Go on with something that you kept").click()
    look = "(each) => getComputedStyle(each).webkitTextSecurity"
    assert page.get_by_role("textbox", name="Your words").evaluate(look) == "disc"
    page.get_by_role("checkbox", name="Show what I type").check()
    field = page.get_by_role("textbox", name="Your words")
    assert field.evaluate(look) == "none"
    assert field.get_attribute("type") is None, "no browser offers to remember it"


def test_a_full_case_has_room(page: Page) -> None:
    """A hundred pictures with as many parts as there are."""
    page.goto("/en/steps?under18=no")
    size = 7_000_000
    page.evaluate(MODULE, ["keep", WORDS, "x" * size])
    assert len(opened(page)) == size
    finish(page)


def test_days_and_signs_are_told_as_they_are(open_page: Open) -> None:
    page = open_page()
    page.goto("/en/steps?under18=no")
    days, shortest = page.evaluate(
        """async () => {
          const script = document.querySelector("script[src$='/steps.js']").src;
          const { DAYS, SHORTEST } = await import(script.replace("steps.js", "keeping.js"));
          return [DAYS, SHORTEST];
        }"""
    )
    for code in LANGUAGES:
        assert re.findall(r"\d+", said(code, "later_long_text") + said(code, "earlier_text")) == [str(days)] * 2
        assert re.findall(r"\d+", said(code, "later_hint") + said(code, "live_words_short")) == [str(shortest)] * 2
