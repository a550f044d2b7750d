"""Fixtures that every room's tests share, and what a missing program means."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something about a busy machine, and nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

NEEDS = ("system", "browser")
"""Marks of tests that need a program which `scripts/system-needs` installs."""


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The shared real test material; see `CONTRIBUTING.md` for where it comes from."""
    folder = Path(os.environ.get("TUTELA_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"real test material is not here: {folder} is missing (set TUTELA_CORPORA)")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped for want of a program is a failure: a gap must not look like a pass."""
    report = yield
    if report.skipped and os.environ.get("CI") and any(item.get_closest_marker(mark) for mark in NEEDS):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report
