"""A store's mark is another one as soon as a change was noted, and stays what it is while nothing is written."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from databases import only_sqlite
from store.stores import Opens, add, names
from tutela.store import Store, tables
from tutela.store.postgres import wake


def test_it_stays_while_everybody_only_reads(store: Store, opened: Opens) -> None:
    other, mark = opened(), store.mark
    assert names(store) == names(other) == []
    assert store.mark == mark


def change(store: Store, name: str) -> None:
    """Writes something that others are told of."""
    with store.write() as connection:
        connection.execute(tables.secrets.insert(), {"name": name, "sealed": b"x"})
        wake(connection)


def test_whoever_changes_something_here_has_another_one_afterwards(store: Store) -> None:
    marks = [store.mark]
    for name in "abc":
        change(store, name)
        assert store.mark not in marks
        marks.append(store.mark)


def test_threads_that_change_something_and_look_each_see_their_own(store: Store) -> None:
    def turn(number: int) -> bool:
        before = store.mark
        change(store, f"{number}")
        return store.mark != before

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(turn, range(40)))


def test_what_is_written_for_nobody_else_leaves_it_on_a_server(store: Store) -> None:
    """A note of a near match, for instance, makes no lookup ask for changes."""
    mark = store.mark
    add(store, "a")
    assert (store.mark == mark) == store.tells


def test_a_change_that_failed_may_have_happened(store: Store) -> None:
    """A server can be lost in the last moment; a file tells."""
    mark = store.mark
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        wake(connection)
        raise ZeroDivisionError
    assert (store.mark != mark) == store.tells


@only_sqlite
def test_another_process_s_writing_makes_it_another_one(store: Store, url: str) -> None:
    """On a server a process is told of it instead, by a `Listener`."""
    mark = store.mark
    program = "import sys; from tutela.store import Store; from store.stores import add; "
    program += "store = Store.open(sys.argv[1], create=None); add(store, 'elsewhere'); store.close()"
    subprocess.run([sys.executable, "-c", program, url], check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert store.mark != mark


def test_a_transaction_that_ended_in_nothing_is_nothing(store: Store, opened: Opens) -> None:
    other, mark = opened(), store.mark
    with pytest.raises(ZeroDivisionError), other.write():
        raise ZeroDivisionError
    assert store.mark == mark


@only_sqlite
def test_where_it_cannot_be_told_it_equals_nothing(store: Store) -> None:
    mark = store.mark
    store.close()
    assert store.mark != mark
    assert store.mark != store.mark
