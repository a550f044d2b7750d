"""Near-duplicate clusters of 256-bit codes around medoids: exact, deterministic, in bounded memory.

Chains are the trap: with single linkage a slow drift of small edits joins pictures that have nothing in common.
Here every member lies within the threshold of the one code that stands for its cluster.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tutela.index import HammingIndex
from tutela.model import CODE_BYTES

THRESHOLD = 31
"""Largest Hamming distance in bits at which two PDQ codes count as one picture (PDQ's recommended threshold)."""

_FIRST_STEP = 64
_BUDGET = 1 << 18  # pairs that one step should come to

_Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def medoid_clusters(codes: NDArray[np.uint8], threshold: int = THRESHOLD) -> NDArray[np.int64]:
    """For each code, the index of the medoid of its cluster; a medoid points to itself.

    `codes` has shape (n, 32). Equal codes share one fate and are represented by the first of them. The *mass* of a
    code is the number of codes within `threshold` bits of it, copies counted. Codes are taken by falling mass,
    equal masses in the order of the codes' bytes; one that is not yet in a cluster becomes a medoid and takes in
    every code within reach that is in none.

    So every code lies within `threshold` bits of its medoid, any two medoids lie further apart than that, and the
    clusters do not depend on the order of `codes`. Raises `ValueError` for another shape or type.
    """
    if codes.ndim != 2 or codes.shape[1] != 32 or codes.dtype != np.uint8:
        raise ValueError(f"codes are uint8 of shape (n, 32), not {codes.dtype} of {codes.shape}")
    if not len(codes):
        return np.empty(0, dtype=np.int64)
    rows = np.ascontiguousarray(codes).view("S32").ravel()
    distinct, first, inverse, copies = np.unique(rows, return_index=True, return_inverse=True, return_counts=True)
    reach = _Reach(distinct, threshold)
    medoids = _absorb(reach, _masses(reach, copies), copies)
    return first[medoids[inverse]].astype(np.int64)


def _masses(reach: "_Reach", copies: NDArray[np.intp]) -> NDArray[np.intp]:
    masses = np.empty(reach.size, dtype=np.intp)
    for block in reach.blocks(np.arange(reach.size)):
        rows, found = reach.neighbours(block)
        masses[block] = np.bincount(rows, weights=copies[found], minlength=block.size)
    return masses


def _absorb(reach: "_Reach", masses: NDArray[np.intp], copies: NDArray[np.intp]) -> NDArray[np.intp]:
    medoids = np.where(masses == copies, np.arange(reach.size), -1)  # alone: its own medoid
    pending = np.argsort(-masses, kind="stable")
    while (pending := pending[medoids[pending] < 0]).size:
        block = next(reach.blocks(pending))
        rows, found = reach.neighbours(block)
        ends = np.cumsum(np.bincount(rows, minlength=block.size)).tolist()
        for code, start, end in zip(block.tolist(), [0, *ends[:-1]], ends, strict=True):
            if medoids[code] < 0:
                near = found[start:end]
                medoids[near[medoids[near] < 0]] = code
    return medoids


class _Reach:
    """Who lies within the threshold of whom, among distinct codes."""

    def __init__(self, distinct: NDArray[np.bytes_], threshold: int) -> None:
        self.size = len(distinct)
        self._codes = distinct.view(np.uint8).reshape(-1, CODE_BYTES)
        self._threshold = threshold
        self._index = HammingIndex()
        self._index.add(np.arange(self.size), self._codes)
        self._step = _FIRST_STEP

    def blocks(self, queries: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
        """`queries` in their order, cut by how many neighbours the ones before had, so that pairs fit in memory."""
        while queries.size:
            block, queries = queries[: self._step], queries[self._step :]
            yield block

    def neighbours(self, queries: NDArray[np.intp]) -> _Pairs:
        """Every pair within reach, as row in `queries` and position of the other; each code reaches itself."""
        limits, found, _ = self._index.search(self._codes[queries], self._threshold)
        self._step = max(1, min(2 * self._step, len(queries) * _BUDGET // len(found)))
        return np.repeat(np.arange(len(queries)), np.diff(limits)), found
