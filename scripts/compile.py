"""Has numba compile what it compiles, so that of all processes that run tests none has to: 35 s in a new folder."""

import tempfile
from pathlib import Path

import numpy as np

from tutela.bank import Bank
from tutela.fingerprints import Detail, fingerprint
from tutela.index import HammingIndex
from tutela.simulate.pictures import draw, jpeg

CODES = 50_000
"""So many have tables; few are searched without what is compiled."""


def index() -> None:
    """A search through tables, one past them, and one after a change."""
    made = np.random.default_rng(1)
    codes = made.integers(0, 256, (CODES, 32), dtype=np.uint8)
    codes[1] = codes[0]
    searched = HammingIndex()
    searched.add(np.arange(CODES), codes)
    for distance in (15, 31, 60):
        searched.search(codes[:1], distance)
        searched.search(codes[:100], distance)
    searched.remove([0])
    searched.compact()


def bank(folder: Path) -> None:
    """Half of a protected picture is found again."""
    altered = draw(1)
    altered.paste(draw(2).crop((0, 0, 240, 360)), (0, 0))
    with Bank.open(f"sqlite:///{folder / 'bank.db'}", create=True) as made:
        made.protect([fingerprint(jpeg(draw(1)), Detail.PROTECT)], kind="ordinary")
        if not made.match(fingerprint(jpeg(altered))):
            raise SystemExit("what is compiled finds nothing")


if __name__ == "__main__":
    index()
    with tempfile.TemporaryDirectory() as folder:
        bank(Path(folder))
