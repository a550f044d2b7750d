"""Fixtures that every room's tests share, and what a missing program means."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from servers import Server, ServerUnavailableError, in_memory

from tutela.bank import pins

# How long an example takes says something about a busy machine, and nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

NEEDS = ("system", "browser", "postgres")
"""Marks of tests that need a program which `scripts/system-needs` installs, or a server that starts."""

CORPORA = Path(os.environ.get("TUTELA_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
"""The shared real test material, which no machine must have; see `CONTRIBUTING.md` for where it comes from."""

REAL_HASHER = pins._HASHER


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder `CORPORA`."""
    if not CORPORA.is_dir():
        pytest.skip(f"real test material is not here: {CORPORA} is missing (set TUTELA_CORPORA)")
    return CORPORA


@pytest.fixture(scope="session", autouse=True)
def _quick_pins() -> Iterator[None]:
    """Hashing a PIN takes two tenths of a second of processor time on purpose; hardly any test is about that."""
    with _hashing(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        yield


@pytest.fixture
def real_pins() -> Iterator[None]:
    """For tests of how a PIN is hashed and how long that takes."""
    with _hashing(REAL_HASHER):
        yield


@contextmanager
def _hashing(hasher: PasswordHasher) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pins, "_HASHER", hasher)
        pins._nobody.cache_clear()
        yield
    pins._nobody.cache_clear()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, one for each process that runs tests; see `bench/servers.py`."""
    try:
        server = Server(in_memory())
    except ServerUnavailableError as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")
    with server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """Every test that asks for a bank runs on both; `databases.only_sqlite` marks those that speak of files."""
    return str(request.param)


@pytest.fixture
def addresses(
    database: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """Gives addresses where there is no bank yet: of a file, or of an empty database whose key file is `bank.key`."""
    if database == "sqlite":
        folders = chain([tmp_path], (tmp_path / str(number) for number in count(2)))
        yield lambda: f"sqlite:///{next(folders) / 'bank.db'}"
        return
    server: Server = request.getfixturevalue("server")
    monkeypatch.setenv("TUTELA_KEY_FILE", str(tmp_path / "bank.key"))
    monkeypatch.setenv("TUTELA_CACHE", str(tmp_path / "cache"))

    given: list[str] = []

    def address() -> str:
        given.append(server.database())
        return given[-1]

    yield address
    for each in given:
        server.drop(each)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `whole` first: of the last ones, processes that have nothing left to do take some over."""
    items.sort(key=lambda item: item.get_closest_marker("whole") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped for want of a program is a failure: a gap must not look like a pass."""
    report = yield
    without_corpora = item.get_closest_marker("corpora") and not CORPORA.is_dir()
    needed = any(item.get_closest_marker(mark) for mark in NEEDS) and not without_corpora
    if report.skipped and os.environ.get("CI") and needed:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report
