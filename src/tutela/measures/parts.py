"""Breakdowns that several measures share, each in an order that does not depend on the order of the posts."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutela.measures.columns import Observations
from tutela.model import Part


def by_channel(seen: Observations, channel: NDArray[np.int32]) -> tuple[Part, ...]:
    """How many times each channel stands in `channel`; one that does not has 0."""
    counts = np.bincount(channel, minlength=len(seen.channels)).tolist()
    return in_order(Part("channel", c.ref, count) for c, count in zip(seen.channels, counts, strict=True))


def by_member(by: str, members: Sequence[StrEnum], positions: ArrayLike) -> tuple[Part, ...]:
    """How many times the position of each of `members` stands in `positions`; those that do not are left out."""
    counts = np.bincount(np.asarray(positions, dtype=np.intp), minlength=len(members)).tolist()
    return tuple(Part(by, m.value, count) for m, count in zip(members, counts, strict=True) if count)


def in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts by key."""
    return tuple(sorted(parts, key=lambda part: part.key))
