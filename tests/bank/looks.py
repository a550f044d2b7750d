"""What a process that opens a bank finds in it, for tests of snapshots."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from samples import changed, fingerprint
from tutela.bank import Bank, replica
from tutela.model import Match

PICTURES = 5


@contextmanager
def eager() -> Iterator[pytest.MonkeyPatch]:
    """Snapshots of a bank of any size, as often as one is due."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replica, "SNAPSHOT_FROM", 1)
        patch.setattr(replica, "SNAPSHOT_REST", 0.0)
        yield patch


def look(url: str, numbers: range = range(PICTURES)) -> list[list[Match]]:
    """What a process that opens the bank finds of each picture, of a copy, and of a logo made from it."""
    with Bank.open(url) as bank:
        queries = [
            [fingerprint(n), changed(fingerprint(n), 2, seed=n), changed(fingerprint(n), 9, seed=n)] for n in numbers
        ]
        return [bank.match(query) for each in queries for query in each]
