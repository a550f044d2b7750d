"""Parts: key points of a picture with their descriptions, from which altered versions of it are recognised.

Sensitive like the picture itself: key points with places can be turned into a rough picture (`docs/privacy.md`).
"""

from dataclasses import dataclass, field

DESCRIPTOR_BYTES = 64
"""One description: 64 signed bytes, a unit vector times 256."""

HALF, FULL, LARGE = range(3)
"""Sizes at which a picture is seen for its parts: `View.size`."""

KEPT = ((FULL, 212), (HALF, 106))
"""Views and points of a protected picture: 318 × 36 bytes once they are coded, below 12 kB with all else."""

PLACE_BYTES = 4
"""Two little-endian 16-bit numbers: x and y in 65,536ths of the picture's width and height."""


@dataclass(frozen=True, slots=True)
class View:
    """Key points of a picture seen at one size and in one orientation, best first within each region.

    `size` counts from 0: half, full and one and a half times the working size (`tutela.fingerprints.parts`);
    `orientation` is a number in `ORIENTATIONS`. `places` are those in the picture as it is laid then, n × 4 bytes;
    `descriptors` n × 64 bytes.
    """

    size: int
    orientation: int
    places: bytes = field(repr=False)
    descriptors: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.places) * DESCRIPTOR_BYTES != len(self.descriptors) * PLACE_BYTES:
            raise ValueError("a view has as many places as descriptors")

    def __len__(self) -> int:
        return len(self.places) // PLACE_BYTES


@dataclass(frozen=True, slots=True)
class Parts:
    """What a picture shows at several sizes and orientations.

    To protect a picture takes its first views (`Detail.PROTECT`); to look it up takes all (`Detail.LOOKUP`). Only a
    bank's own codes of the former are ever kept.
    """

    views: tuple[View, ...]

    def __len__(self) -> int:
        return sum(map(len, self.views))


@dataclass(frozen=True, slots=True)
class CodedParts:
    """Parts as one bank keeps them: `codes` n × 32 bytes, descriptions after the bank's own rotation.

    `places` as in `View`, of the picture as it is. The last `coarse` points were seen at half size. `width` and
    `height` are the picture's own, in pixels.
    """

    width: int
    height: int
    coarse: int
    places: bytes = field(repr=False)
    codes: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.places) * 8 != len(self.codes) or not 0 <= self.coarse <= len(self):
            raise ValueError("parts have a place of 4 bytes and a code of 32 each")

    def __len__(self) -> int:
        return len(self.places) // PLACE_BYTES
