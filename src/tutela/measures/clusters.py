"""Near-duplicate clusters of 256-bit codes around medoids: exact, deterministic, in bounded memory.

Chains are the trap: with single linkage a slow drift of small edits joins pictures that have nothing in common.
Here every member lies within the threshold of the one code that stands for its cluster.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 31
"""Largest Hamming distance in bits at which two PDQ codes count as one picture (PDQ's recommended threshold)."""

_CHUNKS = 16
_VALUES = 1 << 16
_FLIPS = np.array([0, *(1 << bit for bit in range(16))], dtype=np.int64)
_PIGEONHOLE = 2 * _CHUNKS - 1  # up to here, some chunk of two codes within reach differs in at most one bit
_FEW = 2048  # codes for which a straight scan is quicker than building tables
_PROBE_COST = 8  # one candidate out of the tables costs as much as so many codes in a straight scan
_BUDGET = 1 << 22  # code pairs looked at in one step

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
        found = found[np.argsort(rows, kind="stable")]
        ends = np.cumsum(np.bincount(rows, minlength=block.size)).tolist()
        for code, start, end in zip(block.tolist(), [0, *ends[:-1]], ends, strict=True):
            if medoids[code] < 0:
                near = found[start:end]
                medoids[near[medoids[near] < 0]] = code
    return medoids


class _Reach:
    """Who lies within the threshold of whom, among distinct codes.

    Two codes within 31 bits of each other have, among sixteen chunks of 16 bits, one that differs in at most one
    bit: so candidates come out of tables by chunk value, 17 probes a chunk. Where that promises more work than
    looking at every code (few codes, a larger threshold, crowded chunk values), every code is looked at.
    """

    def __init__(self, distinct: NDArray[np.bytes_], threshold: int) -> None:
        self.size = len(distinct)
        self._threshold = threshold
        self._words = np.ascontiguousarray(distinct.view(np.uint64).reshape(-1, 4).T)
        self._chunks = np.ascontiguousarray(distinct.view(np.uint16).reshape(-1, _CHUNKS).T)
        self._scanned = np.ones(self.size, dtype=np.bool_)
        self._load = np.full(self.size, self.size)
        if self.size > _FEW and threshold <= _PIGEONHOLE:
            self._build()

    def _build(self) -> None:
        self._order = np.argsort(self._chunks, axis=1, kind="stable")
        crowd = np.stack([np.bincount(chunk, minlength=_VALUES) for chunk in self._chunks])
        self._starts = np.zeros((_CHUNKS, _VALUES + 1), dtype=np.int64)
        np.cumsum(crowd, axis=1, out=self._starts[:, 1:])
        candidates = np.zeros(self.size, dtype=np.int64)
        for chunk in range(_CHUNKS):
            values = np.arange(_VALUES)
            reached = sum(crowd[chunk, values ^ flip] for flip in _FLIPS)
            candidates += np.asarray(reached)[self._chunks[chunk]]
        self._scanned = candidates * _PROBE_COST > self.size
        self._load = np.where(self._scanned, self.size, candidates)

    def blocks(self, queries: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
        """`queries` in their order, cut so that one call of `neighbours` stays within the budget of memory."""
        while queries.size:
            ahead = queries[:_BUDGET]
            fits = int(np.searchsorted(np.cumsum(self._load[ahead]), _BUDGET, side="right"))
            yield queries[: max(fits, 1)]
            queries = queries[max(fits, 1) :]

    def neighbours(self, queries: NDArray[np.intp]) -> _Pairs:
        """Every pair within reach, as row in `queries` and position of the other; each code reaches itself."""
        scanned = self._scanned[queries]
        parts = []
        for chosen, search in ((scanned, self._scan), (~scanned, self._probe)):
            places = np.flatnonzero(chosen)
            if places.size:
                rows, found = search(queries[places])
                parts.append((places[rows], found))
        return _joined(parts)

    def _scan(self, queries: NDArray[np.intp]) -> _Pairs:
        distance = np.zeros((len(queries), self.size), dtype=np.uint16)
        for word in self._words:
            distance += np.bitwise_count(word[queries, None] ^ word)
        near = distance <= self._threshold
        rows = np.repeat(np.arange(len(queries)), np.count_nonzero(near, axis=1))
        return rows, np.broadcast_to(np.arange(self.size), near.shape)[near]

    def _probe(self, queries: NDArray[np.intp]) -> _Pairs:
        return _joined([self._verified(c, queries, *self._candidates(c, queries)) for c in range(_CHUNKS)])

    def _candidates(self, chunk: int, queries: NDArray[np.intp]) -> _Pairs:
        values = (self._chunks[chunk, queries, None] ^ _FLIPS).ravel()
        starts = self._starts[chunk, values]
        sizes = self._starts[chunk, values + 1] - starts
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1]) + np.repeat(starts - ends + sizes, sizes)
        rows = np.repeat(np.arange(len(queries)), sizes.reshape(len(queries), -1).sum(axis=1))
        return rows, self._order[chunk, places]

    def _verified(
        self, chunk: int, queries: NDArray[np.intp], rows: NDArray[np.intp], found: NDArray[np.intp]
    ) -> _Pairs:
        """Those within reach, each pair only from the first chunk that brings it together."""
        first, second, third, fourth = self._words
        asked = queries[rows]
        half = _bits(first, asked, found) + _bits(second, asked, found)
        kept = np.flatnonzero(half <= self._threshold)
        for earlier in self._chunks[:chunk]:
            kept = kept[_bits(earlier, asked[kept], found[kept]) > 1]
        asked, found = asked[kept], found[kept]
        rest = _bits(third, asked, found) + _bits(fourth, asked, found)
        near = rest <= self._threshold - half[kept].astype(np.int16)
        return rows[kept[near]], found[near]


def _bits(column: NDArray[np.unsignedinteger], left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.uint8]:
    return np.bitwise_count(column[left] ^ column[right])


def _joined(parts: list[_Pairs]) -> _Pairs:
    rows, found = (np.concatenate(side) for side in zip(*parts, strict=True))
    return rows, found
