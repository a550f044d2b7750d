"""Authenticated encryption of what lies in the tables: AES-256-GCM with a random 96-bit nonce for each message.

Every message is bound to its place (`context`), so that a sealed value moved to another row does not open.
"""

import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tutela.store.errors import KeyWrong

KEY_BYTES = 32
_NONCE_BYTES = 12


def new_key() -> bytes:
    """A new 256-bit key from the operating system's generator."""
    return secrets.token_bytes(KEY_BYTES)


class Sealer:
    """Seals and opens with one key. The key never appears in a repr, an error or a log."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key takes {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Nonce, ciphertext and tag: 28 bytes longer than `plain`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """What `seal` sealed under the same key and context. Raises `KeyWrong` for anything else."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):
            raise KeyWrong(
                "a sealed value does not open: the key is wrong or the value was altered",
                where=context.partition("/")[0],
                remedy="Use the key that belongs to this bank, or restore bank and key from the same backup",
            ) from None
