"""People, channels and posts under keyed names: the only form in which they leave this room."""

import hmac
import re

from tutela.model import Pseudonym

KEY_BYTES = 32
"""Length of the key of one investigation."""

_DIGEST_BYTES = 10  # 80 bits: a clash among ten million is a one in 10^10 event
_TELEGRAM = re.compile(r"(?:user|channel|chat)?(?:-100(?=[0-9])|-)?0*([0-9]+)")


class Pseudonymiser:
    """Turns identities into pseudonyms by HMAC-SHA-256 with one key; without the key none can be made or undone.

    Telegram's ways to write one number (``channel123``, ``123``, ``-1000000000123``) give the same pseudonym, so that
    a forward's origin links up with the channel. Any other identity stands for itself, letter by letter.
    """

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key for pseudonyms has {KEY_BYTES} bytes, not {len(key)}")
        self._keyed = hmac.new(key, digestmod="sha256")  # copied for each name: half the cost of keying anew

    def __repr__(self) -> str:
        return "Pseudonymiser(…)"

    def channel(self, source_identity: str) -> Pseudonym:
        """``ch-…``: a channel or group."""
        return self._make("ch", _bare(source_identity))

    def person(self, identity: str) -> Pseudonym:
        """``pe-…``: an account, or where a source gives no more than that, a name (as ``name:…``)."""
        return self._make("pe", _bare(identity))

    def post(self, channel: Pseudonym, number: int) -> Pseudonym:
        """``po-…``: the post with this number in this channel."""
        return self._make("po", f"{channel}\0{number}")

    def album(self, channel: Pseudonym, group: int | str) -> Pseudonym:
        """``al-…``: the posts of a channel that were sent as one album."""
        return self._make("al", f"{channel}\0{group}")

    def _make(self, kind: str, identity: str) -> Pseudonym:
        message = f"tutela.pseudonym/1\0{kind}\0{identity}".encode("utf-8", "surrogatepass")
        mac = self._keyed.copy()
        mac.update(message)
        return Pseudonym(f"{kind}-{mac.digest()[:_DIGEST_BYTES].hex()}")


def _bare(identity: str) -> str:
    telegram = _TELEGRAM.fullmatch(identity)
    return telegram[1] if telegram else identity
