"""What the confined process answers for one item, as bytes. Loads no decoder: the other side reads it too."""

import struct

from tutela.media.formats import FORMATS
from tutela.model import Fingerprint, Pdq

_HEAD = struct.Struct(">BIIB")
_MIMES = tuple(form.mime for form in FORMATS.values())


def encode(mime: str, width: int, height: int, code: Pdq) -> bytes:
    """One answer: number of the format, width, height, quality, then eight codes."""
    return _HEAD.pack(_MIMES.index(mime), width, height, code.quality) + code.codes


def decode_answer(answer: bytes, sha256: bytes, md5: bytes) -> Fingerprint:
    """The fingerprint that `encode` described. Raises ValueError where the confined side broke the format."""
    if len(answer) != _HEAD.size + 256:
        raise ValueError(f"an answer takes {_HEAD.size + 256} bytes, not {len(answer)}")
    mime, width, height, quality = _HEAD.unpack_from(answer)
    if mime >= len(_MIMES):
        raise ValueError(f"no format has the number {mime}")
    return Fingerprint(_MIMES[mime], width, height, sha256, md5, Pdq(answer[_HEAD.size :], quality))
