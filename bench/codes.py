"""The codes that searches are measured on: random ones, and ones distributed like those of real pictures."""

import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tutela.fingerprints import fingerprint
from tutela.model import Fingerprint

Codes = NDArray[np.uint8]
"""Shape (n, 32)."""

VECTORS = Path(__file__).parents[1] / "tests" / "vectors" / "pdq.json"
DISTANCE = 31


def uniform(n: int, rng: np.random.Generator) -> Codes:
    """Codes of independent, even bits: the best case of any table of partial codes."""
    return rng.integers(0, 256, (n, 32), dtype=np.uint8)


def skewed(n: int, rng: np.random.Generator, duplicates: float = 0.2) -> Codes:
    """Codes distributed like those of real pictures, estimated from the real PDQ codes in `tests/vectors/pdq.json`.

    A Gaussian copula over the 256 bits, thresholded at each code's own median as PDQ thresholds its coefficients, so
    that 128 bits are set. A bit's mean is the probit of its frequency; correlations are the bits' own, turned into
    those of the Gaussian, ``sin(π/2 · r)``, of which the eigenvectors are kept that stand out from the noise of so few
    samples (above the Marchenko–Pastur edge); the remaining variance is independent. Of the result, a share of
    `duplicates` is replaced by neighbours, 0 to 31 bits away, of one of the others, in random places.

    The first table shows how closely this comes to the real codes in what matters to tables of partial codes. What a
    thousand pictures cannot show, such as very common motifs, is not in it.
    """
    fresh = n - round(duplicates * n)
    codes = np.concatenate([_copula(min(65_536, fresh - start), rng) for start in range(0, fresh, 65_536)])
    parents = codes[rng.integers(0, fresh, n - fresh)]
    mixed = np.concatenate([codes, flipped(parents, rng.integers(0, DISTANCE + 1, n - fresh), rng)])
    rng.shuffle(mixed)
    return mixed


def _copula(n: int, rng: np.random.Generator) -> Codes:
    means, loadings, noise = _fit()
    values = rng.standard_normal((n, 256), dtype=np.float32) * noise + means
    values += rng.standard_normal((n, len(loadings)), dtype=np.float32) @ loadings
    return np.packbits(values > np.median(values, axis=1, keepdims=True), axis=1)


@cache
def _fit() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Means (256,), loadings (rank, 256) and strength of the independent part (256,)."""
    bits = np.unpackbits(real(), axis=1).astype(np.float64)
    means = np.array([NormalDist().inv_cdf(share) for share in bits.mean(axis=0)])
    values, vectors = np.linalg.eigh(np.sin(np.pi / 2 * np.corrcoef(bits.T)))
    kept = values > (1 + np.sqrt(256 / len(bits))) ** 2
    loadings = (vectors[:, kept] * np.sqrt(values[kept])).T
    noise = np.sqrt(np.maximum(0, 1 - (loadings**2).sum(axis=0)))
    return means.astype(np.float32), loadings.astype(np.float32), noise.astype(np.float32)


@cache
def real() -> Codes:
    """The real codes of quality 50 or more, one of each group of near-duplicates."""
    entries = json.loads(VECTORS.read_text()).values()
    codes: Codes = np.array([list(bytes.fromhex(e["hash"])) for e in entries if e["quality"] >= 50], dtype=np.uint8)
    earlier = np.tri(len(codes), k=-1, dtype=bool)
    repeated: NDArray[np.bool_] = ((distances(codes, codes) <= DISTANCE) & earlier).any(axis=1)
    return codes[~repeated]


def distances(a: Codes, b: Codes) -> NDArray[np.int64]:
    """Bits between each code of `a` and each of `b`, shape (len(a), len(b)): the obvious way."""
    return np.array([np.bitwise_count(b ^ code).sum(axis=1) for code in a], dtype=np.int64)


@cache
def pictured() -> Codes | None:
    """Shape (n, 8, 32): the codes of photographs in all orientations as Tutela computes them from their pixels.

    They differ from what symmetry alone says in some bits, since windows and medians do. None without photographs.
    """
    folder = Path(os.environ.get("TUTELA_CORPORA", "nowhere")) / "photos"
    results = (fingerprint(path.read_bytes()) for path in sorted(folder.rglob("*.jpg"))[:200])
    codes = [result.pdq.codes for result in results if isinstance(result, Fingerprint) and result.pdq]
    return np.frombuffer(b"".join(codes), np.uint8).reshape(-1, 8, 32) if codes else None


def flipped(codes: Codes, counts: NDArray[np.int64], rng: np.random.Generator) -> Codes:
    """The codes with so many bits flipped each."""
    places = rng.random((len(codes), 256), dtype=np.float32).argsort(axis=1)
    flips = np.zeros((len(codes), 256), dtype=bool)
    np.put_along_axis(flips, places, np.arange(256) < counts[:, None], axis=1)
    changed: Codes = codes ^ np.packbits(flips, axis=1)
    return changed


def orientations(code: Codes) -> Codes:
    """A code (32,) in eight orientations (8, 32): mirroring turns the signs of every other row or column."""
    bits = np.unpackbits(code).reshape(16, 16)
    odd = np.arange(16, dtype=np.uint8) % 2
    turns = [
        laid ^ rows ^ columns
        for laid in (bits, bits.T)
        for rows in (0 * odd, odd)
        for columns in (0 * odd, odd[:, None])
    ]
    return np.packbits(np.array(turns).reshape(8, 256), axis=1)


def flooding(n: int, rng: np.random.Generator) -> Codes:
    """Codes that somebody made in order to fill buckets: alike in every other bit of every other row, 64 in all."""
    bits = np.unpackbits(uniform(n, rng), axis=1).reshape(n, 16, 16)
    bits[:, ::2, ::2] = 1
    return np.packbits(bits.reshape(n, 256), axis=1)


def asked(codes: Codes, kind: str, n: int, rng: np.random.Generator) -> Codes:
    """Queries: a quarter of them near an indexed code."""
    queries = KINDS[kind](n, rng)
    near = rng.random(n) < 0.25
    parents = codes[rng.integers(0, len(codes), int(near.sum()))]
    queries[near] = flipped(parents, rng.integers(0, DISTANCE + 1, len(parents)), rng)
    return queries


KINDS: dict[str, Callable[[int, np.random.Generator], Codes]] = {"random": uniform, "skewed": skewed}
