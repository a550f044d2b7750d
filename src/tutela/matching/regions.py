"""Which regions of a protected picture reappear and which were replaced, from its parts alone."""

import numpy as np
from numpy.typing import NDArray

from tutela.model import Box

CELLS = 16
"""Cells along each side of the picture."""

_REACH = 0.06
_LEAST_WEIGHT = 0.3
_SHARE = 0.4
"""Below this share of what reappears elsewhere in the picture, a cell was replaced."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def regions_of(units: Floats, again: Flags, inside: Flags) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """Boxes that reappear, and boxes that were replaced.

    `units` are the parts' places in the unit square, (n, 2); `again` says which of them reappear in their places,
    `inside` which places lie inside the media. A cell goes by the parts around it; one with none is neither.
    """
    middles = (np.arange(CELLS) + 0.5) / CELLS
    across = np.exp(-(((middles[:, None] - units[None, :, 0]) / _REACH) ** 2) / 2)
    down = np.exp(-(((middles[:, None] - units[None, :, 1]) / _REACH) ** 2) / 2)
    all_ = np.einsum("ri,ci,i->rc", down, across, inside.astype(np.float64))
    same = np.einsum("ri,ci,i->rc", down, across, (again & inside).astype(np.float64))
    outside = np.einsum("ri,ci,i->rc", down, across, (~inside).astype(np.float64))
    known = (all_ >= _LEAST_WEIGHT) & (all_ > outside)
    share = np.divide(same, all_, out=np.zeros_like(all_), where=all_ > 0)
    usual = float(np.median(share[known & (share > 0.15)])) if (known & (share > 0.15)).any() else 0.0
    replaced = share < _SHARE * usual
    return boxes(known & ~replaced), boxes(known & replaced)


def boxes(cells: Flags) -> tuple[Box, ...]:
    """Rectangles that cover just the cells that are set: runs of a row, joined with the same run of rows below."""
    rows, columns = cells.shape
    found: list[Box] = []
    open_: dict[tuple[int, int], int] = {}
    for row in range(rows + 1):
        runs = set(_runs(cells[row])) if row < rows else set()
        for run in sorted(set(open_) - runs):
            found.append(Box(run[0] / columns, open_.pop(run) / rows, run[1] / columns, row / rows))
        for run in runs:
            open_.setdefault(run, row)
    return tuple(sorted(found, key=lambda box: (box.top, box.left)))


def _runs(row: Flags) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
