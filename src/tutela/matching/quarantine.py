"""When a protection matches what has nothing to do with it.

One picture and its copies lie close together, however often they are shared. A code that was made to collide, or one of
a picture with hardly any content, gathers pictures that are far from *each other*. So a protection is watched for the
number of its near matches that are mutually unrelated; many copies of the same thing never count twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from tutela.matching.thresholds import THRESHOLDS, Thresholds
from tutela.model import CODE_BYTES, Pdq


@dataclass(frozen=True, slots=True)
class Watch:
    """What one protection has matched so far: `seen` holds (32-byte code, instant) of mutually unrelated pictures."""

    seen: tuple[tuple[bytes, datetime], ...] = ()

    def note(self, pdq: Pdq, at: datetime, thresholds: Thresholds = THRESHOLDS) -> "Watch":
        """The watch after a near match with `pdq`; the same object where the match adds nothing new."""
        if any(_distance(pdq, code) <= thresholds.near_distance for code, _ in self.seen):
            return self
        return replace(self, seen=(*self.seen, (pdq.code, at)))

    def alarming(self, at: datetime, thresholds: Thresholds = THRESHOLDS) -> bool:
        """Whether the protection gathered too much unrelated material within the window that ends now."""
        recent = [when for _, when in self.seen if at - when <= thresholds.quarantine_window]
        return len(recent) >= thresholds.quarantine_unrelated


def _distance(pdq: Pdq, code: bytes) -> int:
    """Bits between `code` and the closest orientation of the picture."""
    codes = np.frombuffer(pdq.codes, dtype=np.uint8).reshape(-1, CODE_BYTES)
    return int(np.min(np.bitwise_count(codes ^ np.frombuffer(code, dtype=np.uint8)).sum(axis=1, dtype=np.int64)))
