"""One message of a Telegram Desktop export as a post."""

import re
from collections.abc import Iterator
from typing import Any

from tutela.model import (
    Attachment,
    AttachmentKind,
    Forward,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Pseudonym,
    Reaction,
)
from tutela.sources.events import Events, JsonObject, JsonValue, build, fields, skip
from tutela.sources.files import Files, kind_by_type
from tutela.sources.people import desktop_peer, named
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.values import count, emoji, flag, flat, integer, iso, objects, string, unix, when

# All else (thumbnails, contacts, places, names of members, bots) is passed over before it is built.
_WANTED = """
id type date date_unixtime edited edited_unixtime from from_id actor actor_id action forwarded_from forwarded_from_id
reply_to_message_id text photo photo_file_size file file_name file_size media_type mime_type poll reactions
inline_bot_buttons
"""
_WANTED_KEYS = frozenset(_WANTED.split())
_KINDS = {kind.value: kind for kind in PostKind}
_UNWANTED = frozenset({"recent", "thumbnail"})
_MEDIA = {
    "sticker": AttachmentKind.STICKER,
    "video_message": AttachmentKind.VIDEO_MESSAGE,
    "voice_message": AttachmentKind.VOICE_MESSAGE,
    "animation": AttachmentKind.ANIMATION,
    "video_file": AttachmentKind.VIDEO,
    "audio_file": AttachmentKind.AUDIO,
}
_ACTION = re.compile(r"[a-z][a-z_]{0,63}")
_NEVER = ("1969", "1970")  # how old exporters date the edit of what was never edited


def wanted_message(events: Events, event: str, value: Any) -> JsonValue:
    """What is needed of one message, and nothing else; None where it is no object."""
    if event != "start_map":
        skip(events, event)
        return None
    message: JsonObject = {}
    for key, first, content in fields(events):
        if key in _WANTED_KEYS:
            message[key] = build(events, first, content, _UNWANTED)
        else:
            skip(events, first)
    return message


class DesktopPosts:
    """Makes the posts of one channel."""

    def __init__(self, channel: Pseudonym, pseudonyms: Pseudonymiser, files: Files) -> None:
        self._channel = channel
        self._pseudonyms = pseudonyms
        self._files = files

    def post(self, message: JsonObject) -> Post | None:
        """None for what has no number or is of no known type."""
        number, kind = integer(message.get("id")), _KINDS.get(string(message.get("type")))
        if number is None or kind is None:
            return None
        return Post(
            channel=self._channel,
            id=number,
            ref=self._pseudonyms.post(self._channel, number),
            kind=kind,
            when=when(iso(message.get("date")), unix(message.get("date_unixtime"))),
            author=self._author(message),
            forwarded=self._forwarded(message),
            reply_to=integer(message.get("reply_to_message_id")),
            edited=_edited(message),
            text=flat(message.get("text")),
            attachments=tuple(self._attachments(message)),
            poll=_poll(message.get("poll")),
            reactions=tuple(_reactions(message.get("reactions"))),
            buttons=tuple(_buttons(message.get("inline_bot_buttons"))),
            action=_action(message.get("action")),
        )

    def _author(self, message: JsonObject) -> Pseudonym | None:
        label = "from" if "from" in message or "from_id" in message else "actor"
        return desktop_peer(self._pseudonyms, message.get(f"{label}_id")) or named(self._pseudonyms, message.get(label))

    def _forwarded(self, message: JsonObject) -> Forward | None:
        if "forwarded_from" not in message and "forwarded_from_id" not in message:
            return None
        peer = desktop_peer(self._pseudonyms, message.get("forwarded_from_id"))
        return Forward(peer or named(self._pseudonyms, message.get("forwarded_from")))

    def _attachments(self, message: JsonObject) -> Iterator[Attachment]:
        photo, file = message.get("photo"), message.get("file")
        if isinstance(photo, str):
            yield self._files.attachment(AttachmentKind.PHOTO, photo, count(message.get("photo_file_size")))
        if isinstance(file, str):
            yield self._files.attachment(_file_kind(message, file), file, count(message.get("file_size")))


def _file_kind(message: JsonObject, file: str) -> AttachmentKind:
    name = string(message.get("file_name")) or file
    return _MEDIA.get(string(message.get("media_type"))) or kind_by_type(string(message.get("mime_type")), name)


def _edited(message: JsonObject) -> bool:
    at = string(message.get("edited"))
    return bool(at) and not at.startswith(_NEVER)


def _action(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and _ACTION.fullmatch(value) else None


def _poll(value: JsonValue) -> Poll | None:
    if not isinstance(value, dict):
        return None
    answers = (PollAnswer(flat(a.get("text")), count(a.get("voters"))) for a in objects(value.get("answers")))
    return Poll(
        question=flat(value.get("question")),
        answers=tuple(answers),
        total_voters=count(value.get("total_voters")),
        closed=flag(value.get("closed")),
        multiple_choice=None,
    )


def _reactions(value: JsonValue) -> Iterator[Reaction]:
    for reaction in objects(value):
        number = count(reaction.get("count"))
        if number is not None:
            yield Reaction(_emoji(reaction), number)


def _emoji(reaction: JsonObject) -> str:
    if reaction.get("type") == "paid":
        return "paid"
    return emoji(reaction.get("emoji"))


def _buttons(value: JsonValue) -> Iterator[str]:
    for row in value if isinstance(value, list) else ():
        for button in objects(row):
            yield string(button.get("text"))
