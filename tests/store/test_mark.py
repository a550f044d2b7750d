"""A store's mark is another one as soon as anything was written, and stays what it is while nothing is."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from databases import only_sqlite
from store.stores import Opens, add, names
from tutela.store import Store


def test_it_stays_while_everybody_only_reads(store: Store, opened: Opens) -> None:
    other, mark = opened(), store.mark
    assert names(store) == names(other) == []
    assert store.mark == mark


def test_whoever_writes_here_has_another_one_afterwards(store: Store) -> None:
    marks = [store.mark]
    for name in "abc":
        add(store, name)
        assert store.mark not in marks
        marks.append(store.mark)


def test_threads_that_write_and_look_each_see_their_own(store: Store) -> None:
    def turn(number: int) -> bool:
        before = store.mark
        add(store, f"{number}")
        return store.mark != before

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(turn, range(40)))


@only_sqlite
def test_another_process_s_writing_makes_it_another_one(store: Store, url: str) -> None:
    """On a server a process is told of it instead, by a `Listener`."""
    mark = store.mark
    program = "import sys; from tutela.store import Store; from store.stores import add; "
    program += "store = Store.open(sys.argv[1], create=None); add(store, 'elsewhere'); store.close()"
    subprocess.run([sys.executable, "-c", program, url], check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert store.mark != mark


@only_sqlite
def test_a_transaction_that_ended_in_nothing_is_nothing(store: Store, opened: Opens) -> None:
    """In the file; a server's store takes its own for written, since the server may be lost in the last moment."""
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
