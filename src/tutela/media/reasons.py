"""The sentence a person reads for each way an item can fail in the decoder."""

from tutela.model import SkipCode, Skipped

_REASONS = {
    SkipCode.EMPTY: "the file is empty",
    SkipCode.UNSUPPORTED: "not a picture in a format that Tutela reads",
    SkipCode.DAMAGED: "the picture is damaged or cut off and cannot be decoded",
    SkipCode.TOO_LARGE: "the file is larger than the limit",
    SkipCode.TOO_MANY_PIXELS: "the picture has more pixels than the limit (a decompression bomb, perhaps)",
    SkipCode.OUT_OF_MEMORY: "decoding the picture needs more memory than the limit",
    SkipCode.TOO_SLOW: "decoding the picture takes longer than the limit",
    SkipCode.DECODER_DIED: "the decoder crashed on this file; it ran confined, and nothing else was affected",
    SkipCode.UNREADABLE: "the file cannot be opened or read",
    SkipCode.MISSING: "there is no file at this place",
}

BORDER_CODES = (
    SkipCode.EMPTY,
    SkipCode.UNSUPPORTED,
    SkipCode.DAMAGED,
    SkipCode.TOO_LARGE,
    SkipCode.TOO_MANY_PIXELS,
    SkipCode.OUT_OF_MEMORY,
)
"""The codes a confined process may answer with, by number from 1: no text crosses the border."""


def skipped(code: SkipCode, detail: str = "") -> Skipped:
    """The reason for `code`; `detail` is appended in brackets and must not quote untrusted content."""
    reason = _REASONS[code]
    return Skipped(code, f"{reason} ({detail})" if detail else reason)
