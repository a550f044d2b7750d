"""A confined worker that obeys (`obedient.py`), as the real one is started."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tutela.media import Limits, Worker


@pytest.fixture
def obedient(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Worker]]:
    """Makes workers under given limits and ends them after the test."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    workers: list[Worker] = []

    def make(**limits: float) -> Worker:
        workers.append(Worker("media.obedient", Limits(**limits)))
        return workers[-1]

    yield make
    for worker in workers:
        worker.close()
