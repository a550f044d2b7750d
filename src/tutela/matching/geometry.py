"""Whether one picture's parts lie in another as a turned, scaled and moved copy would: kernels, compiled by numba.

Lengths are in working pixels: every picture is scaled to an area of `AREA`. A similarity (a, b, x, y) takes (u, v) to
(a u − b v + x, b u + a v + y). Descriptions are corners and textures: those of unrelated pictures look alike often, but
they do not lie, to the pixel, where a copy would put them. So what counts is how near and how alike the
picture's points are to each place that a similarity foretells.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.index.kernels import apart, compiled

AREA = 640 * 416
"""Working pixels of every picture."""

PAIRED = 64
"""Parts whose nearest points are tried as pairs."""

HYPOTHESES, REFINED = 24, 3
_NEAREST, _ALIKE, _UNLIKE = 95, 110, 300
_LEAST_APART = 20.0
_SIZES = 0.6
"""Sizes of a part and its point may differ by a factor of e to this power."""

_SMALLEST, _LARGEST, _TILTED = 0.12, 3.0, 0.6
"""Scales, and the angle in radians, of the similarities that are looked at (in each of eight orientations)."""

_TOLERANCE, _EXACT = 6.0, 3.0
_AWAY = 16.0
_DISTANCES = np.array([40, 50, 60, 70, 80, 90, _ALIKE + 1])
_ERRORS = np.array([0.6, 1.2, 2.0, _EXACT + 0.1])

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Codes = NDArray[np.uint64]


@compiled()
def nearest(codes: Codes, queries: Codes) -> tuple[Rows, Rows]:
    """For each code, the row of the nearest query and how far it is."""
    rows, far = np.zeros(len(codes), np.int64), np.full(len(codes), _UNLIKE)
    for i in range(len(codes)):
        first, second, third, fourth = codes[i, 0], codes[i, 1], codes[i, 2], codes[i, 3]
        for j in range(len(queries)):
            bits = apart(queries, j, first, second, third, fourth)
            if bits < far[i]:
                far[i], rows[i] = bits, j
    return rows, far


@compiled()
def hypotheses(near: Floats, seen: Floats, sizes: Floats) -> tuple[Floats, Rows]:
    """Similarities that two of the pairs make, those that most pairs agree with; and how many do.

    `near` and `seen` are (n, 2) places of parts and of points; `sizes` (n, 2) their sizes.
    """
    best, agree = np.zeros((HYPOTHESES, 4)), np.zeros(HYPOTHESES, np.int64)
    for i in range(len(near)):
        for j in range(i + 1, len(near)):
            u, v = near[j, 0] - near[i, 0], near[j, 1] - near[i, 1]
            p, q = seen[j, 0] - seen[i, 0], seen[j, 1] - seen[i, 1]
            length = u * u + v * v
            if length < _LEAST_APART * _LEAST_APART:
                continue
            a, b = (u * p + v * q) / length, (u * q - v * p) / length
            scale = math.sqrt(a * a + b * b)
            if scale < _SMALLEST or scale > _LARGEST or abs(math.atan2(b, a)) > _TILTED:
                continue
            if not (_fits(scale, sizes[i, 0], sizes[i, 1]) and _fits(scale, sizes[j, 0], sizes[j, 1])):
                continue
            x, y = seen[i, 0] - (a * near[i, 0] - b * near[i, 1]), seen[i, 1] - (b * near[i, 0] + a * near[i, 1])
            limit, count = (_TOLERANCE * max(1.0, scale)) ** 2, 0
            for k in range(len(near)):
                right = a * near[k, 0] - b * near[k, 1] + x - seen[k, 0]
                down = b * near[k, 0] + a * near[k, 1] + y - seen[k, 1]
                count += right * right + down * down < limit
            _keep(best, agree, a, b, x, y, count)
    return best, agree


@compiled(inline="always")
def _fits(scale: float, part: float, point: float) -> bool:
    return abs(math.log(scale * part / point)) <= _SIZES


@compiled()
def _keep(best: Floats, agree: Rows, a: float, b: float, x: float, y: float, count: int) -> None:
    """Takes a hypothesis in place of the weakest, unless one that is about the same and no weaker is there."""
    weakest = 0
    for k in range(len(agree)):
        if agree[k] < agree[weakest]:
            weakest = k
        same = abs(best[k, 0] - a) + abs(best[k, 1] - b) < 0.04 and abs(best[k, 2] - x) + abs(best[k, 3] - y) < 12
        if same and agree[k] >= count:
            return
    if count > agree[weakest]:
        agree[weakest] = count
        best[weakest, 0], best[weakest, 1], best[weakest, 2], best[weakest, 3] = a, b, x, y


@compiled()
def placed(
    places: Floats, sizes: Floats, codes: Codes, similarity: Floats, seen: Floats, seen_sizes: Floats, seen_codes: Codes,
    radius: float, limit: int,
) -> tuple[Rows, Rows, Floats]:  # fmt: skip
    """For each part, among the points within `radius` of its place, the most alike: row (−1: none), distance, error.

    Points are sorted by x. Radius and error are in the pixels in which the point was seen.
    """
    a, b, x, y = similarity
    scale = math.sqrt(a * a + b * b)
    rows, far, errors = np.full(len(places), -1), np.full(len(places), _UNLIKE), np.zeros(len(places))
    across = seen[:, 0]
    for i in range(len(places)):
        u, v = a * places[i, 0] - b * places[i, 1] + x, b * places[i, 0] + a * places[i, 1] + y
        first, second, third, fourth = codes[i, 0], codes[i, 1], codes[i, 2], codes[i, 3]
        for j in range(np.searchsorted(across, u - 2 * radius), len(seen)):
            if across[j] > u + 2 * radius:
                break
            error = math.sqrt((seen[j, 0] - u) ** 2 + (seen[j, 1] - v) ** 2) / seen_sizes[j]
            if error > radius or not _fits(scale, sizes[i], seen_sizes[j]):
                continue
            bits = apart(seen_codes, j, first, second, third, fourth)
            if bits <= limit and bits < far[i]:
                rows[i], far[i], errors[i] = j, bits, error
    return rows, far, errors


@compiled()
def fitted(places: Floats, seen: Floats, rows: Rows, far: Rows, similarity: Floats) -> Floats:
    """The similarity of least squares over matched parts, nearer ones weighing more; the given one below three."""
    sums, count = np.zeros(5), 0
    for i in range(len(rows)):
        if rows[i] >= 0:
            weight = max(1.0, 100.0 - far[i])
            count += 1
            sums += weight * np.array([1.0, places[i, 0], places[i, 1], seen[rows[i], 0], seen[rows[i], 1]])
    if count < 3:
        return similarity
    left, top, right, down = sums[1:] / sums[0]
    real, imaginary, length = 0.0, 0.0, 0.0
    for i in range(len(rows)):
        if rows[i] >= 0:
            weight = max(1.0, 100.0 - far[i])
            u, v = places[i, 0] - left, places[i, 1] - top
            p, q = seen[rows[i], 0] - right, seen[rows[i], 1] - down
            real += weight * (u * p + v * q)
            imaginary += weight * (u * q - v * p)
            length += weight * (u * u + v * v)
    if length < 1.0:
        return similarity
    a, b = real / length, imaginary / length
    return np.array([a, b, right - (a * left - b * top), down - (b * left + a * top)])


@compiled()
def elsewhere(codes: Codes, rows: Rows, seen: Floats, seen_codes: Codes) -> Rows:
    """For each matched part, how far the nearest of all points is that do not lie about where its own match does."""
    found = np.full(len(rows), _UNLIKE)
    for i in range(len(rows)):
        if rows[i] < 0:
            continue
        first, second, third, fourth = codes[i, 0], codes[i, 1], codes[i, 2], codes[i, 3]
        for j in range(len(seen)):
            bits = apart(seen_codes, j, first, second, third, fourth)
            if bits < found[i]:
                away = abs(seen[j, 0] - seen[rows[i], 0]) + abs(seen[j, 1] - seen[rows[i], 1])
                if away > _AWAY:
                    found[i] = bits
    return found


@compiled()
def evidence(rows: Rows, far: Rows, errors: Floats, weights: Floats) -> Floats:
    """What each part says for the similarity: `weights` by distance and error; each point speaks for one part only."""
    found = np.zeros(len(rows))
    for i in range(len(rows)):
        if rows[i] < 0:
            continue
        found[i] = weights[np.searchsorted(_DISTANCES, far[i], "right"), np.searchsorted(_ERRORS, errors[i], "right")]
        for j in range(i):
            if rows[j] == rows[i] and found[j] > 0:
                found[j if found[i] > found[j] else i] = 0.0
    return found


@compiled()
def total(found: Floats, regions: Rows, discount: Floats) -> float:
    """The evidence of all regions: in each the strongest counts once, the next half, the next a quarter …

    Neighbouring parts see the same pixels, so they are no independent witnesses.
    """
    order, summed, halves = np.argsort(-found * discount), 0.0, np.ones(64)
    for i in order:
        if found[i] <= 0:
            break
        summed += found[i] * discount[i] * halves[regions[i]]
        halves[regions[i]] *= 0.5
    return summed


@compiled()
def verified(
    places: Floats, sizes: Floats, codes: Codes, regions: Rows, discount: Floats,
    seen: Floats, seen_sizes: Floats, seen_codes: Codes, weights: Floats,
) -> tuple[float, Floats, Rows, Rows, Floats, Floats]:  # fmt: skip
    """The best similarity that takes a protected picture's parts to the points of a view, sorted by x.

    Returns its score, the similarity, and for each part: row of its point, distance, error, evidence.
    """
    rows, far = nearest(codes, seen_codes)
    order = np.argsort(far, kind="mergesort")[:PAIRED]
    order = order[far[order] <= _NEAREST]
    best = (0.0, np.zeros(4), np.full(len(codes), -1), far, np.zeros(len(codes)), np.zeros(len(codes)))
    if len(order) < 3:
        return best
    both = np.stack((sizes[order], seen_sizes[rows[order]]), axis=1)
    tried, agree = hypotheses(places[order], seen[rows[order]], both)
    ranks = np.argsort(-agree, kind="mergesort")
    for k in ranks[:REFINED]:
        if agree[k] < 3:
            break
        similarity = tried[k].copy()
        for radius in (10.0, 6.0, 4.0):
            matched, apart_, errors = placed(
                places, sizes, codes, similarity, seen, seen_sizes, seen_codes, radius, _NEAREST
            )
            similarity = fitted(places, seen, matched, apart_, similarity)
        matched, apart_, errors = placed(places, sizes, codes, similarity, seen, seen_sizes, seen_codes, _EXACT, _ALIKE)
        found = evidence(matched, apart_, errors, weights)
        score = total(found, regions, discount)
        if score > best[0]:
            best = (score, similarity, matched, apart_, errors, found)
    return best


def bins() -> tuple[int, int]:
    """The shape of the table of weights: by distance, by error."""
    return len(_DISTANCES), len(_ERRORS)


_: Any = None
