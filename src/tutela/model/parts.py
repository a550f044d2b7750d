"""Parts: key points of a picture with their descriptions, from which altered versions of it are recognised.

Sensitive like the picture itself: key points with places can be turned into a rough picture (`docs/privacy.md`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

KEPT = 520
"""The most points of a protected picture: 520 × 22 bytes once they are coded, below 12 kB with all else."""

POINT_BYTES = 6
"""Where a point lies, how large it is, how it is turned: two little-endian 16-bit numbers, x and y in 65,536ths of the
picture's width and height; its blur as 16 log₂(1024 blur / √(width × height)); its direction in 256ths of a turn."""

DESCRIPTION_BYTES = 64
"""One description: 64 signed bytes."""

CODE_BYTES = 16

LOOKED_AT = 4000
"""The most points at which a media is looked at again."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a picture shows, best points of each region first: `points` n × 6 bytes, `descriptions` n × 64.

    A key point with two directions is there twice, one after the other. Those of a picture that is looked up
    (`Detail.LOOKUP`) hold what protecting it takes. Only a bank's own codes are ever kept.
    """

    points: bytes = field(repr=False)
    descriptions: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.points) * DESCRIPTION_BYTES != len(self.descriptions) * POINT_BYTES:
            raise ValueError("parts have as many points as descriptions")

    def __len__(self) -> int:
        return len(self.points) // POINT_BYTES


Look = Callable[[bytes], Parts | None]
"""Looks at one media again: what is at given points of it, at most `LOOKED_AT`. None where it is not at hand any
more."""


@dataclass(frozen=True, slots=True)
class CodedParts:
    """Parts as one bank keeps them: `points` as in `Parts`, `codes` n × 16 bytes, after the bank's own rotation.

    `width` and `height` are the picture's own, in pixels.
    """

    width: int
    height: int
    points: bytes = field(repr=False)
    codes: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.points) * CODE_BYTES != len(self.codes) * POINT_BYTES:
            raise ValueError("parts have a point of 6 bytes and a code of 16 each")

    def __len__(self) -> int:
        return len(self.points) // POINT_BYTES
