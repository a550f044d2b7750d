"""One message of a Telegram Desktop export as a post."""

import re
from functools import lru_cache
from typing import TypeGuard

from msgspec import UNSET

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
from tutela.sources.desktop_message import Asked, Button, Given, Message, Part, Person, Text, invoice
from tutela.sources.files import Files, kind_by_type
from tutela.sources.money import minor, stars
from tutela.sources.people import desktop_peer, linked, named, once
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.values import currency, emoji, unix, when

_KINDS = {kind.value: kind for kind in PostKind}
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
_OPENING_BUTTONS = frozenset({"auth", "simple_web_view", "url", "web_view"})
_JOINED = frozenset({"join_group_by_link", "join_group_by_request"})
_GIFTS = frozenset({"send_star_gift", "send_stars_gift"})
_REMEMBERED = 8192

_post = Post  # a msgspec.Struct: made fast as it is
_when = When


def is_post(message: Message | None) -> TypeGuard[Message]:
    """False for what has no number or is of no known type."""
    return message is not None and message.id is not None and message.type in _KINDS


class DesktopPosts:
    """Makes the posts of one channel."""

    def __init__(self, channel: Pseudonym, pseudonyms: Pseudonymiser, files: Files) -> None:
        self._channel = channel
        self._pseudonyms = pseudonyms
        self._files = files
        self._numbered = pseudonyms.posts(channel)
        self._peer = lru_cache(_REMEMBERED)(lambda peer: desktop_peer(pseudonyms, peer))

    def post(self, message: Message) -> Post:
        """The post that a message is; `is_post` says whether it is one."""
        number, kind = message.id, _KINDS[message.type]
        if number is None:
            raise ValueError("no number")
        written, seconds = message.date, unix(message.date_unixtime)
        given, action, buttons = message.reactions, message.action, message.inline_bot_buttons
        text, urls = (message.text, []) if isinstance(message.text, str) else _spelt(message.text)
        if buttons:
            urls += _addresses(buttons)
        recent = [person for each in given if each.recent for person in each.recent] if given else []
        author = self._author(message)
        origin = message.forwarded_from is not UNSET or message.forwarded_from_id is not UNSET
        media = message.photo is not None or message.file is not None
        asked = message.paid_stars_amount is not None or message.invoice_information is not None
        return Post(  # by position, which costs a fifth of what it costs by name: the order is that of `Post`
            self._channel,
            number,
            self._numbered(number),
            kind,
            When(seconds, written) if written is None or written.tzinfo is None else when(written, seconds),
            author,
            self._forwarded(message) if origin else None,
            message.reply_to_message_id,
            bool(message.edited) and not message.edited.startswith(_NEVER),
            text,
            self._attachments(message) if media else (),
            None,
            None if message.poll is None else _poll(message.poll),
            _reactions(given) if given else (),
            _labels(buttons) if buttons else (),
            None,
            None,
            action if action and _ACTION.fullmatch(action) else None,
            linked(self._pseudonyms, text, urls),
            self._reactors(recent) if recent else (),
            self._joined(message, author) if action else (),
            _paid(message) if action else None,
            _asked(message) if asked else None,
        )

    def _author(self, message: Message) -> Pseudonym | None:
        name, peer = message.from_, message.from_id
        if name is UNSET and peer is UNSET:
            name, peer = message.actor, message.actor_id
        return self._peer(peer) or self._named(name)

    def _named(self, name: object) -> Pseudonym | None:
        return named(self._pseudonyms, name) if isinstance(name, str) else None

    def _forwarded(self, message: Message) -> Forward:
        return Forward(self._peer(message.forwarded_from_id) or self._named(message.forwarded_from))

    def _attachments(self, message: Message) -> tuple[Attachment, ...]:
        found = []
        if message.photo is not None:
            found.append(self._files.attachment(AttachmentKind.PHOTO, message.photo, message.photo_file_size))
        if message.file is not None:
            kind = _MEDIA.get(message.media_type) or kind_by_type(message.mime_type, message.file_name or message.file)
            found.append(self._files.attachment(kind, message.file, message.file_size))
        return tuple(found)

    def _reactors(self, recent: list[Person]) -> tuple[Pseudonym, ...]:
        return once(self._peer(person.id) or self._named(person.name) for person in recent)

    def _joined(self, message: Message, actor: Pseudonym | None) -> tuple[Pseudonym, ...]:
        if message.action in _JOINED:
            return once([actor])
        if message.action != "invite_members":
            return ()
        # Who came in by himself is named as the one whom he invited.
        return once(actor if name == message.actor else self._named(name) for name in message.members)


def _spelt(text: list[str | Part] | Part) -> tuple[str, list[str]]:
    """What is to be read in parts of a text, and the URLs that lie behind its words."""
    words, urls = [], []
    for part in (text,) if isinstance(text, Part) else text:
        if isinstance(part, str):
            words.append(part)
        else:
            words.append(part.text)
            if part.href:
                urls.append(part.href)
    return "".join(words), urls


def _flat(text: Text) -> str:
    return text if isinstance(text, str) else _spelt(text)[0]


def _addresses(buttons: list[list[Button]]) -> list[str]:
    return [button.data for row in buttons for button in row if button.type in _OPENING_BUTTONS]


def _labels(buttons: list[list[Button]]) -> tuple[str, ...]:
    return tuple(button.text for row in buttons for button in row)


def _poll(poll: Asked) -> Poll:
    answers = tuple(PollAnswer(_flat(answer.text), answer.voters) for answer in poll.answers)
    return Poll(_flat(poll.question), answers, poll.total_voters, poll.closed, None)


def _reactions(given: list[Given]) -> tuple[Reaction, ...]:
    return tuple([_reaction(each.type, each.emoji, each.count) for each in given if each.count is not None])


@lru_cache(_REMEMBERED)
def _reaction(kind: str, sign: str, count: int) -> Reaction:
    return Reaction("paid" if kind == "paid" else emoji(sign), count)


def _paid(message: Message) -> Money | None:
    match message.action:
        case "send_payment":
            return minor(message.amount, currency(message.currency))
        case "refunded_payment":
            return minor(message.amount, currency(message.currency), back=True)
        case gift if gift in _GIFTS:
            return stars(message.stars)
    return None


def _asked(message: Message) -> Money | None:
    if message.paid_stars_amount is not None:
        return stars(message.paid_stars_amount)
    stated = None if message.invoice_information is None else invoice(message.invoice_information)
    return None if stated is None else minor(stated.amount, currency(stated.currency))
