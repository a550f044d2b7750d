"""Bounds on what one item may cost, applied before and while it is decoded."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one item. Bytes and pixels are checked before decoding, the rest holds while it runs.

    `scaled_pixels` applies to formats that shrink while they decode (JPEG), `pixels` to all others.
    `memory` is what the decoding process may add to its size at start; `cpu` and `wall` are seconds.
    """

    file_bytes: int = 64 * MIB
    pixels: int = 100_000_000
    scaled_pixels: int = 250_000_000
    memory: int = 1024 * MIB
    cpu: int = 20
    wall: float = 30.0

    def words(self) -> tuple[str, ...]:
        """The limits as a command line's words, for the confined process."""
        return tuple(map(str, astuple(self)))

    @classmethod
    def from_words(cls, words: Sequence[str]) -> "Limits":
        """What `words` made; no words at all mean the defaults. Raises ValueError for anything else."""
        if not words:
            return cls()
        *whole, wall = words
        file_bytes, pixels, scaled_pixels, memory, cpu = map(int, whole)
        return cls(file_bytes, pixels, scaled_pixels, memory, cpu, float(wall))
