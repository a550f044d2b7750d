"""Why an item has no fingerprint: a code for programs and a sentence for people."""

from dataclasses import dataclass
from enum import StrEnum


class SkipCode(StrEnum):
    """Every way in which an item can end without a fingerprint."""

    EMPTY = "empty"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    TOO_MANY_PIXELS = "too-many-pixels"
    OUT_OF_MEMORY = "out-of-memory"
    TOO_SLOW = "too-slow"
    DECODER_DIED = "decoder-died"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    NOT_INCLUDED = "not-included"
    OUTSIDE = "outside"

    __hash__ = str.__hash__  # that of an Enum is written in Python


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that was passed over, and why. The reason names no person and quotes no content."""

    code: SkipCode
    reason: str
