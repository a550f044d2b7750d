"""The protect page's fingerprinter, open in Chromium."""

from collections.abc import Iterator

import pytest
from browser_page import BrowserMissing, FingerprintPage, fingerprint_page


@pytest.fixture(scope="module")
def page() -> Iterator[FingerprintPage]:
    """At the end: the browser complained of nothing, so the policy that the page is served with suffices."""
    try:
        with fingerprint_page() as opened:
            yield opened
            assert opened.complaints == []
    except BrowserMissing:
        pytest.skip("Chromium is not installed on this machine")
