"""What the confined process answers for one item, as bytes. Loads no decoder: the other side reads it too."""

import struct

from tutela.media.formats import FORMATS
from tutela.model import Fingerprint, Parts, Pdq
from tutela.model.parts import DESCRIPTION_BYTES, POINT_BYTES

_HEAD = struct.Struct(">BIIB")
_COUNT = struct.Struct(">H")
_CODES = 8 * 32
_MIMES = tuple(form.mime for form in FORMATS.values())


def encode(mime: str, width: int, height: int, code: Pdq, parts: Parts | None = None) -> bytes:
    """One answer: number of the format, width, height, quality, eight codes, then parts where they were asked for."""
    shown = b"" if parts is None else _COUNT.pack(len(parts)) + parts.points + parts.descriptions
    return _HEAD.pack(_MIMES.index(mime), width, height, code.quality) + code.codes + shown


def decode_answer(answer: bytes, sha256: bytes, md5: bytes) -> Fingerprint:
    """The fingerprint that `encode` described. Raises ValueError where the confined side broke the format."""
    if len(answer) < _HEAD.size + _CODES:
        raise ValueError(f"an answer takes at least {_HEAD.size + _CODES} bytes, not {len(answer)}")
    mime, width, height, quality = _HEAD.unpack_from(answer)
    if mime >= len(_MIMES):
        raise ValueError(f"no format has the number {mime}")
    codes, rest = answer[_HEAD.size : _HEAD.size + _CODES], answer[_HEAD.size + _CODES :]
    return Fingerprint(_MIMES[mime], width, height, sha256, md5, Pdq(codes, quality), _parts(rest) if rest else None)


def _parts(rest: bytes) -> Parts:
    if len(rest) < _COUNT.size:
        raise ValueError("parts are cut off")
    (count,) = _COUNT.unpack_from(rest)
    end = _COUNT.size + POINT_BYTES * count
    if len(rest) != end + DESCRIPTION_BYTES * count:
        raise ValueError("parts are cut off")
    return Parts(rest[_COUNT.size : end], rest[end:])
