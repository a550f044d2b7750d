"""Writes `tests/vectors/parts.json`: drawn pictures and the parts that an implementation must find in them.

    python tools/parts_vectors.py OUT.json

Each entry has a grey PNG, and its parts to protect and to look up: `points` (n × 6 bytes) and `descriptions`
(n × 64 signed bytes), all in base64. Another implementation passes where 95 % of the points here have one of its own
within one pixel of the working size, 10 % of the blur and 2 % of a turn, and the greatest difference of two
descriptions is 4 levels or less at the median (`tests/fingerprints/test_parts.py`).
"""

import base64
import json
import sys
from io import BytesIO
from pathlib import Path

import numpy as np

from tutela.fingerprints.parts import kept_parts, looked_up_parts
from tutela.model import Parts
from tutela.simulate.pictures import draw

DRAWN = ((1, (480, 360)), (2, (300, 420)), (3, (640, 220)))


def written(parts: Parts) -> dict[str, str]:
    """Parts as text."""
    return {
        "points": base64.b64encode(parts.points).decode(),
        "descriptions": base64.b64encode(parts.descriptions).decode(),
    }


def main() -> None:
    """Draws, describes, writes."""
    entries = []
    for seed, size in DRAWN:
        picture, file = draw(seed).convert("L").resize(size), BytesIO()
        picture.save(file, "PNG", optimize=True)
        pixels = np.asarray(picture)
        entries.append(
            {
                "png": base64.b64encode(file.getvalue()).decode(),
                "protect": written(kept_parts(pixels)),
                "lookup": written(looked_up_parts(pixels)),
            }
        )
    Path(sys.argv[1]).write_text(json.dumps(entries, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
