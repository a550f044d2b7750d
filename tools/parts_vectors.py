"""Writes `tests/vectors/parts.json`: drawn pictures and the parts that an implementation must find in them.

    python tools/parts_vectors.py OUT.json

Each entry has a grey PNG (base64), and of some views of `looked_up_parts`: size, orientation, places (16-bit
little-endian x and y, base64) and descriptors (64 signed bytes each, base64). Another implementation passes where, in
every view, 95 % of the points here have one of its own within one pixel of the network's input, and the greatest
difference of their descriptors is 6 levels or less at the median (`tests/fingerprints/test_parts.py`).
"""

import base64
import json
import sys
from io import BytesIO
from pathlib import Path

import numpy as np

from tutela.fingerprints.parts import looked_up_parts
from tutela.simulate.pictures import draw

DRAWN = ((1, (480, 360)), (2, (300, 420)), (3, (640, 220)))


def main() -> None:
    """Draws, describes, writes."""
    entries = []
    for seed, size in DRAWN:
        picture = draw(seed).convert("L").resize(size)
        file = BytesIO()
        picture.save(file, "PNG", optimize=True)
        views = [
            {
                "size": view.size,
                "orientation": view.orientation,
                "places": base64.b64encode(view.places).decode(),
                "descriptors": base64.b64encode(view.descriptors).decode(),
            }
            for view in looked_up_parts(np.asarray(picture)).views
            if view.orientation in (0, 1, 4)
        ]
        entries.append({"png": base64.b64encode(file.getvalue()).decode(), "views": views})
    Path(sys.argv[1]).write_text(json.dumps(entries, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
