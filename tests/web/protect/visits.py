"""A person's way through the page, by the names that they read."""

import re

from playwright.sync_api import FilePayload, Page, Route, expect

WAIT = 30_000
"""Milliseconds for fingerprinting on a busy machine."""


def begin(page: Page, kind: str = "intimate") -> None:
    """From the question about age to the choice of pictures."""
    page.goto("/en/age")
    page.get_by_role("link", name="No, I was 18 or older").click()
    page.get_by_role("radio", name=re.compile(kind, re.IGNORECASE)).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose pictures", level=1)).to_be_focused()


def choose(page: Page, *files: FilePayload) -> None:
    """Chooses files and waits until each is ready or refused."""
    page.get_by_label("Choose pictures").set_input_files(list(files))
    expect(page.get_by_role("list", name="Chosen pictures").get_by_role("listitem")).to_have_count(len(files))
    expect(page.get_by_role("button", name="Cancel the rest")).to_be_hidden(timeout=WAIT)


def review(page: Page) -> None:
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="See what will be sent, and agree")).to_be_focused()


def send(page: Page) -> tuple[str, str]:
    """Agrees and sends; the reference and the PIN."""
    page.get_by_role("checkbox", name="I agree that these numbers").check()
    page.get_by_role("button", name="Send the numbers").click()
    expect(page.get_by_role("heading", name="Your pictures are protected")).to_be_focused(timeout=WAIT)
    return page.locator("#reference").inner_text(), page.locator("#pin").inner_text()


def protect(page: Page, *files: FilePayload, kind: str = "intimate") -> tuple[str, str]:
    """The whole way."""
    begin(page, kind)
    choose(page, *files)
    review(page)
    return send(page)


def hold(page: Page, address: str) -> list[Route]:
    """What is asked there from now on and waits to be let through."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    return held


def look(page: Page, reference: str, pin: str, *, twice: bool = False) -> None:
    """Enters both and presses the button, or presses it twice in a row."""
    page.goto("/en/case")
    page.get_by_role("textbox", name="Reference").fill(reference)
    page.get_by_role("textbox", name="PIN").fill(pin)
    page.get_by_role("button", name="Show my case").click(click_count=1 + twice)


def ask_to_keep(page: Page, words: str) -> None:
    page.get_by_text("Save and leave", exact=True).click()
    page.get_by_role("textbox", name="Your words").fill(words)
    page.get_by_role("button", name="Keep it on this device").click()


def keep(page: Page, words: str) -> None:
    """Save and leave, without leaving."""
    ask_to_keep(page, words)
    expect(page.get_by_role("status").filter(has_text="Kept until")).to_be_visible(timeout=WAIT)


def take_up(page: Page, words: str) -> None:
    """Comes again, and goes on with what was kept."""
    page.goto("/en/steps?under18=no")
    page.get_by_text("Go on with something that you kept").click()
    page.get_by_role("textbox", name="Your words").fill(words)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Choose pictures", level=1)).to_be_focused(timeout=WAIT)
