"""What earlier scans have read: fingerprints of files by where they are and what they were like, sealed.

A file is taken for unchanged while its path, size, time of change (nanoseconds) and inode are the same, as `make` and
backup programs do it. Paths are kept only as keyed hashes.
"""

import hashlib
import hmac
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from tutela.bank.codec import decode, encode
from tutela.model import Fingerprint, SkipCode, Skipped
from tutela.store import KeyWrong, Sealer, Store, tables

_KEPT_DAYS = 180
_BATCH = 256
_PASSING = frozenset({SkipCode.OUT_OF_MEMORY, SkipCode.TOO_SLOW, SkipCode.DECODER_DIED, SkipCode.UNREADABLE})
"""Reasons that may not hold the next time: these items are tried again."""


class FingerprintMemory:
    """Recalls and remembers. For one thread; `flush` before it is let go."""

    def __init__(self, store: Store, key: bytes, algorithm: str) -> None:
        self._store = store
        self._key = key
        self._sealer = Sealer(key)
        self._algorithm = algorithm
        self._waiting: dict[bytes, Fingerprint | Skipped] = {}

    def key(self, path: Path) -> bytes | None:
        """Names the file's present state; None where it cannot be looked at."""
        try:
            state = path.stat()
        except OSError:
            return None
        parts = (self._algorithm, os.path.realpath(path), state.st_size, state.st_mtime_ns, state.st_ino)
        text = "\0".join(map(str, parts)).encode("utf-8", "surrogateescape")
        return hmac.new(self._key, text, hashlib.sha256).digest()

    def recall(self, key: bytes) -> Fingerprint | Skipped | None:
        """What is remembered under this key, None where nothing is or it cannot be opened any more."""
        if key in self._waiting:
            return self._waiting[key]
        row = tables.memory
        with self._store.read() as connection:
            sealed = connection.execute(sa.select(row.c.sealed).where(row.c.key == key)).scalar_one_or_none()
        try:
            return None if sealed is None else decode(self._sealer.open(sealed, _context(key)))
        except KeyWrong:
            return None  # a memory that cannot be read is no memory: the file is read again

    def remember(self, key: bytes, result: Fingerprint | Skipped) -> None:
        """Remembers a result, unless its reason may pass."""
        if isinstance(result, Skipped) and result.code in _PASSING:
            return
        self._waiting[key] = result
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Writes what waits, and forgets what is older than half a year."""
        now = datetime.now(UTC)
        rows = [
            {"key": key, "remembered_at": now, "sealed": self._sealer.seal(encode(result), _context(key))}
            for key, result in self._waiting.items()
        ]
        if not rows:
            return
        with self._store.write() as connection:
            row = tables.memory
            connection.execute(row.delete().where(row.c.remembered_at < now - timedelta(days=_KEPT_DAYS)))
            connection.execute(row.delete().where(row.c.key.in_(list(self._waiting))))
            connection.execute(row.insert(), rows)
        self._waiting.clear()


def _context(key: bytes) -> str:
    return f"memory/{key.hex()}"
