"""Chromium for tests that look at pages; a `conftest.py` imports the fixture."""

from collections.abc import Iterator

import browser_page
import pytest
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for the tests of a module: Playwright's loop would be in the way of tests that have one of their own."""
    try:
        with browser_page.chromium() as browser:
            yield browser
    except browser_page.BrowserMissing:
        pytest.skip("Chromium is not installed on this machine")
