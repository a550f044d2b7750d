"""One set of confined workers for all tests of the room."""

from collections.abc import Iterator

import pytest

from tutela.fingerprints import Fingerprinter


@pytest.fixture(scope="session")
def computer() -> Iterator[Fingerprinter]:
    """A fingerprinter with two workers and the limits of everyday use."""
    with Fingerprinter(2) as fingerprinter:
        yield fingerprinter
