"""Banks of every released revision are brought up to date with all that they hold, and can be taken back."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from samples import fingerprint
from tutela.bank import DEFAULT, Bank
from tutela.store import Store, tables
from tutela.store.engine import HEAD

RELEASED = ("0001", "0002")


def moved(path: Path, revision: str) -> None:
    """Takes a bank back to `revision`."""
    config = Config()
    config.set_main_option("script_location", "tutela.store:migrations")
    store = Store.open(f"sqlite:///{path}", create=None)
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    store.close()


def revision_of(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    connection.close()
    return str(found)


@pytest.mark.parametrize("revision", RELEASED)
def test_an_old_bank_comes_up_with_its_cases(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "bank.db"
    with Bank.open(f"sqlite:///{path}", create=True) as bank:
        case, pin = bank.protect([fingerprint(1), fingerprint(2)], kind="ordinary")
        gone = bank.protect([fingerprint(3)], kind="intimate")
        bank.withdraw(*gone)
        bank.allow(fingerprint(4))
    moved(path, revision)
    with sqlite3.connect(path) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert not names & {"groups", "access_keys", "findings", "webhooks"}
        connection.execute("DELETE FROM secrets WHERE name = 'service'")
    connection.close()
    assert revision_of(path) == revision
    with Bank.open(f"sqlite:///{path}") as bank:
        assert revision_of(path) == HEAD
        assert [match.case for match in bank.match(fingerprint(2))] == [case]
        assert bank.groups.of(case).id == DEFAULT
        assert len(bank.service_key()) == 32
        assert len(bank.status(case, pin).protections) == 2
        assert bank.withdraw(case, pin) == 2
        assert bank.inventory().withdrawn == 2


def test_groups_are_lost_on_the_way_back_and_cases_are_not(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    with Bank.open(f"sqlite:///{path}", create=True) as bank:
        group = bank.groups.create("MINE")
        case = bank.register([fingerprint(1)], kind="ordinary", group=group.id).case
    moved(path, "0002")
    with Bank.open(f"sqlite:///{path}") as bank:
        assert bank.groups.of(case).id == DEFAULT
        assert [each.id for each in bank.groups.all()] == [DEFAULT]


def test_the_default_group_is_there_from_the_start(tmp_path: Path) -> None:
    with Bank.open(f"sqlite:///{tmp_path / 'bank.db'}", create=True) as bank, bank.store.read() as connection:
        assert connection.execute(sa.select(tables.groups.c.id)).scalars().all() == [DEFAULT]
