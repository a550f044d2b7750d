"""A store of its own for each test, once on SQLite and once on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from store.stores import Create, Opens, nothing
from tutela.store import Store


@pytest.fixture
def url(addresses: Callable[[], str]) -> str:
    return addresses()


@pytest.fixture
def opened(url: str) -> Iterator[Opens]:
    """Opens stores and closes them all at the end."""
    with ExitStack() as stores:

        def open_store(address: str = url, *, create: Create = nothing) -> Store:
            store = Store.open(address, create=create)
            stores.callback(store.close)
            return store

        yield open_store


@pytest.fixture
def store(opened: Opens) -> Store:
    return opened()
