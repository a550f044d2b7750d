"""Fixtures that every room's tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The shared real test material; see `CONTRIBUTING.md` for where it comes from."""
    folder = Path(os.environ.get("TUTELA_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"real test material is not here: {folder} is missing (set TUTELA_CORPORA)")
    return folder
