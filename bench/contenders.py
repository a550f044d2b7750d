"""`tutela.index.HammingIndex` and its peers, each asked in the same way. On one thread.

- *Tutela*: `HammingIndex`. Its results are sorted, which the peers' are not.
- *threatexchange*: python-threatexchange's `PDQIndex`, asked one code at a time, which is all it offers.
- *faiss MultiHash*: what `PDQIndex` stands on, bare: 16 tables of 16 bits, one bit flipped, exact up to 31.
- *faiss Flat*: a linear scan, under `IndexBinaryIDMap`, which keeps ids where codes are removed.
- *faiss Hash*: buckets by the first 8 bits, all of them visited: with fewer flips, or HNSW, results would not be exact.
- *faiss IVF*: 64 lists, all of them visited, for the same reason.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from codes import DISTANCE, Codes

from tutela.index import HammingIndex


def faiss() -> Any:
    """The module, on one thread."""
    try:
        import faiss as module
    except ImportError as error:
        raise SystemExit("search.py: the peer is missing: pip install faiss-cpu (group `bench`)") from error
    module.omp_set_num_threads(1)
    return module


class Tutela:
    """`HammingIndex`; ids are row numbers, here and below."""

    def __init__(self) -> None:
        self.index = HammingIndex()

    def prepare(self, codes: Codes) -> Any:
        """The codes in the form that this contender's user has them in; not timed."""
        return codes

    def build(self, prepared: Any) -> None:
        self.index.add(np.arange(len(prepared)), prepared)

    def add(self, number: int, prepared: Any) -> None:
        self.index.add(np.array([number]), prepared)

    def remove(self, number: int) -> None:
        self.index.remove(np.array([number]))

    def search(self, prepared: Any, distance: int = DISTANCE) -> Any:
        return self.index.search(prepared, distance)

    def pairs(self, found: Any) -> list[list[tuple[int, int]]]:
        """What `search` returned, as sorted (id, distance) for each query."""
        limits, ids, far = found
        return _split(limits, ids, far)


class Flat(Tutela):
    """A linear scan, and how all of faiss is asked."""

    def __init__(self) -> None:
        self.index: Any = faiss().IndexBinaryIDMap(faiss().IndexBinaryFlat(256))

    def build(self, prepared: Any) -> None:
        self.index.add_with_ids(prepared, np.arange(len(prepared)))

    def add(self, number: int, prepared: Any) -> None:
        self.index.add_with_ids(prepared, np.array([number]))

    def remove(self, number: int) -> None:
        self.index.remove_ids(np.array([number]))

    def search(self, prepared: Any, distance: int = DISTANCE) -> Any:
        return self.index.range_search(prepared, distance + 1)

    def pairs(self, found: Any) -> list[list[tuple[int, int]]]:
        limits, far, ids = found
        return _split(limits, ids, far)


class MultiHash(Flat):
    """Numbers its codes itself and cannot remove any."""

    def __init__(self) -> None:
        self.index = faiss().IndexBinaryMultiHash(256, 16, 16)
        self.index.nflip = 1

    def build(self, prepared: Any) -> None:
        self.index.add(prepared)

    def add(self, number: int, prepared: Any) -> None:
        self.index.add(prepared)


class Hash(MultiHash):
    """All 256 buckets of 8 bits."""

    def __init__(self) -> None:
        self.index = faiss().IndexBinaryHash(256, 8)
        self.index.nflip = 8


class Lists(Flat):
    """All 64 lists."""

    def __init__(self) -> None:
        self.quantizer = faiss().IndexBinaryFlat(256)  # faiss does not keep it alive
        self.index = faiss().IndexBinaryIVF(self.quantizer, 256, 64)
        self.index.nprobe = 64

    def build(self, prepared: Any) -> None:
        self.index.train(prepared[: 64 * 256])
        super().build(prepared)


class Threatexchange(Tutela):
    """`PDQIndex`, which takes hexadecimal strings and cannot remove any."""

    def __init__(self) -> None:
        faiss()
        try:
            from threatexchange.signal_type.pdq.pdq_index import PDQIndex
        except ImportError as error:
            raise SystemExit("search.py: the peer is missing: pip install threatexchange (group `bench`)") from error
        self.index: Any = PDQIndex()

    def prepare(self, codes: Codes) -> Any:
        return [code.tobytes().hex() for code in codes]

    def build(self, prepared: Any) -> None:
        self.index.add_all(zip(prepared, range(len(prepared)), strict=True))

    def add(self, number: int, prepared: Any) -> None:
        self.index.add(prepared[0], number)

    def remove(self, number: int) -> None:
        raise RuntimeError("PDQIndex has no way to remove")

    def search(self, prepared: Any, distance: int = DISTANCE) -> Any:
        return [self.index.query(code) for code in prepared]

    def pairs(self, found: Any) -> list[list[tuple[int, int]]]:
        return [sorted((match.metadata, match.similarity_info.distance) for match in matches) for matches in found]


CONTENDERS: dict[str, type[Tutela]] = {
    "Tutela": Tutela,
    "threatexchange": Threatexchange,
    "faiss MultiHash": MultiHash,
    "faiss Flat": Flat,
    "faiss Hash": Hash,
    "faiss IVF": Lists,
}


def _split(limits: Any, ids: Any, far: Any) -> list[list[tuple[int, int]]]:
    numbers, bits = ids.tolist(), [int(b) for b in far]
    return [sorted(zip(numbers[a:b], bits[a:b], strict=True)) for a, b in pairwise(limits.tolist())]
