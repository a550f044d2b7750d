"""Times that the processes of one service share, in memory that was made before they parted.

Nothing of it is on a disk, and it ends with them. The lock is the system's on an empty file: it ends with whoever holds
it.
"""

import hashlib
import mmap
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

_BUCKETS, _PLACES = 16_384, 8
"""Where a name may stand: one of so many buckets, at one of the places in it."""

_ENTRY = struct.Struct("<Qd")
_BYTES = _ENTRY.size * _PLACES


class SharedTimes:
    """A time (`time.monotonic`, seconds) for each of up to 131,072 names, in 2 MiB. Safe for threads, and for processes
    that are forked from the one that made it.

    Names are kept as keyed hashes of 64 bits. Where there is no room for a new one, the earliest time of its
    neighbours is forgotten. Use it inside `locked`.
    """

    def __init__(self, lock: Path | None = None, buckets: int = _BUCKETS) -> None:
        """`lock` is an empty file, to be locked; threads need none. Eight names go into a bucket."""
        self._buckets = buckets
        self.secret = secrets.token_bytes(32)
        self._memory = mmap.mmap(-1, buckets * _BYTES)
        self._file = None if lock is None else os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
        self._threads = Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads or writes meanwhile."""
        with self._threads:
            if self._file is None:
                yield
                return
            import fcntl  # there is none where processes cannot be forked

            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def get(self, name: str) -> float:
        """The time of a name, 0.0 where none is known."""
        bucket, mark = self._place(name)
        return next((time for known, time in self._entries(bucket) if known == mark), 0.0)

    def set(self, name: str, time: float) -> None:
        """Remembers the time of a name; 0.0 forgets it."""
        bucket, mark = self._place(name)
        entries = self._entries(bucket)
        place = next((place for place, (known, _) in enumerate(entries) if known == mark), None)
        if place is None:
            place = min(range(_PLACES), key=lambda each: entries[each][1])
        _ENTRY.pack_into(self._memory, bucket + place * _ENTRY.size, mark, time)

    def _place(self, name: str) -> tuple[int, int]:
        digest = hashlib.blake2b(name.encode(), key=self.secret, digest_size=16).digest()
        return int.from_bytes(digest[:8], "little") % self._buckets * _BYTES, int.from_bytes(digest[8:], "little")

    def _entries(self, bucket: int) -> list[tuple[int, float]]:
        return list(_ENTRY.iter_unpack(self._memory[bucket : bucket + _BYTES]))


@dataclass(frozen=True, slots=True)
class Memories:
    """What limits remember: each process for itself (None), or all of a service together."""

    tries: SharedTimes | None = None
    intake: SharedTimes | None = None
    calls: SharedTimes | None = None
    near: SharedTimes | None = None

    @classmethod
    def shared(cls, folder: Path) -> "Memories":
        """For processes that are forked from this one; their locks are empty files in the folder."""
        return cls(*(SharedTimes(folder / f"{name}.lock") for name in ("tries", "intake", "calls", "near")))


ALONE = Memories()
"""One process serves."""
