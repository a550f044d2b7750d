"""A match as JSON, for people who work on its case: the commands and the report write the same."""

import math
from collections.abc import Iterable

from tutela.model import Box, Match, Similarity


def match_fields(match: Match) -> dict[str, object]:
    """What a match says, for people who work on its case; each JSON line about a match has these fields.

    `transform` is a text or null, for a *derived* match an object; `distance` is for *near* matches alone, `inliers`,
    `copied` and `altered` (lists of left, top, right, bottom) for *derived* ones. What does not apply is null.
    """
    derivation = match.derivation
    return {
        "case": match.case,
        "protection": match.protection,
        "tier": match.tier.value,
        "transform": _similarity(derivation.similarity) if derivation else match.transform,
        "distance": match.distance,
        "inliers": derivation.inliers if derivation else None,
        "confidence": match.confidence if math.isfinite(match.confidence) else None,
        "copied": _boxes(derivation.copied) if derivation else None,
        "altered": _boxes(derivation.altered) if derivation else None,
        "why": match.why,
    }


def _similarity(similarity: Similarity) -> dict[str, object]:
    return {
        "scale": _rounded(similarity.scale),
        "rotation": _rounded(similarity.rotation, 2),
        "mirrored": similarity.mirrored,
        "x": _rounded(similarity.x),
        "y": _rounded(similarity.y),
    }


def _boxes(boxes: Iterable[Box]) -> list[list[float | None]]:
    return [[_rounded(edge) for edge in (box.left, box.top, box.right, box.bottom)] for box in boxes]


def _rounded(value: float, digits: int = 4) -> float | None:
    return round(value, digits) if math.isfinite(value) else None
