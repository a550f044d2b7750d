"""A measure: one figure with everything needed to cite it."""

from dataclasses import dataclass
from datetime import datetime

Number = int | float


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a figure speaks of: whole days in UTC, from the first dated observation's to the last one's."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One cell of a measure's breakdown, for instance `by="channel"`, `key="ch-…"`.

    `value` is None where it is unknown or suppressed (a cell about fewer than ten people); `note` then says which.
    """

    by: str
    key: str
    value: Number | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with definition, unit, window, completeness and uncertainty.

    `value` is None where no single figure can be defended; `low` and `high` bound the truth, `high` is None where
    nothing bounds it from above. `completeness` is the share (0 to 1) of what should have been seen that was seen,
    None where that cannot be known. `note` says how the interval came about.
    """

    name: str
    value: Number | None
    low: Number | None
    high: Number | None
    unit: str
    definition: str
    window: Window | None
    completeness: float | None
    parts: tuple[Part, ...] = ()
    note: str = ""
