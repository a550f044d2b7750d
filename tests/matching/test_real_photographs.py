"""The near tier on real photographs: found after ordinary edits, never taken for another picture."""

import random
from pathlib import Path

import near
import pytest

CHOSEN = ("JPEG quality 30", "resized × 0.4", "resized × 1.5", "mirrored", "rotated by 90°", "all at once, at random")
PROTECTED, OTHERS = 120, 510


@pytest.mark.corpora
def test_97_of_100_edits_are_found_and_none_is_matched_to_a_wrong_picture(corpora: Path) -> None:
    photos = sorted((corpora / "photos").rglob("*.jpg"))
    random.Random(0).shuffle(photos)
    rows = near.measure(photos[: PROTECTED + OTHERS], PROTECTED, {kind: near.EDITS[kind] for kind in CHOSEN})
    found = sum(len(row.right) for row in rows.values())
    assert found >= 0.97 * PROTECTED * len(CHOSEN)
    assert all(not row.wrong for row in rows.values()), near.table(rows)
    assert rows["not protected"].tried > 500
