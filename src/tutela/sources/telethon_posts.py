"""One message of a Telethon dump as a post."""

import re
from collections.abc import Iterable, Iterator

from tutela.model import (
    Attachment,
    AttachmentKind,
    Forward,
    Money,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Pseudonym,
    Reaction,
    When,
)
from tutela.sources.events import JsonObject, JsonValue
from tutela.sources.files import Files, kind_by_type
from tutela.sources.money import minor, stars
from tutela.sources.people import linked, named, once, telethon_peer
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.values import count, currency, emoji, flag, flat, integer, iso, obj, objects, string, unix, when

_ACTIONS = {
    "ChannelCreate": "create_channel",
    "ChannelMigrateFrom": "migrate_from_group",
    "ChatAddUser": "invite_members",
    "ChatCreate": "create_group",
    "ChatDeletePhoto": "delete_group_photo",
    "ChatDeleteUser": "remove_members",
    "ChatEditPhoto": "edit_group_photo",
    "ChatEditTitle": "edit_group_title",
    "ChatJoinedByLink": "join_group_by_link",
    "ChatJoinedByRequest": "join_group_by_request",
    "ChatMigrateTo": "migrate_to_supergroup",
    "PaymentRefunded": "refunded_payment",
    "PaymentSent": "send_payment",
    "PaymentSentMe": "send_payment",
    "StarGift": "send_stars_gift",
}
"""Telethon's actions under the names that Telegram Desktop gives them; others are put the same way (`pin_message`)."""

_GIFTS = frozenset({"GiftCode", "GiftPremium", "GiftStars", "GiftTon"})
_JOINED = frozenset({"ChatJoinedByLink", "ChatJoinedByRequest"})
_ACTION = re.compile(r"MessageAction([A-Z][A-Za-z]{0,63})")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


class TelethonPosts:
    """Makes posts from messages."""

    def __init__(self, pseudonyms: Pseudonymiser, files: Files) -> None:
        self._pseudonyms = pseudonyms
        self._files = files

    def post(self, channel: Pseudonym, message: JsonObject) -> Post | None:
        """None for a message without a number."""
        number = integer(message.get("id"))
        if number is None:
            return None
        service = string(message.get("_")).endswith("Service")
        text, media = string(message.get("message")), obj(message.get("media"))
        action, given = obj(message.get("action")), obj(message.get("reactions"))
        buttons = list(_buttons(markup)) if (markup := obj(message.get("reply_markup"))) else []
        addresses = _urls([*objects(message.get("entities")), *buttons])
        return Post(  # by position, which costs a fifth of what it costs by name: the order is that of `Post`
            channel,
            number,
            self._pseudonyms.post(channel, number),
            PostKind.SERVICE if service else PostKind.MESSAGE,
            _when(message.get("date")),
            telethon_peer(self._pseudonyms, message.get("from_id")),
            self._forwarded(message.get("fwd_from")),
            _reply(message),
            _edited(message.get("edit_date")) and message.get("edit_hide") is not True,
            text,
            tuple(self._attachments(message)) if media else (),
            self._album(channel, message.get("grouped_id")),
            _poll(media) if media else None,
            tuple(_reactions(given)) if given else (),
            tuple(string(button.get("text")) for button in buttons),
            count(message.get("views")),
            count(message.get("forwards")),
            _action(action) if action else None,
            linked(self._pseudonyms, text, addresses),
            self._people(each.get("peer_id") for each in objects(given.get("recent_reactions"))) if given else (),
            self._joined(action, message.get("from_id")) if action else (),
            _payment(action) if action else None,
            _asked(media) if media else None,
        )

    def _people(self, peers: Iterable[JsonValue]) -> tuple[Pseudonym, ...]:
        return once(telethon_peer(self._pseudonyms, peer) for peer in peers)

    def _joined(self, action: JsonObject, actor: JsonValue) -> tuple[Pseudonym, ...]:
        name, users = string(action.get("_")).removeprefix("MessageAction"), action.get("users")
        if name in _JOINED:
            return self._people([actor])
        return self._people(users) if name == "ChatAddUser" and isinstance(users, list) else ()

    def _forwarded(self, value: JsonValue) -> Forward | None:
        if not isinstance(value, dict):
            return None
        old_channel = integer(value.get("channel_id"))
        if old_channel is not None:
            return Forward(self._pseudonyms.channel(str(old_channel)))
        peer = telethon_peer(self._pseudonyms, value.get("from_id"))
        return Forward(peer or named(self._pseudonyms, value.get("from_name")))

    def _album(self, channel: Pseudonym, group: JsonValue) -> Pseudonym | None:
        return self._pseudonyms.album(channel, group) if isinstance(group, int | str) and group else None

    def _attachments(self, message: JsonObject) -> Iterator[Attachment]:
        # The bytes are never in a dump; a collector may have put the file's name beside the message.
        name = string(message.get("path")) or string(message.get("file"))
        for kind, size in _media(obj(message.get("media"))):
            yield self._files.attachment(kind, name, size)
            name = ""


def _media(media: JsonObject) -> Iterator[tuple[AttachmentKind, int | None]]:
    match media.get("_"):
        case "MessageMediaPhoto":
            yield AttachmentKind.PHOTO, _photo_size(obj(media.get("photo")))
        case "MessageMediaDocument":
            document = obj(media.get("document"))
            yield _document_kind(document), count(document.get("size"))
        case "MessageMediaPaidMedia":
            for paid in objects(media.get("extended_media")):
                yield from _paid(paid)


def _paid(paid: JsonObject) -> Iterator[tuple[AttachmentKind, int | None]]:
    """What was paid for, or its preview, of which a dump does not even say what it is: taken for a photo."""
    inner = obj(paid.get("media"))
    if inner.get("_") == "MessageMediaPaidMedia":
        return
    if inner:
        yield from _media(inner)
    else:
        yield AttachmentKind.VIDEO if paid.get("video_duration") else AttachmentKind.PHOTO, None


def _photo_size(photo: JsonObject) -> int | None:
    sizes = [count(size.get("size")) for size in objects(photo.get("sizes"))]
    steps = [size.get("sizes") for size in objects(photo.get("sizes"))]
    sizes += [count(step) for of_one in steps if isinstance(of_one, list) for step in of_one]
    return max((size for size in sizes if size is not None), default=None)


def _document_kind(document: JsonObject) -> AttachmentKind:
    listed = objects(document.get("attributes"))
    attributes = {string(entry.get("_")).removeprefix("DocumentAttribute"): entry for entry in listed}
    if "Sticker" in attributes or "CustomEmoji" in attributes:
        return AttachmentKind.STICKER
    if "Animated" in attributes:
        return AttachmentKind.ANIMATION
    if video := attributes.get("Video"):
        return AttachmentKind.VIDEO_MESSAGE if video.get("round_message") is True else AttachmentKind.VIDEO
    if audio := attributes.get("Audio"):
        return AttachmentKind.VOICE_MESSAGE if audio.get("voice") is True else AttachmentKind.AUDIO
    name = string(attributes.get("Filename", {}).get("file_name"))
    return kind_by_type(string(document.get("mime_type")), name)


def _when(value: JsonValue) -> When:
    seconds = unix(value)
    return when(None if seconds else iso(value), seconds)


def _edited(value: JsonValue) -> bool:
    return isinstance(value, int | str) and bool(value)


def _reply(message: JsonObject) -> int | None:
    number = integer(obj(message.get("reply_to")).get("reply_to_msg_id"))
    return integer(message.get("reply_to_msg_id")) if number is None else number


def _action(action: JsonObject) -> str | None:
    found = _ACTION.fullmatch(string(action.get("_")))
    return (_ACTIONS.get(found[1]) or _HUMP.sub("_", found[1]).lower()) if found else None


def _poll(media: JsonObject) -> Poll | None:
    poll, results = media.get("poll"), obj(media.get("results"))
    if not isinstance(poll, dict):
        return None
    # An option is bytes, which dumps write as base64, as hexadecimal or as a list of numbers: only sameness matters.
    voters = {repr(entry.get("option")): count(entry.get("voters")) for entry in objects(results.get("results"))}
    answers = (PollAnswer(flat(a.get("text")), voters.get(repr(a.get("option")))) for a in objects(poll.get("answers")))
    return Poll(
        question=flat(poll.get("question")),
        answers=tuple(answers),
        total_voters=count(results.get("total_voters")),
        closed=flag(poll.get("closed")),
        multiple_choice=flag(poll.get("multiple_choice")),
    )


def _reactions(value: JsonObject) -> Iterator[Reaction]:
    for entry in objects(value.get("results")):
        number = count(entry.get("count"))
        if number is not None:
            yield Reaction(_emoji(entry.get("reaction")), number)


def _emoji(reaction: JsonValue) -> str:
    if obj(reaction).get("_") == "ReactionPaid":
        return "paid"
    return emoji(obj(reaction).get("emoticon") or reaction)


def _buttons(markup: JsonObject) -> Iterator[JsonObject]:
    for row in objects(markup.get("rows")):
        yield from objects(row.get("buttons"))


def _urls(values: Iterable[JsonObject]) -> list[str]:
    """Of entities and of buttons, which in newer dumps have their address inside their type."""
    return [url for value in values if (url := string(value.get("url")) or string(obj(value.get("type")).get("url")))]


def _payment(action: JsonObject) -> Money | None:
    code, total = currency(action.get("currency")), count(action.get("total_amount"))
    match string(action.get("_")).removeprefix("MessageAction"):
        case "PaymentSent" | "PaymentSentMe":
            return minor(total, code)
        case "PaymentRefunded":
            return minor(total, code, back=True)
        case gift if gift in _GIFTS:
            return minor(count(action.get("amount")), code) or stars(count(action.get("stars")))
        case "StarGift":
            return stars(count(obj(action.get("gift")).get("stars")))
    return None


def _asked(media: JsonObject) -> Money | None:
    match media.get("_"):
        case "MessageMediaInvoice":
            return minor(count(media.get("total_amount")), currency(media.get("currency")))
        case "MessageMediaPaidMedia":
            return stars(count(media.get("stars_amount")))
    return None
