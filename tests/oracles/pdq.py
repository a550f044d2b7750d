"""PDQ written plainly from its published description, step after step, one pixel after the other.

Source: Meta, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm" (2019), and the four phases of
the box filter in its reference code. Slow on purpose. Where Tutela differs: it computes both filter passes and the
decimation as one matrix for each axis, in another order of summation and with less precision, so that a coefficient
within rounding of the median may fall on its other side. Meta's command line first shrinks large pictures to
512 × 512; neither this nor Tutela does.
"""

import itertools
import math

SIDE, COEFFICIENTS = 64, 16
Grid = list[list[float]]


def pdq(luma: Grid) -> tuple[bytes, int]:
    """The 256-bit hash, most significant byte first, and the quality of a picture given as rows of luma."""
    if min(len(luma), len(luma[0])) < 5:
        return bytes(32), 0
    small = reduced(luma)
    return bits(transform(small)), quality(small)


def reduced(luma: Grid) -> Grid:
    """The picture filtered twice and decimated to 64 × 64."""
    for _ in range(2):
        luma = [box(row, window(len(luma[0]))) for row in luma]
        luma = transposed([box(column, window(len(luma))) for column in transposed(luma)])
    return decimated(luma)


def window(length: int) -> int:
    return (length + 2 * SIDE - 1) // (2 * SIDE)


def box(values: list[float], size: int) -> list[float]:
    """The mean of each value's window, which is cut off at both ends."""
    half = (size + 2) // 2
    out, total, count, right, left = [], 0.0, 0, 0, 0
    for _ in range(half - 1):  # fill
        total, count, right = total + values[right], count + 1, right + 1
    for _ in range(size - half + 1):  # grow
        total, count, right = total + values[right], count + 1, right + 1
        out.append(total / count)
    for _ in range(len(values) - size):  # slide
        total, right, left = total + values[right] - values[left], right + 1, left + 1
        out.append(total / count)
    for _ in range(half - 1):  # shrink
        total, count, left = total - values[left], count - 1, left + 1
        out.append(total / count)
    return out


def transposed(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid, strict=True)]


def decimated(luma: Grid) -> Grid:
    rows, columns = len(luma), len(luma[0])
    return [
        [luma[int((i + 0.5) * rows / SIDE)][int((j + 0.5) * columns / SIDE)] for j in range(SIDE)] for i in range(SIDE)
    ]


def quality(small: Grid) -> int:
    total = 0
    for grid in (small, transposed(small)):
        for above, below in itertools.pairwise(grid):
            total += sum(abs(int((u - v) * 100 / 255)) for u, v in zip(above, below, strict=True))
    return min(100, total // 90)


def transform(small: Grid) -> Grid:
    """The 16 × 16 discrete cosine transform without its first row and column."""
    wave = [
        [math.sqrt(2 / SIDE) * math.cos(math.pi / (2 * SIDE) * (i + 1) * (2 * j + 1)) for j in range(SIDE)]
        for i in range(COEFFICIENTS)
    ]
    half = [[sum(w * row[j] for w, row in zip(line, small, strict=True)) for j in range(SIDE)] for line in wave]
    return [[sum(w * v for w, v in zip(line, row, strict=True)) for line in wave] for row in half]


def bits(coefficients: Grid) -> bytes:
    """Bit 16 i + j is set where the coefficient is greater than the lower median; bit 255 comes first."""
    flat = [value for row in coefficients for value in row]
    median = sorted(flat)[len(flat) // 2 - 1]
    return sum((value > median) << place for place, value in enumerate(flat)).to_bytes(32, "big")
