"""Ed25519 signatures (RFC 8032) over checkpoints."""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tutela.custody.lines import Checkpoint, canonical_json, fields

_CONTEXT = b"tutela/checkpoint/1\x00"


class Signer:
    """Signs with one Ed25519 private key of 32 raw bytes. The private key never shows in its text form."""

    def __init__(self, private_key: bytes) -> None:
        if len(private_key) != 32:
            raise ValueError(f"an Ed25519 private key takes 32 bytes, not {len(private_key)}")
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self.public_key = self._key.public_key().public_bytes_raw()
        """32 raw bytes; what a verifier must know from elsewhere."""

    @classmethod
    def generate(cls) -> tuple["Signer", bytes]:
        """A signer with a fresh key, and that private key, 32 raw bytes, for the caller to keep."""
        private_key = Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(private_key), private_key

    def __repr__(self) -> str:
        return f"Signer(public_key={self.public_key.hex()!r})"

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        return self._key.sign(message)


def _message(checkpoint: Checkpoint) -> bytes:
    claims = fields(checkpoint)
    del claims["signature"]
    return _CONTEXT + canonical_json(claims)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Checkpoint:
    """The same checkpoint under the key and signature of `signer`."""
    claimed = msgspec.structs.replace(checkpoint, key=signer.public_key.hex())
    return msgspec.structs.replace(claimed, signature=signer.sign(_message(claimed)).hex())


def verify_checkpoint(checkpoint: Checkpoint) -> bool:
    """Whether the signature holds under the key that the checkpoint names. Whose key it is, the caller must know."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.key))
        key.verify(bytes.fromhex(checkpoint.signature), _message(checkpoint))
    except (InvalidSignature, ValueError):
        return False
    return True
