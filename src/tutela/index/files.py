"""Arrays in one file: versioned, checked, replaced as a whole, mapped into memory or sealed with a key. No pickle.

    magic (16 bytes) · length of the head (8 bytes, little-endian) · head (JSON) · SHA-256 of all that · sections

A section is an array's bytes, beginning at a multiple of 64. Plain, it may be mapped, and the head has a checksum of
it. Sealed, it is cut into blocks of 16 MiB, each AES-256-GCM with a nonce of its own and bound to the head's hash, its
section and its number: a block that is changed, moved or left out does not open.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from tutela.durable import sync_folder
from tutela.index import kernels
from tutela.index.errors import IndexFileError

MAGIC = b"tutela-index/3\n\0"
_ALIGNED = 64
_BLOCK = 1 << 24
_KEY, _NONCE, _TAG = 32, 12, 16
_LONGEST_HEAD = 1 << 16
_TYPES = {"int64": np.int64, "uint64": np.uint64, "uint32": np.uint32, "uint16": np.uint16}

Arrays = dict[str, NDArray[Any]]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    type: str
    shape: list[int]
    begin: int
    size: int
    checksum: int


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sealed: bool
    nonce: str
    sections: list[_Section]


def write(path: Path, arrays: Mapping[str, NDArray[Any]], key: bytes | None) -> None:
    """Writes the arrays, sealed where there is a key of 32 bytes. The old file stays until the new one is on disk.

    Raises OSError, and ValueError for a key of another length.
    """
    cipher = _cipher(key)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write(file, arrays, cipher)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path, key: bytes | None) -> Arrays:
    """The arrays that `write` wrote: mapped copy-on-write where the file is plain, in memory where it was sealed.

    Raises `IndexFileError` for another key, a file that was truncated or altered, and one that is no index; ValueError
    for a key that is not 32 bytes long.
    """
    cipher = _cipher(key)
    try:
        with path.open("rb") as file:
            return _read(file, path, cipher)
    except OSError as error:
        raise IndexFileError(f"the file cannot be read ({error.strerror})", str(path)) from error


def _cipher(key: bytes | None) -> AESGCM | None:
    if key is None:
        return None
    if len(key) != _KEY:
        raise ValueError(f"a key takes {_KEY} bytes, not {len(key)}")
    return AESGCM(key)


def _write(file: BinaryIO, arrays: Mapping[str, NDArray[Any]], cipher: AESGCM | None) -> None:
    nonce, begin, sections = secrets.token_bytes(_NONCE - 8), 0, []
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in plain.items():
        size = array.nbytes if cipher is None else array.nbytes + _TAG * len(_blocks(array.nbytes))
        checksum = _checksum(array) if cipher is None else 0
        sections.append(_Section(name, array.dtype.name, list(array.shape), begin, size, checksum))
        begin += -(-size // _ALIGNED) * _ALIGNED
    head = _lead(_Head(cipher is not None, nonce.hex(), sections))
    digest = hashlib.sha256(head).digest()
    file.write(head + digest)
    for number, (section, array) in enumerate(zip(sections, plain.values(), strict=True)):
        file.seek(_start(len(head)) + section.begin)
        data = _raw(array)
        for place, (first, last) in enumerate(_blocks(array.nbytes)):
            block = data[first:last]
            file.write(block if cipher is None else cipher.encrypt(*_sealing(nonce, digest, number, place, block)))
    file.truncate(_start(len(head)) + begin)


def _lead(head: _Head) -> bytes:
    text = msgspec.json.encode(head)
    return MAGIC + len(text).to_bytes(8, "little") + text


def _start(lead: int) -> int:
    """Where sections begin, behind a lead of so many bytes and its hash."""
    return -(-(lead + 32) // _ALIGNED) * _ALIGNED


def _blocks(size: int) -> Sequence[tuple[int, int]]:
    return [(first, min(first + _BLOCK, size)) for first in range(0, size, _BLOCK)]


def _sealing(
    nonce: bytes, digest: bytes, section: int, place: int, data: memoryview | bytes
) -> tuple[bytes, memoryview | bytes, bytes]:
    """Nonce, message and what the block is bound to."""
    number = (section << 48 | place).to_bytes(8, "big")
    return nonce + number, data, digest + number


def _read(file: BinaryIO, path: Path, cipher: AESGCM | None) -> Arrays:
    lead = file.read(len(MAGIC) + 8)
    length = int.from_bytes(lead[len(MAGIC) :], "little")
    if not lead.startswith(MAGIC) or len(lead) < len(MAGIC) + 8 or length > _LONGEST_HEAD:
        raise IndexFileError("the file is no index of this version", str(path))
    lead += file.read(length)
    digest = file.read(32)
    head = _head(lead, digest, path)
    if head.sealed != (cipher is not None):
        raise IndexFileError(f"the file is {'sealed' if head.sealed else 'not sealed'}", str(path))
    start = _start(len(lead))
    ends = [section.begin + -(-section.size // _ALIGNED) * _ALIGNED for section in head.sections]
    if os.fstat(file.fileno()).st_size != start + max(ends, default=0):
        raise IndexFileError("the file was cut off or added to", str(path))
    arrays: Arrays = {}
    for number, section in enumerate(head.sections):
        if cipher is None:
            arrays[section.name] = _mapped(path, start, section)
        else:
            arrays[section.name] = _opened(file, path, start, section, number, head, digest, cipher)
    return arrays


def _head(lead: bytes, digest: bytes, path: Path) -> _Head:
    try:
        if hashlib.sha256(lead).digest() != digest:
            raise IndexFileError("the head of the file was altered", str(path))
        head = msgspec.json.decode(lead[len(MAGIC) + 8 :], type=_Head)
        if all(section.type in _TYPES for section in head.sections):
            return head
    except msgspec.MsgspecError:
        pass
    raise IndexFileError("the head of the file cannot be read", str(path))


def _mapped(path: Path, start: int, section: _Section) -> NDArray[Any]:
    kind = _TYPES[section.type]
    if not section.size:
        return np.empty(section.shape, dtype=kind)
    array = np.memmap(path, dtype=kind, mode="c", offset=start + section.begin, shape=tuple(section.shape)).view(
        np.ndarray
    )
    if _checksum(array) != section.checksum:
        raise IndexFileError("the file was altered", str(path))
    return array


def _opened(
    file: BinaryIO, path: Path, start: int, section: _Section, number: int, head: _Head, digest: bytes, cipher: AESGCM
) -> NDArray[Any]:
    array = np.empty(section.shape, dtype=_TYPES[section.type])
    data = _raw(array)
    file.seek(start + section.begin)
    for place, (first, last) in enumerate(_blocks(array.nbytes)):
        sealed = file.read(last - first + _TAG)
        try:
            data[first:last] = cipher.decrypt(*_sealing(bytes.fromhex(head.nonce), digest, number, place, sealed))
        except (InvalidTag, ValueError):
            raise IndexFileError("the key is wrong or the file was altered", str(path)) from None
    return array


def _raw(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _checksum(array: NDArray[Any]) -> int:
    """64 bits over the bytes, at the speed of memory; against accidents. Against intent there is the key."""
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    whole = len(flat) // 8 * 8
    rest = np.zeros(8, dtype=np.uint8)
    rest[: len(flat) - whole] = flat[whole:]
    return int(kernels.checksum(flat[:whole].view(np.uint64), rest.view(np.uint64)[0], len(flat)))
