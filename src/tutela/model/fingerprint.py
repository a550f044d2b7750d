"""What is computed from media and kept instead of it."""

from dataclasses import dataclass, field

from tutela.model.parts import Look, Parts

CODE_BYTES = 32
"""Length of one 256-bit code."""

NO_FILE = b""
"""Stands for the SHA-256 of a picture that is looked up by its code alone: it is no file's."""


@dataclass(frozen=True, slots=True)
class Pdq:
    """A PDQ hash with its quality.

    `codes` holds one or eight 32-byte codes back to back: the picture as it is, then (where the picture itself
    was at hand) its seven other orientations in the order of `tutela.model.ORIENTATIONS`. `quality` is 0 to 100.
    """

    codes: bytes = field(repr=False)
    quality: int

    def __post_init__(self) -> None:
        if len(self.codes) not in (CODE_BYTES, 8 * CODE_BYTES):
            raise ValueError(f"PDQ codes take 32 or 256 bytes, not {len(self.codes)}")
        if not 0 <= self.quality <= 100:
            raise ValueError(f"PDQ quality runs from 0 to 100, not {self.quality}")

    @property
    def code(self) -> bytes:
        """The code of the picture as it is: 32 bytes, most significant bit first, as PDQ's hex form writes it."""
        return self.codes[:CODE_BYTES]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that is kept of one picture. Sensitive: never printed in a log, never in a report.

    `media` is a MIME type; `width` and `height` are pixels as displayed (after EXIF orientation).
    `parts` are there only where they were asked for (`tutela.fingerprints.Detail`), and with them `look` while the
    media is at hand: what is at places at which a protected picture foretells something. It is never kept.
    """

    media: str
    width: int
    height: int
    sha256: bytes = field(repr=False)
    md5: bytes = field(repr=False)
    pdq: Pdq | None = field(repr=False)
    parts: Parts | None = field(default=None, repr=False)
    look: Look | None = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        """A copy for another process, where the media is not at hand."""
        kept = (self.media, self.width, self.height, self.sha256, self.md5, self.pdq, self.parts)
        return Fingerprint, kept
