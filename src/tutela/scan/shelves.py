"""What scans keep of the runs of an export, one sealed file for each, so that the same text need not be read again.

The name of a file is a tag of the program's version and a keyed hash of how the run begins; inside stands a keyed hash
of its whole text beside what was made of it. The keys come from a secret of the bank and from everything that the
result depends on, so that nothing opens in another bank, for another channel or for another version of the program.
"""

import hashlib
import hmac
import os
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from tutela import __version__
from tutela.measures import pack, unpack
from tutela.model import Pseudonym
from tutela.scan.digest import Digest
from tutela.sources import HEAD
from tutela.store import KeyWrong, Sealer

KEPT_DAYS = 180
"""Files that no scan has used for so long are deleted."""

MOST = 1 << 30
"""Bytes that all files together may take; those that were used longest ago go first."""

_ROOMS = ("measures", "model", "scan", "sources", "texts")
_LIBRARIES = ("lingua-language-detector", "msgspec", "numpy")
_TAG_BYTES, _NAME_BYTES, _HASH_BYTES = 4, 12, 32
_DRAFT = ".part"


class Shelves:
    """The shelves of all channels, in one folder, which is made for the first of them; `tidy` when the scan is done.

    What `usable` refuses is as if it were not there.
    """

    def __init__(self, folder: Path, key: bytes, usable: Callable[[Digest], bool]) -> None:
        self._folder = folder
        self._secret = key
        self._usable = usable
        self._shelves: dict[Pseudonym, Shelf] = {}

    def shelf(self, channel: Pseudonym) -> "Shelf":
        """The shelf of one channel."""
        if channel not in self._shelves:
            key = hmac.digest(self._key, channel.encode(), "sha256")
            self._shelves[channel] = Shelf(self._folder, key, self._tag, self._names, self._usable)
        return self._shelves[channel]

    @cached_property
    def _key(self) -> bytes:
        return hmac.digest(self._secret, _program(), "sha256")

    @cached_property
    def _tag(self) -> str:
        return hmac.digest(self._key, b"tag", "sha256")[:_TAG_BYTES].hex()

    @cached_property
    def _names(self) -> frozenset[str]:
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return frozenset(name for name in _listed(self._folder) if name.startswith(self._tag))

    def tidy(self) -> None:
        """Deletes what nobody has used for long, what there is too much of, and drafts of a scan that was killed."""
        oldest, left = time.time() - KEPT_DAYS * 86_400, MOST
        for used, size, path in sorted(_looked_at(self._folder), reverse=True):
            left -= size
            if left < 0 or used < oldest:
                with suppress(OSError):
                    path.unlink(missing_ok=True)


class Shelf:
    """What is kept of one channel. Nothing here fails: what cannot be read is as if it were not there."""

    def __init__(
        self, folder: Path, key: bytes, tag: str, names: frozenset[str], usable: Callable[[Digest], bool]
    ) -> None:
        self._folder = folder
        self._key = key
        self._tag = tag
        self._usable = usable
        self._sealer = Sealer(hmac.digest(key, b"seal", "sha256"))
        self._names = names

    def __bool__(self) -> bool:
        return bool(self._names)

    def has(self, head: bytes) -> bool:
        """See `tutela.sources.runs.Shelf`."""
        return self._name(head) in self._names

    def find(self, head: bytes) -> "KeptRun | None":
        """See `tutela.sources.runs.Shelf`."""
        name = self._name(head)
        if name not in self._names:
            return None
        path = self._folder / name
        try:
            plain = self._sealer.open(path.read_bytes(), name)
            os.utime(path)
        except (OSError, KeyWrong):
            return None
        return KeptRun(plain, self._key, self._usable)

    def keep(self, text: bytes, digest: Digest) -> None:
        """Keeps what was made of a run; a short one is not worth it."""
        if len(text) < HEAD:
            return
        name = self._name(text[:HEAD])
        length = len(text).to_bytes(8)
        sealed = self._sealer.seal(length + _hash(self._key, text) + pack(digest), name)
        draft = self._folder / f"{name}.{secrets.token_hex(4)}{_DRAFT}"
        try:
            draft.write_bytes(sealed)
            draft.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def _name(self, head: bytes) -> str:
        return self._tag + hmac.digest(self._key, head, "sha256")[:_NAME_BYTES].hex()


class KeptRun:
    """What was made of one run: length and keyed hash of its text, and the digest."""

    def __init__(self, plain: bytes, key: bytes, usable: Callable[[Digest], bool]) -> None:
        self._plain = memoryview(plain)
        self._key = key
        self._usable = usable
        self.length = int.from_bytes(self._plain[:8])

    def of(self, text: memoryview) -> Digest | None:
        """See `tutela.sources.runs.Kept`."""
        if len(text) != self.length or _hash(self._key, text) != self._plain[8 : 8 + _HASH_BYTES]:
            return None
        try:
            digest = unpack(self._plain[8 + _HASH_BYTES :], Digest)
        except msgspec.MsgspecError:
            return None
        return digest if self._usable(digest) else None


def _hash(key: bytes, text: bytes | memoryview) -> bytes:
    return hmac.digest(key, text, "sha256")


def _listed(folder: Path) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        yield from (entry.name for entry in entries)


def _looked_at(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each file was last used, its size and place; a draft is as if nobody had ever used it."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                state = entry.stat()
                used = 0.0 if entry.name.endswith(_DRAFT) else state.st_mtime
                yield used, state.st_size, Path(entry.path)


@cache
def _program() -> bytes:
    """All that decides what is made of a text, beside the text: this program and what it relies on."""
    libraries = [version(name) for name in _LIBRARIES]
    found = hashlib.sha256("\0".join([__version__, platform.python_version(), *libraries]).encode())
    for room in _ROOMS:
        for content in _contents(files("tutela") / room):
            found.update(content)
    return found.digest()


def _contents(folder: Traversable) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _contents(entry)
        elif entry.is_file():
            yield hashlib.sha256(entry.read_bytes()).digest()
