"""Who wrote, forwarded or was forwarded, in each way that Telegram's files put it; a pseudonym is all that is kept."""

import re
from collections.abc import Iterable, Sequence

from tutela.model import Link, Pseudonym
from tutela.sources.events import JsonValue
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.values import integer, obj
from tutela.texts.links import links

_PEER = re.compile(r"(user|channel|chat)([0-9]{1,19})")
_OLD_BITS = 32
_OLD_USER, _OLD_CHAT = 1, 2


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
        channel = integer(peer.get("channel_id"))
        return integer(peer.get("chat_id")) if channel is None else channel
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


def once(people: Iterable[Pseudonym | None]) -> tuple[Pseudonym, ...]:
    """Each one once, in the order in which they first come."""
    return tuple(dict.fromkeys(person for person in people if person is not None))


def linked(pseudonyms: Pseudonymiser, text: str, urls: Sequence[str]) -> tuple[Link, ...]:
    """The channels that a text, the URLs behind its words and those of its buttons point to."""
    found = links(text, urls)
    return tuple([Link(kind, pseudonyms.channel(identity)) for kind, identity in found]) if found else ()
