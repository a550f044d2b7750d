"""Whether what lies off hangs together: a kernel, compiled by numba.

In a picture that was made from another one, points lie off by chance: by resampling, by JPEG. Two photographs of one
floor were taken from two places; no similarity takes one into the other, and neighbours are off alike. So a smooth
bending of the picture explains the second kind of error and not the first.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tutela.compiling import compiled

MOST = 60.0
"""So much, in nats, is told at most."""

_TERMS = 6
"""Of a quadratic in two directions: 1, x, y, x², x y, y²."""

_LEAST = 8.0
"""So many pairs, by weight, there must be for it to mean anything."""

_EXACT = 0.02
"""Squared error that is always taken to be there by chance: places are rounded, and so are sizes of pictures."""

_RIDGE = 1e-6

Floats = NDArray[np.float64]


@compiled()
def bent(places: Floats, off: Floats, weights: Floats) -> float:
    """By how much, in nats, bending explains `off` better than chance does, at most `MOST`.

    `places` (n, 2) are those of parts, `off` (n, 2) by how much each lies off, across and down, in units of how exactly
    places are known, `weights` (n) how much each says. The gain of likelihood of weighted least squares, after its
    degrees of freedom, where all errors are about as large.
    """
    whole = weights.sum()
    if whole <= 0:
        return 0.0
    shares = weights / whole
    count = 1 / (shares * shares).sum()
    if count <= _LEAST:
        return 0.0
    terms = _terms(places, shares)
    straight = bending = 0.0
    for axis in range(2):
        error = off[:, axis] - (shares * off[:, axis]).sum()
        variance = (shares * error * error).sum()
        straight += variance
        bending += variance - _explained(terms, error, shares)
    left = (max(bending, 0.0) + _EXACT) / (straight + _EXACT) * (count - 1) / (count - _TERMS)
    return float(min(MOST, count * max(0.0, -math.log(left))))


@compiled()
def _terms(places: Floats, shares: Floats) -> Floats:
    """The terms of a quadratic at each place, in a frame in which places are about 1 from their middle."""
    x, y = places[:, 0] - (shares * places[:, 0]).sum(), places[:, 1] - (shares * places[:, 1]).sum()
    spread = math.sqrt((shares * (x * x + y * y)).sum()) + 1e-9
    x, y = x / spread, y / spread
    terms = np.ones((len(x), _TERMS))
    terms[:, 1], terms[:, 2], terms[:, 3], terms[:, 4], terms[:, 5] = x, y, x * x, x * y, y * y
    return terms


@compiled()
def _explained(terms: Floats, error: Floats, shares: Floats) -> float:
    """How much of the variance of an error the terms explain: by Cholesky's decomposition of the normal equations."""
    factor, right = np.zeros((_TERMS, _TERMS)), np.zeros(_TERMS)
    for i in range(_TERMS):
        right[i] = (shares * terms[:, i] * error).sum()
        for j in range(i + 1):
            rest = (shares * terms[:, i] * terms[:, j]).sum() + (_RIDGE if i == j else 0.0)
            for k in range(j):
                rest -= factor[i, k] * factor[j, k]
            factor[i, j] = math.sqrt(max(rest, _RIDGE)) if i == j else rest / factor[j, j]
    explained = 0.0
    for i in range(_TERMS):  # the squares of the solution of the first of both triangles
        for k in range(i):
            right[i] -= factor[i, k] * right[k]
        right[i] /= factor[i, i]
        explained += right[i] * right[i]
    return explained
