"""Salted commitments: the log binds a private detail without holding it, so that erasure does not break the proof."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from tutela.custody.errors import CustodyError
from tutela.custody.lines import JsonValue, canonical_json

_CONTEXT = b"tutela/commitment/1\x00"
_SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment. Kept by the caller outside the log: whoever holds it can read and prove the detail.

    `commitment` and `salt` are 32 bytes; `detail` is canonical JSON.
    """

    commitment: bytes
    salt: bytes = field(repr=False)
    detail: bytes = field(repr=False)


def _digest(salt: bytes, detail: bytes) -> bytes:
    return hashlib.sha256(_CONTEXT + len(salt).to_bytes(4, "big") + salt + detail).digest()


def commit(detail: Mapping[str, JsonValue]) -> Opening:
    """Commits to `detail` under a fresh random salt. Raises CustodyError if `detail` is not plain JSON."""
    try:
        plain = canonical_json(dict(detail))
    except (TypeError, ValueError, RecursionError):
        # The cause is left out: it could quote the detail.
        raise CustodyError("the private detail is not plain JSON", remedy="Pass text keys and JSON values") from None
    salt = secrets.token_bytes(_SALT_BYTES)
    return Opening(_digest(salt, plain), salt, plain)


def verify_opening(commitment: bytes, salt: bytes, detail: bytes) -> bool:
    """Whether `salt` (32 bytes) and `detail` (canonical JSON) are what `commitment`, as a log has it, was made from."""
    return len(salt) == _SALT_BYTES and secrets.compare_digest(_digest(salt, detail), commitment)
