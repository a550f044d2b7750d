"""What the tests of stores write and read."""

from collections.abc import Callable

import sqlalchemy as sa

from tutela.store import Store, tables

Create = Callable[[sa.Connection], None] | None
Opens = Callable[..., Store]


def nothing(connection: sa.Connection) -> None:
    """A bank that begins empty."""


def add(store: Store, name: str) -> None:
    with store.write() as connection:
        connection.execute(tables.secrets.insert(), {"name": name, "sealed": b"x"})


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(sa.select(tables.secrets.c.name).order_by(tables.secrets.c.name)).scalars())
