"""How far a scan has come."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Tally:
    """What a scan has counted so far.

    `recalled` files were known from an earlier scan; `unreadable` counts what should have been readable and
    was not, damaged entries included; pictures that a source does not include are in `skipped` alone.
    """

    posts: int = 0
    attachments: int = 0
    images: int = 0
    recalled: int = 0
    matches: int = 0
    skipped: int = 0
    unreadable: int = 0


class Progress(Protocol):
    """Is told how far a scan has come: after each post with pictures, and after each run of others."""

    def __call__(self, source: str, tally: Tally) -> None:
        """`source` is the label of the source that is being read."""
