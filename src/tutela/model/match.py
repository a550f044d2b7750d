"""A match: media × protection, with how sure it is and why."""

from dataclasses import dataclass
from enum import StrEnum

from tutela.model.identifiers import CaseRef, ProtectionId

ORIENTATIONS = (
    "as-is",
    "rotated-90",
    "rotated-180",
    "rotated-270",
    "mirrored",
    "flipped",
    "transposed",
    "transversed",
)
"""The eight ways to lay a picture. Rotations are counter-clockwise; *mirrored* swaps left and right, *flipped*
swaps top and bottom, *transposed* swaps rows and columns, *transversed* does so across the other diagonal."""


class Tier(StrEnum):
    """How media and protection are related, surest first."""

    EXACT = "exact"
    NEAR = "near"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Box:
    """Part of a protected picture in shares of its width and height: 0 is left and top, 1 right and bottom."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Similarity:
    """How a protected picture lies in the media: mirrored first where it is, then turned, scaled, moved.

    `rotation` in degrees, counter-clockwise, −180 to 180; `scale` is the length of a line in the media over its length
    in the protected picture, both in pixels; `x` and `y` are where the protected picture's centre lies, in shares of
    the media's width and height (outside 0 to 1 where a crop has cut it off).
    """

    scale: float
    rotation: float
    mirrored: bool
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a picture was made from a protected one.

    `inliers` are parts of the protected picture that reappear in their places. `copied` and `altered` are the regions
    of the *protected* picture that reappear and that were replaced; what lies in neither is outside, or unknown.
    """

    inliers: int
    similarity: Similarity
    copied: tuple[Box, ...]
    altered: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One protection that reappears in one piece of media.

    `transform` names what was done to the protected picture (for *near*, one of `ORIENTATIONS`).
    `distance` is in bits (*near* only), `derivation` is for *derived* only. `confidence` runs from 0 to 1 and is
    calibrated on measured pairs. `why` is a sentence for the person who decides; it may be handed on, so it never tells
    the distance.
    """

    case: CaseRef
    protection: ProtectionId
    tier: Tier
    transform: str | None
    distance: int | None
    confidence: float
    why: str
    derivation: Derivation | None = None
