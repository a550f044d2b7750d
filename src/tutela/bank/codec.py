"""Fingerprints as bytes, before they are sealed: MessagePack of a fixed tuple, read back strictly."""

import msgspec

from tutela.model import CodedParts, Fingerprint, Pdq, SkipCode, Skipped
from tutela.store import KeyWrong


class _Pdq(msgspec.Struct, array_like=True, frozen=True):
    codes: bytes
    quality: int


class _Fingerprint(msgspec.Struct, array_like=True, frozen=True, tag=1):
    media: str
    width: int
    height: int
    sha256: bytes
    md5: bytes
    pdq: _Pdq | None


class _Parts(msgspec.Struct, array_like=True, frozen=True, tag=4):
    width: int
    height: int
    points: bytes
    codes: bytes


class _EarlierParts(_Parts, array_like=True, frozen=True, tag=3):
    """Parts described along axes that are not in use any more: nothing can be compared with them."""


class _Skipped(msgspec.Struct, array_like=True, frozen=True, tag=2):
    code: SkipCode
    reason: str


_READER = msgspec.msgpack.Decoder(_Fingerprint | _Skipped)
_PARTS_READER = msgspec.msgpack.Decoder(_Parts | _EarlierParts)


def encode(result: Fingerprint | Skipped) -> bytes:
    """A fingerprint, or why there is none, as bytes; its parts, which no bank keeps as they are, stay out."""
    if isinstance(result, Skipped):
        return msgspec.msgpack.encode(_Skipped(result.code, result.reason))
    pdq = None if result.pdq is None else _Pdq(result.pdq.codes, result.pdq.quality)
    return msgspec.msgpack.encode(
        _Fingerprint(result.media, result.width, result.height, result.sha256, result.md5, pdq)
    )


def decode(data: bytes) -> Fingerprint | Skipped:
    """What `encode` wrote. Raises `KeyWrong` for anything else: it was sealed, so it was altered or is too new."""
    try:
        entry = _READER.decode(data)
        if isinstance(entry, _Skipped):
            return Skipped(entry.code, entry.reason)
        pdq = None if entry.pdq is None else Pdq(entry.pdq.codes, entry.pdq.quality)
    except ValueError as error:
        raise _unreadable() from error
    return Fingerprint(entry.media, entry.width, entry.height, entry.sha256, entry.md5, pdq)


def decode_fingerprint(data: bytes) -> Fingerprint:
    """`decode` where only a fingerprint can stand."""
    result = decode(data)
    if isinstance(result, Skipped):
        raise _unreadable()
    return result


def encode_parts(parts: CodedParts) -> bytes:
    """A bank's parts as bytes."""
    return msgspec.msgpack.encode(_Parts(parts.width, parts.height, parts.points, parts.codes))


def decode_parts(data: bytes) -> CodedParts | None:
    """What `encode_parts` wrote; None for what an earlier version described. Raises `KeyWrong` for anything else."""
    try:
        entry = _PARTS_READER.decode(data)
        if isinstance(entry, _EarlierParts):
            return None
        return CodedParts(entry.width, entry.height, entry.points, entry.codes)
    except ValueError as error:
        raise _unreadable() from error


def _unreadable() -> KeyWrong:
    return KeyWrong("a fingerprint in the bank cannot be read", remedy="It was written by a newer version; update")
