"""What the confined process answers for one item, as bytes. Loads no decoder: the other side reads it too."""

import struct
from collections.abc import Iterator

from tutela.media.formats import FORMATS
from tutela.model import Fingerprint, Parts, Pdq, View
from tutela.model.parts import DESCRIPTOR_BYTES, PLACE_BYTES

_HEAD = struct.Struct(">BIIB")
_VIEW = struct.Struct(">BBH")
_CODES = 8 * 32
_MIMES = tuple(form.mime for form in FORMATS.values())


def encode(mime: str, width: int, height: int, code: Pdq, parts: Parts | None = None) -> bytes:
    """One answer: number of the format, width, height, quality, eight codes, then views where there are any."""
    views = () if parts is None else parts.views
    shown = [_VIEW.pack(v.size, v.orientation, len(v)) + v.places + v.descriptors for v in views]
    return _HEAD.pack(_MIMES.index(mime), width, height, code.quality) + code.codes + b"".join(shown)


def decode_answer(answer: bytes, sha256: bytes, md5: bytes) -> Fingerprint:
    """The fingerprint that `encode` described. Raises ValueError where the confined side broke the format."""
    if len(answer) < _HEAD.size + _CODES:
        raise ValueError(f"an answer takes at least {_HEAD.size + _CODES} bytes, not {len(answer)}")
    mime, width, height, quality = _HEAD.unpack_from(answer)
    if mime >= len(_MIMES):
        raise ValueError(f"no format has the number {mime}")
    codes, rest = answer[_HEAD.size : _HEAD.size + _CODES], answer[_HEAD.size + _CODES :]
    parts = Parts(tuple(_views(rest))) if rest else None
    return Fingerprint(_MIMES[mime], width, height, sha256, md5, Pdq(codes, quality), parts)


def _views(rest: bytes) -> Iterator[View]:
    while rest:
        if len(rest) < _VIEW.size:
            raise ValueError("a view is cut off")
        size, orientation, count = _VIEW.unpack_from(rest)
        places, end = _VIEW.size + PLACE_BYTES * count, _VIEW.size + (PLACE_BYTES + DESCRIPTOR_BYTES) * count
        if size > 2 or orientation > 7 or end > len(rest):
            raise ValueError("a view is cut off, or none that there is")
        yield View(size, orientation, rest[_VIEW.size : places], rest[places:end])
        rest = rest[end:]
