"""Same bytes, same digest: SHA-256 for ourselves, MD5 because exchanges still speak it."""

import hashlib


def digests(data: bytes) -> tuple[bytes, bytes]:
    """SHA-256 (32 bytes) and MD5 (16 bytes). MD5 identifies files that others listed; nothing trusts it."""
    return hashlib.sha256(data).digest(), hashlib.md5(data, usedforsecurity=False).digest()
