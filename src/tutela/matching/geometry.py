"""Whether one picture's parts lie in another as a turned, scaled and moved copy would: kernels, compiled by numba.

Lengths are in working pixels: every picture is scaled to a million of them. Points are rows of x, y, blur and
direction. A similarity (a, b, x, y) takes (u, v) to (a u − b v + x, b u + a v + y). A part and a point that look alike
make one by themselves, since both have a size and a direction. Two photographs of one floor or wall have alike parts in
nearly the right places; a copy has them right to a fraction of a pixel. So what counts is how near and how alike the
points are to each place that a similarity foretells.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.compiling import compiled
from tutela.index.cells import apart
from tutela.matching.bending import bent

AREA = 1_000_000
"""Working pixels of every picture."""

SEEDS, TRIED = 64, 4
"""Pairs of parts and points that propose similarities, and how many of these are followed."""

UNLIKE = 56
"""Bits from which a part and a point are not the same, wherever they lie."""

_SMALLEST, _LARGEST = 0.08, 6.0
"""Scales that are looked at."""

_NEAR, _AWAY = 4.0, 0.15
"""How far off a pair may be from where another pair puts it: pixels, and a share of how far apart the pairs are."""

_SIZES, _TURNS = 1.57, 0.4
"""By how much a part and its point may differ in size (a factor) and direction (radians)."""

_FIXED, _BLURRED = 0.7, 0.3
"""How exactly places are known: pixels, and pixels for each pixel of blur. Errors are told in this unit."""

_UPRIGHT, _LEANING = 0.01, 0.05
"""Radians that a copy may be off a quarter of a turn by chance, and from which on it does not matter by how many."""

_FARTHEST = 2.5
_BITS = np.array([12, 18, 24, 30, 35, 40, 45, 50])
_ERRORS = np.array([0.15, 0.3, 0.6, 1.0, 1.5])
"""Where the columns of `weights` begin, after the first; `_BITS` where its rows do."""

_ALIKE, _RARE = 36, 0.5
"""Of the points that differ in fewer bits, less than this share must be common."""

_AROUND = 12.0
_SAME_PLACE = 4.0
_NARROW = 25.0
"""Evidence that all lies along a line within so many pixels counts less: a text, an edge."""

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Codes = NDArray[np.uint64]


@compiled(inline="always")
def _turned(angle: float) -> float:
    return abs(angle - 2 * math.pi * math.floor(angle / (2 * math.pi) + 0.5))


@compiled(inline="always")
def _fits(part: Floats, point: Floats, scale: float, angle: float) -> bool:
    expected = part[2] * scale
    alike = expected <= point[2] * _SIZES and point[2] <= expected * _SIZES
    return bool(alike and _turned(point[3] - part[3] - angle) <= _TURNS)


@compiled(inline="always")
def _off(part: Floats, point: Floats, a: float, b: float, x: float, y: float) -> float:
    right, down = a * part[0] - b * part[1] + x - point[0], b * part[0] + a * part[1] + y - point[1]
    return math.sqrt(right * right + down * down)


@compiled(inline="always")
def exactness(blur: Any, scale: float) -> Any:
    """How exactly the place of a part with this blur (or of several) is known in a media, by scale; in pixels."""
    return max(1.0, scale) * (_FIXED + _BLURRED * blur)


@compiled()
def tilt(similarity: Floats) -> float:
    """How far from upright, or from a quarter turn, a picture is shown: from 0 to 1.8.

    Pictures are passed on upright or in quarter turns; what two photographs have in common may have any angle.
    """
    quarter = math.pi / 2
    turns = math.atan2(similarity[1], similarity[0]) / quarter
    away = abs(turns - math.floor(turns + 0.5)) * quarter
    return math.log(1 + min(away, _LEANING) / _UPRIGHT)


@compiled()
def proposed(parts: Floats, points: Floats, weights: Floats) -> Floats:
    """The similarities that pairs (rows of both) make and that the weightiest others agree with, best first.

    Each is brought to the least squares of those that agree.
    """
    count = len(parts)
    agree, similarities = np.zeros(count), np.zeros((count, 4))
    for i in range(count):
        scale, angle = points[i, 2] / parts[i, 2], points[i, 3] - parts[i, 3]
        if scale < _SMALLEST or scale > _LARGEST:
            continue
        a, b = scale * math.cos(angle), scale * math.sin(angle)
        x, y = points[i, 0] - (a * parts[i, 0] - b * parts[i, 1]), points[i, 1] - (b * parts[i, 0] + a * parts[i, 1])
        similarities[i, 0], similarities[i, 1], similarities[i, 2], similarities[i, 3] = a, b, x, y
        for k in range(count):
            away = math.hypot(points[k, 0] - points[i, 0], points[k, 1] - points[i, 1])
            if _off(parts[k], points[k], a, b, x, y) < _NEAR + _AWAY * away and _fits(
                parts[k], points[k], scale, angle
            ):
                agree[i] += weights[k]
    best = np.argsort(-agree, kind="mergesort")[:TRIED]
    found, chosen = np.zeros((len(best), 4)), np.zeros(count)
    for rank, i in enumerate(best):
        found[rank] = similarities[i]
        for step in range(3):
            a, b, x, y = found[rank]
            scale, angle = math.hypot(a, b), math.atan2(b, a)
            if scale < _SMALLEST:
                break
            for k in range(count):
                away = math.hypot(points[k, 0] - points[i, 0], points[k, 1] - points[i, 1])
                limit = _NEAR + _AWAY * away if step == 0 else (12.0 if step == 1 else 6.0) * max(1.0, scale)
                near = _off(parts[k], points[k], a, b, x, y) < limit and _fits(parts[k], points[k], scale, angle)
                chosen[k] = weights[k] if near else 0.0
            found[rank] = fitted(parts, points, chosen, found[rank])
    return found


@compiled()
def fitted(parts: Floats, points: Floats, weights: Floats, similarity: Floats) -> Floats:
    """The similarity of weighted least squares; the given one where fewer than two pairs weigh anything."""
    whole, count = 0.0, 0
    left = top = right = down = 0.0
    for k in range(len(weights)):
        if weights[k] > 0:
            whole, count = whole + weights[k], count + 1
            left, top = left + weights[k] * parts[k, 0], top + weights[k] * parts[k, 1]
            right, down = right + weights[k] * points[k, 0], down + weights[k] * points[k, 1]
    if count < 2:
        return similarity
    left, top, right, down = left / whole, top / whole, right / whole, down / whole
    real = imaginary = length = 0.0
    for k in range(len(weights)):
        if weights[k] > 0:
            u, v, p, q = parts[k, 0] - left, parts[k, 1] - top, points[k, 0] - right, points[k, 1] - down
            real += weights[k] * (u * p + v * q)
            imaginary += weights[k] * (u * q - v * p)
            length += weights[k] * (u * u + v * v)
    if length < 100.0 * whole:
        return similarity
    a, b = real / length, imaginary / length
    return np.array([a, b, right - (a * left - b * top), down - (b * left + a * top)])


@compiled()
def columns(seen: Floats) -> Rows:
    """For each whole pixel x from 1 on the first of the points, sorted by x, that lies at it or to its right; before
    that the first of all."""
    begins, j = np.zeros(max(int(seen[-1, 0]), 0) + 2, np.int64), 0
    for x in range(1, len(begins)):
        while j < len(seen) and seen[j, 0] < x:
            j += 1
        begins[x] = j
    return begins


@compiled()
def placed(
    parts: Floats, codes: Codes, seen: Floats, seen_codes: Codes, begins: Rows, similarity: Floats, radius: float
) -> tuple[Rows, Rows, Floats]:
    """For each part the most alike of the points near its place: row (−1: none), bits, and how far off it lies.

    `seen` is sorted by x, `begins` are its `columns`. `radius` and the error are in units of how exactly the place is
    known.
    """
    a, b, x, y = similarity
    scale, angle = math.hypot(a, b), math.atan2(b, a)
    rows, bits, errors = np.full(len(parts), -1), np.full(len(parts), UNLIKE), np.zeros(len(parts))
    for i in range(len(parts)):
        unit = exactness(parts[i, 2], scale)
        u, v = a * parts[i, 0] - b * parts[i, 1] + x, b * parts[i, 0] + a * parts[i, 1] + y
        j = begins[min(max(math.floor(u - radius * unit), 0), len(begins) - 1)]
        while j < len(seen) and seen[j, 0] <= u + radius * unit:
            if abs(seen[j, 1] - v) <= radius * unit and _fits(parts[i], seen[j], scale, angle):
                away = apart(seen_codes, j, codes[i, 0], codes[i, 1])
                error = math.hypot(seen[j, 0] - u, seen[j, 1] - v) / unit
                if away < bits[i] and error <= radius:
                    rows[i], bits[i], errors[i] = j, away, error
            j += 1
    return rows, bits, errors


@compiled()
def once(parts: Floats, rows: Rows, bits: Rows) -> NDArray[np.bool_]:
    """Which parts speak: of those with one point, or in one place of the protected picture, the most alike."""
    used = np.zeros(len(rows), np.bool_)
    order = np.argsort(bits, kind="mergesort")
    for rank in range(len(order)):
        i = order[rank]
        if rows[i] < 0:
            continue
        used[i] = True
        for before in range(rank):
            k = order[before]
            close = abs(parts[k, 0] - parts[i, 0]) + abs(parts[k, 1] - parts[i, 1]) < _SAME_PLACE
            if used[k] and (close or rows[k] == rows[i]):
                used[i] = False
                break
    return used


@compiled()
def cells(bits: Rows, errors: Floats) -> tuple[Rows, Rows]:
    """Rows and columns in `weights`."""
    return np.searchsorted(_BITS, bits, "right"), np.searchsorted(_ERRORS, errors, "right")


@compiled()
def evidence(rows: Rows, bits: Rows, errors: Floats, rarity: Floats, weights: Floats) -> float:
    """What all parts say for the similarity: `weights` by bits and error, times how rare the point is."""
    total, (down, across) = 0.0, cells(bits, errors)
    for i in range(len(rows)):
        if rows[i] >= 0:
            total += weights[down[i], across[i]] * rarity[rows[i]]
    return total


@compiled()
def standing(parts: Floats, rows: Rows, bits: Rows, rarity: Floats) -> float:
    """From 0 to 1, what evidence is worth: little where it lies along a line, or beside what recurs in many pictures.

    A frame that two pictures share is found again as a whole, with some points that no third picture happens to have.
    """
    alike, rare = 0, 0.0
    for i in range(len(rows)):
        if rows[i] >= 0 and bits[i] < _ALIKE:
            alike, rare = alike + 1, rare + rarity[rows[i]]
    if rare == 0:
        return 0.0
    says = np.zeros(len(rows))
    for i in range(len(rows)):
        if rows[i] >= 0:
            says[i] = rarity[rows[i]]
    return breadth(parts, says) * min(1.0, rare / alike / _RARE) ** 2


@compiled()
def bending(parts: Floats, seen: Floats, rows: Rows, bits: Rows, rarity: Floats, similarity: Floats) -> float:
    """Nats for a bent picture rather than a copy, by what lies off: see `tutela.matching.bending`."""
    there = np.flatnonzero(rows >= 0)
    a, b, x, y = similarity
    scale = math.hypot(a, b)
    off, says = np.empty((len(there), 2)), np.empty(len(there))
    for k in range(len(there)):
        i = there[k]
        unit = exactness(parts[i, 2], scale)
        off[k, 0] = (seen[rows[i], 0] - (a * parts[i, 0] - b * parts[i, 1] + x)) / unit
        off[k, 1] = (seen[rows[i], 1] - (b * parts[i, 0] + a * parts[i, 1] + y)) / unit
        says[k] = (UNLIKE - bits[i]) ** 2 * rarity[rows[i]]
    return bent(parts[there, :2], off, says)


@compiled()
def rarities(seen: Floats, searched: Rows, common: NDArray[np.bool_]) -> Floats:
    """What each point weighs, from 0 to 1: less, the more common ones are around it; nothing if it is common itself.

    `common` is known of the points `searched`; the others go by those around them. `seen` is sorted by x.
    """
    state = np.full(len(seen), -1)
    for k in range(len(searched)):
        state[searched[k]] = common[k]
    found = np.ones(len(seen))
    for i in range(len(seen)):
        if state[i] == 1:
            found[i] = 0.0
            continue
        rare = known = 0
        j = np.searchsorted(seen[:, 0], seen[i, 0] - _AROUND)
        while j < len(seen) and seen[j, 0] <= seen[i, 0] + _AROUND:
            if state[j] >= 0 and abs(seen[j, 1] - seen[i, 1]) <= _AROUND:
                known, rare = known + 1, rare + 1 - state[j]
            j += 1
        if known:
            found[i] = (rare / known) ** 2
    return found


@compiled()
def breadth(parts: Floats, says: Floats) -> float:
    """From 0 to 1: how wide what speaks lies across its longest extent."""
    whole = left = top = 0.0
    for i in range(len(says)):
        if says[i] > 0:
            whole, left, top = whole + says[i], left + says[i] * parts[i, 0], top + says[i] * parts[i, 1]
    if whole <= 0:
        return 0.0
    left, top, across, down, both = left / whole, top / whole, 0.0, 0.0, 0.0
    for i in range(len(says)):
        if says[i] > 0:
            u, v = parts[i, 0] - left, parts[i, 1] - top
            across, down, both = across + says[i] * u * u, down + says[i] * v * v, both + says[i] * u * v
    mean, difference = (across + down) / 2, (across - down) / 2
    least = (mean - math.sqrt(difference * difference + both * both)) / whole
    return min(1.0, math.sqrt(max(least, 0.0)) / _NARROW)


@compiled()
def verified(
    parts: Floats, codes: Codes, seen: Floats, seen_codes: Codes, rarity: Floats, similarities: Floats,
    weights: Floats, bent_costs: float, tilt_costs: float,
) -> tuple[float, Floats, Rows, Rows, Floats]:  # fmt: skip
    """The best of the proposed similarities, refined over all parts. `bent_costs` is what a nat of bending takes away,
    `tilt_costs` what `tilt` does.

    Returns its score, the similarity, and of each part the row of the point that was found in its place (−1: none),
    the bits and the error.
    """
    nothing = np.full(len(parts), -1)
    best = (0.0, np.zeros(4), nothing, nothing, np.zeros(len(parts)))
    matched, begins = np.empty((len(parts), 4)), columns(seen)
    for proposal in similarities:
        similarity = proposal.copy()
        scale = math.hypot(similarity[0], similarity[1])
        for radius in (5.0, 3.0):
            if scale < _SMALLEST or scale > _LARGEST:
                break
            rows, bits, errors = placed(parts, codes, seen, seen_codes, begins, similarity, radius)
            chosen = np.zeros(len(parts))
            for i in range(len(parts)):
                if rows[i] >= 0:
                    chosen[i] = (UNLIKE - bits[i]) ** 2
                    matched[i] = seen[rows[i]]
            similarity = fitted(parts, matched, chosen, similarity)
            scale = math.hypot(similarity[0], similarity[1])
        if scale < _SMALLEST or scale > _LARGEST:
            continue
        rows, bits, errors = placed(parts, codes, seen, seen_codes, begins, similarity, _FARTHEST)
        rows = np.where(once(parts, rows, bits), rows, -1)
        score = evidence(rows, bits, errors, rarity, weights) * standing(parts, rows, bits, rarity)
        score -= tilt_costs * tilt(similarity)
        if score > best[0]:
            score -= bent_costs * bending(parts, seen, rows, bits, rarity, similarity)
        if score > best[0]:
            best = (score, similarity, rows, bits, errors)
    return best
