"""The same tests on SQLite and PostgreSQL, and where they may differ."""

import time
from collections.abc import Callable

import pytest

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests that speak of a bank's files; each says why beside it."""

only_server = pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
"""For tests of what SQLite has none of."""


def told(url: str, holds: Callable[[], bool]) -> bool:
    """Whether something that another process did is seen: on SQLite by the next lookup, on a server, which tells every
    process, by a lookup within one second."""
    end = time.monotonic() + (0 if url.startswith("sqlite") else 1)
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.005)
    return held
