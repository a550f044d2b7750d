"""Thresholds are data: `thresholds.toml` beside this file, read once."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What a second look makes of a hypothesis whose score is `start` or more: nats for what the first look said, for
    what is alike, against what is common around it, what is off its place, and a tilt."""

    start: float
    constant: float
    said: float
    alike: float
    common: float
    off: float
    tilt: float

    def score(self, reasons: Sequence[float]) -> float:
        """Nats for what the first look said, what is alike, common, and off its place, and the tilt, in this order."""
        said, alike, common, off, tilt = reasons
        speaks_for = self.constant + self.said * said + self.alike * alike
        return speaks_for - self.common * common - self.off * off - self.tilt * tilt


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where tiers begin. Distances in bits of 256, quality 0 to 100, near confidence as (largest distance, share),
    derived confidence as (least score, share), rising."""

    near_distance: int
    near_quality: int
    near_confidence: tuple[tuple[int, float], ...]
    derived_score: float
    derived_weights: tuple[tuple[float, ...], ...]
    derived_bending: float
    derived_tilt: float
    derived_again: SecondLook
    derived_confidence: tuple[tuple[float, float], ...]
    quarantine_unrelated: int
    quarantine_window: timedelta

    def confidence(self, distance: int) -> float:
        """The measured share of true pairs among pairs at this distance. Raises ValueError beyond the tier."""
        for largest, share in self.near_confidence:
            if distance <= largest:
                return share
        raise ValueError(f"{distance} bits lie outside the near tier")

    def derived(self, score: float) -> float:
        """The measured share of true pairs among pairs of about this score. Raises ValueError below the tier."""
        shares = [share for least, share in self.derived_confidence if score >= least]
        if not shares:
            raise ValueError(f"a score of {score:.0f} lies outside the derived tier")
        return shares[-1]


def load(text: str) -> Thresholds:
    """Thresholds from the text of a TOML file with the keys of `thresholds.toml`."""
    data = tomllib.loads(text)
    near, derived, quarantine = data["near"], data["derived"], data["quarantine"]
    return Thresholds(
        near_distance=near["distance"],
        near_quality=near["quality"],
        near_confidence=tuple((step["distance"], step["confidence"]) for step in near["confidence"]),
        derived_score=derived["score"],
        derived_weights=tuple(tuple(row) for row in derived["weights"]),
        derived_bending=derived["bending"],
        derived_tilt=derived["tilt"],
        derived_again=SecondLook(**derived["again"]),
        derived_confidence=tuple((step["score"], step["confidence"]) for step in derived["confidence"]),
        quarantine_unrelated=quarantine["unrelated"],
        quarantine_window=timedelta(days=quarantine["days"]),
    )


THRESHOLDS = load(resources.files(__package__).joinpath("thresholds.toml").read_text("utf-8"))
