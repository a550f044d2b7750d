"""How far a scan has come."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

_NAMED = 100


@dataclass(slots=True)
class Tally:
    """What a scan has counted so far.

    `recalled` files were known from an earlier scan; `unreadable` counts what should have been readable and
    was not, damaged entries included; pictures that a source does not include are in `skipped` alone. `named` says of
    the first hundred unreadable things where they stand: for whoever scans, and never for the report.
    """

    posts: int = 0
    attachments: int = 0
    images: int = 0
    recalled: int = 0
    matches: int = 0
    skipped: int = 0
    unreadable: int = 0
    named: list[str] = field(default_factory=list)

    def miss(self, count: int, places: Iterable[str]) -> None:
        """So many things were unreadable, of which these are known by name."""
        self.unreadable += count
        self.named += list(places)[: _NAMED - len(self.named)]


class Progress(Protocol):
    """Is told how far a scan has come: after each post with pictures, and after each run of others."""

    def __call__(self, source: str, tally: Tally) -> None:
        """`source` is the label of the source that is being read."""
