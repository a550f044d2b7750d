"""Killed at random moments, the service and its database keep what was acknowledged and tell of nothing else.

`bench/faults.py` does the same a hundred times.
"""

import random
import tempfile
from pathlib import Path

import pytest
from faults import Row, Trials, on_server, until_ready
from served import Receiver, Service
from servers import Server, in_memory

from databases import only_sqlite

KILLS = 4


@only_sqlite
def test_a_killed_service_keeps_its_word(service: Service, receiver: Receiver) -> None:
    chance, row, trials = random.Random(1), Row(), Trials(service, receiver, None)
    for _ in range(KILLS):
        assert trials.kill("the service", chance.uniform(0.02, 0.5), chance, row) == []
    assert row.middle >= KILLS // 2
    assert trials.diary.acknowledged() > KILLS


@pytest.mark.postgres
def test_so_it_does_where_a_backend_or_the_whole_server_is_killed(receiver: Receiver, server: Server) -> None:
    """`server` says that one starts here; the one that is killed is the test's own."""
    chance, row = random.Random(2), Row()
    with (
        Server(in_memory()) as mine,
        on_server(mine) as (address, _),
        tempfile.TemporaryDirectory() as folder,
        Service(address, Path(folder), receiver) as service,
    ):
        until_ready(service)
        trials = Trials(service, receiver, mine)
        for what in ("the service", "a backend", "the server", "the server") * (KILLS // 4):
            assert trials.kill(what, chance.uniform(0.02, 0.5), chance, row) == []
    assert row.middle >= KILLS // 2
    assert trials.diary.acknowledged() > KILLS
