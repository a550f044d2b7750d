"""The projection that the page loads is Python's, number by number."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from browser_page import FingerprintPage

from tutela.fingerprints.projection import projection

TOOL = runpy.run_path(str(Path(__file__).parents[3] / "tools" / "browser_projection.py"))


def test_the_module_is_what_the_tool_writes():
    assert TOOL["MODULE"].read_text("utf-8") == TOOL["module"]()


@pytest.mark.browser
def test_the_page_reads_the_same_numbers(page: FingerprintPage):
    there = np.array(page.page.evaluate("tutela.projection"), np.float32)
    assert np.array_equal(there, np.vstack(projection()))
