"""Drawn pictures for tests that need real files; nobody is in them."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from tutela.simulate.pictures import altered, drawn


def picture(path: Path, number: int, edit: str = "same") -> Path:
    """Writes drawing number `number`, edited as `tutela.simulate` does it, and returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn(number, edit))
    return path


def poor(number: int) -> bytes:
    """A picture made from drawing number `number`, at two sevenths of its size, compressed until little is left."""
    buffer = BytesIO()
    altered(number).resize((134, 100), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=20)
    return buffer.getvalue()
