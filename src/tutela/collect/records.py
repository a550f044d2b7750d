"""What is kept of Telegram's objects: plain JSON with the fields that are listed here, and nothing else.

A list of what is wanted, not of what is not: a field that Telegram adds tomorrow is left out until somebody adds it.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]
"""One JSON object: `_`, the name of its type, comes first."""

DELETED = "MessageEmpty"
"""How Telegram says that there is no message of this number (any more)."""

_PIXELS = frozenset({"PhotoStrippedSize", "PhotoCachedSize", "PhotoPathSize"})
_BYTES = "option"  # which answer of a poll: the only bytes that are kept
_NAME = "file_name"
_KEPT_WORDS = """
    _ id date message edit_date edit_hide grouped_id views forwards replies
    peer_id from_id channel_id chat_id user_id via_bot_id fwd_from channel_post
    reply_to reply_to_msg_id reply_to_peer_id reply_to_top_id
    media photo sizes size document mime_type attributes file_name round_message voice
    extended_media video_duration stars_amount currency total_amount amount stars
    poll question answers text option closed multiple_choice results voters total_voters
    reactions reaction emoticon count recent_reactions top_reactors
    reply_markup rows buttons type url entities offset length
    action users inviter_id gift
"""
_KEPT = frozenset(_KEPT_WORDS.split())
_FRONT = frozenset({"_", "id", "broadcast", "megagroup", "gigagroup", "username", "usernames", "active"})
_COUNTERS = frozenset({"views", "forwards", "replies", "reactions", "edit_date", "edit_hide", "results"})


def message_record(raw: Mapping[str, Any]) -> Record:
    """What is kept of a message, from its `to_dict()`.

    People stay as numbers. No names, phone numbers, access hashes, file references, thumbnails or link previews.
    """
    return _kept(raw, _KEPT)


def front_record(raw: Mapping[str, Any]) -> Record:
    """What is kept of a channel: its number, its kind and its public handles."""
    return _kept(raw, _FRONT)


def deletion_record(channel: int, number: int, noticed: datetime) -> Record:
    """The line for a message that is gone: one that readers of dumps pass over."""
    peer = {"_": "PeerChannel", "channel_id": channel}
    return {"_": DELETED, "id": number, "peer_id": peer, "noticed_at": noticed.astimezone(UTC).isoformat()}


def is_edited(before: Record, after: Record) -> bool:
    """Whether a message says something else than before. Views, votes and reactions always do and do not count."""
    return bool(_steady(before) != _steady(after))


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _steady(entry) for key, entry in value.items() if key not in _COUNTERS}
    return [_steady(entry) for entry in value] if isinstance(value, list) else value


def _kept(raw: Mapping[str, Any], wanted: frozenset[str]) -> Record:
    fields = {"_": raw.get("_"), **raw}
    pairs = ((key, _value(key, value, wanted)) for key, value in fields.items() if key in wanted)
    return {key: value for key, value in pairs if value not in (None, [])}


def _value(key: str, value: Any, wanted: frozenset[str]) -> Any:
    match value:
        case Mapping():
            return None if value.get("_") in _PIXELS else _kept(value, wanted)
        case list() | tuple():
            return [kept for entry in value if (kept := _value(key, entry, wanted)) is not None]
        case bytes() | bytearray():
            return b64encode(value).decode("ascii") if key == _BYTES else None
        case datetime():
            return value.isoformat()
        case str() if key == _NAME:
            return _extension(value)
        case bool() | int() | float() | str():
            return value
    return None


def _extension(name: str) -> str:
    """Of a file's name only what says what kind of file it is."""
    _, dot, extension = name.rpartition(".")
    return dot + extension if extension.isalnum() and len(extension) <= 8 else ""
