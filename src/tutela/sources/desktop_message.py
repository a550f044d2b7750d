"""What is taken in of one message of a Telegram Desktop export: all else is passed over before it is built."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from tutela.sources.events import Events, JsonObject, build, fields, skip
from tutela.sources.salvage import salvage
from tutela.sources.side import Count, Number

Peer = str | Number | None


class Part(msgspec.Struct, gc=False):
    """A stretch of text with a meaning of its own."""

    type: str = ""
    text: str = ""
    href: str = ""


Text = str | list[str | Part] | Part


class Person(msgspec.Struct, gc=False):
    """Somebody who reacted."""

    name: str | None = msgspec.field(name="from", default=None)
    id: Peer = msgspec.field(name="from_id", default=None)


class Given(msgspec.Struct, gc=False):
    """A reaction."""

    type: str = ""
    count: Count | None = None
    emoji: str = ""
    recent: list[Person] = []


class Answer(msgspec.Struct, gc=False):
    """One option of a poll."""

    text: Text = ""
    voters: Count | None = None


class Asked(msgspec.Struct, gc=False):
    """A poll."""

    question: Text = ""
    answers: list[Answer] = []
    total_voters: Count | None = None
    closed: bool | None = None


class Button(msgspec.Struct, gc=False):
    """A button under a message."""

    type: str = ""
    text: str = ""
    data: str = ""


class Invoice(msgspec.Struct, gc=False):
    """The price of something, in the currency's smallest unit."""

    amount: Count | None = None
    currency: str = ""


class Message(msgspec.Struct, gc=False):
    """One message, under the names that an export gives its fields. Nothing must be there."""

    id: Number | None = None
    type: str = ""
    date: datetime | None = None
    date_unixtime: str | Number = ""
    edited: str = ""
    from_: str | UnsetType | None = msgspec.field(name="from", default=UNSET)
    from_id: Peer | UnsetType = UNSET
    actor: str | None = None
    actor_id: Peer = None
    action: str = ""
    members: list[str | None] = []
    forwarded_from: str | UnsetType | None = UNSET
    forwarded_from_id: Peer | UnsetType = UNSET
    reply_to_message_id: Number | None = None
    text: Text = ""
    photo: str | None = None
    photo_file_size: Count | None = None
    file: str | None = None
    file_name: str = ""
    file_size: Count | None = None
    media_type: str = ""
    mime_type: str = ""
    poll: Asked | None = None
    reactions: list[Given] = []
    inline_bot_buttons: list[list[Button]] = []
    amount: Count | None = None
    currency: str = ""
    stars: Count | None = None
    invoice_information: str | Invoice | None = None
    paid_stars_amount: Count | None = None


messages = msgspec.json.Decoder(list[Message]).decode
"""The messages of a JSON array; msgspec.MsgspecError or ValueError where one of them is not as expected."""


def attached(message: Message) -> list[str]:
    """What a message calls the files that are attached to it."""
    return [name for name in (message.photo, message.file) if name is not None]


def salvaged_message(text: bytes) -> Message | None:
    """The message that is a JSON value, a field of a wrong type left out; None for what is no object."""
    return salvage(_value(text), Message)


_value = msgspec.json.Decoder().decode
_WANTED = frozenset(Message.__struct_encode_fields__)
_UNWANTED = frozenset({"thumbnail"})


def wanted_message(events: Events, event: str, value: Any) -> Message | None:
    """The message that events tell of, a field of a wrong type left out; None where they tell of no object."""
    if event != "start_map":
        skip(events, event)
        return None
    found: JsonObject = {}
    for key, first, content in fields(events):
        if key in _WANTED:
            found[key] = build(events, first, content, _UNWANTED)
        else:
            skip(events, first)
    return salvage(found, Message)


_invoice = msgspec.json.Decoder(Invoice).decode


def invoice(value: str | Invoice | None) -> Invoice | None:
    """The price that a message states; exporters write it as JSON in a string."""
    if not isinstance(value, str):
        return value
    try:
        return _invoice(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
