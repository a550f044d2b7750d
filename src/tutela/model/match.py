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
class Match:
    """One protection that reappears in one piece of media.

    `transform` names what was done to the protected picture (for *near*, one of `ORIENTATIONS`).
    `distance` is in bits (*near* only). `confidence` runs from 0 to 1 and is calibrated on measured pairs.
    `why` is a sentence for the person who decides; it may be handed on, so it never tells the distance.
    """

    case: CaseRef
    protection: ProtectionId
    tier: Tier
    transform: str | None
    distance: int | None
    confidence: float
    why: str
