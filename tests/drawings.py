"""Drawn pictures for tests that need real files; nobody is in them."""

from pathlib import Path

from tutela.simulate.pictures import drawn


def picture(path: Path, number: int, edit: str = "same") -> Path:
    """Writes drawing number `number`, edited as `tutela.simulate` does it, and returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn(number, edit))
    return path
