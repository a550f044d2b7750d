"""Writes `projection.npy` as an ES module, which the protect page loads like any other.

    python tools/browser_projection.py

The numbers stay what they are: 65 × 128 little-endian 32-bit floats (the mean description, then the axes), in base64.
`tests/web/fingerprint/test_projection.py` holds that both agree.
"""

import base64
import textwrap
from pathlib import Path

import numpy as np

from tutela.fingerprints.projection import projection

MODULE = Path(__file__).parents[1] / "src/tutela/web/protect/assets/fingerprint/projection-data.js"
_HEAD = """\
/**
 * The mean description and the axes of `tutela.fingerprints.projection`, written by `tools/browser_projection.py`:
 * 65 × 128 little-endian 32-bit floats.
 * @module
 */

export const ROWS = [
"""


def module() -> str:
    """The text of the module."""
    mean, axes = projection()
    text = base64.b64encode(np.vstack([mean, axes]).astype("<f4").tobytes()).decode()
    return _HEAD + "".join(f'  "{line}",\n' for line in textwrap.wrap(text, 112)) + '].join("");\n'


if __name__ == "__main__":
    MODULE.write_text(module(), "utf-8")
