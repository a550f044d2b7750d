"""People, channels and posts under keyed names: the only form in which they leave this room."""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

from tutela.model import Pseudonym

KEY_BYTES = 32
"""Length of the key of one investigation."""

_DOMAIN = "tutela.pseudonym/1"
_DIGEST_BYTES = 10  # 80 bits: a clash among ten million is a one in 10^10 event
_REMEMBERED, _CHANNELS = 1 << 13, 64  # the same few people write most posts
_BLOCK = 64  # bytes that SHA-256 takes in at a time
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_TELEGRAM = re.compile(r"(?:user|channel|chat)?(?:-100(?=[0-9])|-)?0*([0-9]+)")


class Pseudonymiser:
    """Turns identities into pseudonyms by HMAC-SHA-256 with one key; without the key none can be made or undone.

    Telegram's ways to write one number (``channel123``, ``123``, ``-1000000000123``) give the same pseudonym, so that
    a forward's origin links up with the channel; so do those of a handle (``@Rose``, ``@rose``). Any other identity
    stands for itself, letter by letter.
    """

    __slots__ = ("_inner", "_outer", "_remembered", "posts")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key for pseudonyms has {KEY_BYTES} bytes, not {len(key)}")
        # HMAC spelt out (RFC 2104): two hashes that took in the key, copied for each name, at a third of the cost.
        padded = key.ljust(_BLOCK, b"\0")
        self._inner, self._outer = sha256(padded.translate(_INNER)), sha256(padded.translate(_OUTER))
        self._remembered = lru_cache(_REMEMBERED)(lambda kind, identity: self._make(kind, _bare(identity)))
        self.posts = lru_cache(_CHANNELS)(self._posts)

    def __repr__(self) -> str:
        return "Pseudonymiser(…)"

    def channel(self, source_identity: str) -> Pseudonym:
        """``ch-…``: a channel or group."""
        return self._remembered("ch", source_identity)

    def person(self, identity: str) -> Pseudonym:
        """``pe-…``: an account, or where a source gives no more than that, a name (as ``name:…``)."""
        return self._remembered("pe", identity)

    def post(self, channel: Pseudonym, number: int) -> Pseudonym:
        """``po-…``: the post with this number in this channel."""
        return self.posts(channel)(number)

    def _posts(self, channel: Pseudonym) -> Callable[[int], Pseudonym]:
        """`post` for many posts of one channel."""
        inner, keyed = self._inner.copy(), self._outer
        inner.update(f"{_DOMAIN}\0po\0{channel}\0".encode())

        def post(number: int) -> Pseudonym:
            begun, outer = inner.copy(), keyed.copy()
            begun.update(b"%d" % number)
            outer.update(begun.digest())
            return f"po-{outer.hexdigest()[: 2 * _DIGEST_BYTES]}"  # type: ignore[return-value]

        return post

    def album(self, channel: Pseudonym, group: int | str) -> Pseudonym:
        """``al-…``: the posts of a channel that were sent as one album."""
        return self._make("al", f"{channel}\0{group}")

    def _make(self, kind: str, identity: str) -> Pseudonym:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{_DOMAIN}\0{kind}\0{identity}".encode("utf-8", "surrogatepass"))
        outer.update(inner.digest())
        return Pseudonym(f"{kind}-{outer.digest()[:_DIGEST_BYTES].hex()}")


def _bare(identity: str) -> str:
    if identity.startswith("@"):
        return identity.lower()
    telegram = _TELEGRAM.fullmatch(identity)
    return telegram[1] if telegram else identity
