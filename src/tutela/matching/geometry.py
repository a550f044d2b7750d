"""Whether one picture's parts lie in another as a turned, scaled and moved copy would: kernels, compiled by numba.

Lengths are in working pixels: every picture is scaled to an area of `AREA`. A similarity (a, b, x, y) takes (u, v) to
(a u − b v + x, b u + a v + y). Descriptions are corners and textures: those of unrelated pictures look alike often, but
they do not lie, to the pixel, where a copy would put them. So what counts is how near and how alike the
picture's points are to each place that a similarity foretells.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tutela.index.kernels import apart, compiled

AREA = 640 * 416
"""Working pixels of every picture."""

PAIRED = 64
"""Parts whose nearest points are tried as pairs."""

HYPOTHESES, REFINED = 24, 3
_NEAREST, _PAIRABLE, _ALIKE, _UNLIKE = 95, 100, 110, 300
_LEAST_APART = 20.0
_SIZES = 0.6
"""Sizes of a part and its point may differ by a factor of e to this power."""

_SMALLEST, _LARGEST, _TILTED = 0.12, 3.0, 0.6
"""Scales, and the angle in radians, of the similarities that are looked at (in each of eight orientations)."""

_TOLERANCE, _EXACT = 6.0, 3.0

_AGREED = 3.0
"""What each of the pairs that agree counts, beside what the parts in their places do."""

_OUTSTANDING, _CLEARLY, _ELSEWHERE = 4.0, 8, 14.0
"""What a pair counts beside that which is ahead of all points elsewhere by so many bits."""

_UPRIGHT, _TILT, _TILTS = 0.03, 0.06, 30.0
"""Pictures are passed on upright or in quarter turns: a tilt (radians) counts against a similarity, up to so much."""
_DISTANCES = np.array([40, 50, 60, 70, 80, 90, _ALIKE + 1])
_ERRORS = np.array([0.6, 1.2, 2.0, _EXACT + 0.1])

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Codes = NDArray[np.uint64]


@compiled()
def nearest(codes: Codes, seen: Floats, seen_codes: Codes) -> tuple[Rows, Rows, Rows]:
    """For each part the row of the point most like it, how far that is, and how much farther the best one elsewhere."""
    rows, far = np.zeros(len(codes), np.int64), np.full(len(codes), _UNLIKE)
    ahead, all_ = np.zeros(len(codes), np.int64), np.zeros(len(seen_codes), np.int64)
    for i in range(len(codes)):
        first, second, third, fourth = codes[i, 0], codes[i, 1], codes[i, 2], codes[i, 3]
        for j in range(len(seen_codes)):
            all_[j] = apart(seen_codes, j, first, second, third, fourth)
            if all_[j] < far[i]:
                far[i], rows[i] = all_[j], j
        other, x, y = _UNLIKE, seen[rows[i], 0], seen[rows[i], 1]
        for j in range(len(seen_codes)):
            if all_[j] < other and abs(seen[j, 0] - x) + abs(seen[j, 1] - y) > _ELSEWHERE:
                other = all_[j]
        ahead[i] = other - far[i]
    return rows, far, ahead


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
    places: Floats, sizes: Floats, codes: Codes, similarity: Floats,
    seen: Floats, seen_sizes: Floats, seen_codes: Codes, radius: float, limit: int,
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
def evidence(rows: Rows, far: Rows, errors: Floats, rarity: Floats, weights: Floats) -> Floats:
    """What each part says for the similarity: `weights` by distance and error, times how rare the point is.

    Each point speaks for one part only.
    """
    found = np.zeros(len(rows))
    for i in range(len(rows)):
        if rows[i] < 0:
            continue
        weight = weights[np.searchsorted(_DISTANCES, far[i], "right"), np.searchsorted(_ERRORS, errors[i], "right")]
        found[i] = weight * rarity[rows[i]]
        for j in range(i):
            if rows[j] == rows[i] and found[j] > 0:
                found[j if found[i] > found[j] else i] = 0.0
    return found


@compiled()
def total(found: Floats, regions: Rows) -> float:
    """The evidence of all regions: in each the strongest counts once, the next half, the next a quarter …

    Neighbouring parts see the same pixels, so they are no independent witnesses.
    """
    order, summed, halves = np.argsort(-found, kind="mergesort"), 0.0, np.ones(64)
    for i in order:
        if found[i] <= 0:
            break
        summed += found[i] * halves[regions[i]]
        halves[regions[i]] *= 0.5
    return summed


@compiled()
def outstanding(places: Floats, seen: Floats, sizes: Floats, ahead: Rows, similarity: Floats) -> int:
    """How many of the pairs lie in their places, and are clearly more alike than any other point is."""
    a, b, x, y = similarity
    count = 0
    for k in range(len(places)):
        right = a * places[k, 0] - b * places[k, 1] + x - seen[k, 0]
        down = b * places[k, 0] + a * places[k, 1] + y - seen[k, 1]
        count += ahead[k] >= _CLEARLY and right * right + down * down < (_EXACT * sizes[k]) ** 2
    return count


@compiled(inline="always")
def _against(similarity: Floats) -> float:
    tilt = abs(math.atan2(similarity[1], similarity[0])) - _UPRIGHT
    return _TILTS * min(max(tilt / _TILT, 0.0), 1.0)


@compiled()
def verified(
    places: Floats, sizes: Floats, codes: Codes, regions: Rows,
    seen: Floats, seen_sizes: Floats, seen_codes: Codes, rarity: Floats, weights: Floats,
) -> tuple[float, Floats, Floats]:  # fmt: skip
    """The best similarity that takes a protected picture's parts to the points of a media, sorted by x.

    Returns its score, the similarity, and what each part says for it (0: nothing).
    """
    rows, far, ahead = nearest(codes, seen, seen_codes)
    order = np.argsort(-ahead, kind="mergesort")[:PAIRED]
    order = order[far[order] <= _PAIRABLE]
    best = (0.0, np.zeros(4), np.zeros(len(codes)))
    if len(order) < 3:
        return best
    both = np.stack((sizes[order], seen_sizes[rows[order]]), axis=1)
    tried, agree = hypotheses(places[order], seen[rows[order]], both)
    prior = np.array([_AGREED * agree[k] - _against(tried[k]) for k in range(HYPOTHESES)])
    for k in np.argsort(-prior, kind="mergesort")[:REFINED]:
        if agree[k] < 3:
            break
        similarity = tried[k].copy()
        for radius in (10.0, 6.0, 4.0):
            matched, apart_, errors = placed(
                places, sizes, codes, similarity, seen, seen_sizes, seen_codes, radius, _NEAREST
            )
            similarity = fitted(places, seen, matched, apart_, similarity)
        matched, apart_, errors = placed(places, sizes, codes, similarity, seen, seen_sizes, seen_codes, _EXACT, _ALIKE)
        found = evidence(matched, apart_, errors, rarity, weights)
        score = total(found, regions) + _AGREED * agree[k] - _against(similarity)
        score += _OUTSTANDING * outstanding(
            places[order], seen[rows[order]], seen_sizes[rows[order]], ahead[order], similarity
        )
        if score > best[0]:
            best = (score, similarity, found)
    return best
