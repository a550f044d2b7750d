"""Who wrote, forwarded or was forwarded, in each way that Telegram's files put it; a pseudonym is all that is kept."""

import re

from tutela.model import Pseudonym
from tutela.sources.events import JsonValue
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.values import integer, obj

_PEER = re.compile(r"(user|channel|chat)([0-9]{1,19})")
_OLD_BITS = 32
_OLD_USER, _OLD_CHAT = 1, 2
_CHANNEL_KEYS = ("channel_id", "chat_id")


def named(pseudonyms: Pseudonymiser, name: JsonValue) -> Pseudonym | None:
    """Somebody of whom only a name is given."""
    return pseudonyms.person(f"name:{name}") if isinstance(name, str) and name else None


def desktop_peer(pseudonyms: Pseudonymiser, peer: JsonValue) -> Pseudonym | None:
    """``user12``, ``channel12``, ``chat12``, or a bare number as in old exports."""
    if (number := integer(peer)) is not None:
        return _old_peer(pseudonyms, number)
    if not isinstance(peer, str) or not (found := _PEER.fullmatch(peer)):
        return None
    return pseudonyms.person(found[2]) if found[1] == "user" else pseudonyms.channel(found[2])


def _old_peer(pseudonyms: Pseudonymiser, number: int) -> Pseudonym:
    """Old exporters wrote the kind of peer into the bits above the number, or wrote a person's number alone."""
    kind, bare = number >> _OLD_BITS, number & (1 << _OLD_BITS) - 1
    if kind == _OLD_CHAT:
        return pseudonyms.channel(str(bare))
    return pseudonyms.person(str(bare if kind == _OLD_USER else number))


def chat_number(peer: JsonValue) -> int | None:
    """The number of the channel or group that a Telethon peer is; None for a person and for what is no peer.

    A number by itself is *marked*: negative for channels and groups, positive for people.
    """
    if isinstance(peer, dict):
        return next((number for key in _CHANNEL_KEYS if (number := integer(peer.get(key))) is not None), None)
    number = integer(peer)
    return number if number is not None and number < 0 else None


def user_number(peer: JsonValue) -> int | None:
    """The number of the person that a Telethon peer is; None for a channel or group and for what is no peer."""
    number = integer(obj(peer).get("user_id") if isinstance(peer, dict) else peer)
    return number if number is not None and number >= 0 else None


def telethon_peer(pseudonyms: Pseudonymiser, peer: JsonValue) -> Pseudonym | None:
    """A Telethon peer, as an object or as a marked number."""
    if (chat := chat_number(peer)) is not None:
        return pseudonyms.channel(str(chat))
    user = user_number(peer)
    return None if user is None else pseudonyms.person(str(user))
