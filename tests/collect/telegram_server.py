"""Telegram as far as collecting asks of it: four requests, answered with Telethon's own objects and all they hold."""

import random
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import telethon  # noqa: F401 - puts its own classes of messages in place of the generated ones
from telethon import errors
from telethon.tl import functions, types

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PIXELS = random.Random(7).randbytes(60)
SECRET_NUMBER = 7_345_678_901_234_567_890
"""Every access hash."""
SECRET_WORDS = [
    "Amalia",
    "Testperson",
    "+4915555501234",
    "amalia_private",
    "Signed Name",
    "Hidden Forwarder",
    "Chat Title",
]


VOTES = types.KeyboardInlineButton("👍 41", types.InlineButtonTypeCallback(PIXELS))


def shapes_of_pixels() -> Iterator[bytes]:
    """The thumbnail's bytes in every form in which a dump could hold them."""
    yield PIXELS[10:50]
    for shift in range(3):
        yield b64encode(PIXELS[9 + shift : 48 + shift])
    yield PIXELS[10:50].hex().encode()
    yield PIXELS[10:50].hex().upper().encode()
    yield str(list(PIXELS[10:50]))[1:-1].encode()
    yield str(list(PIXELS[10:50]))[1:-1].replace(" ", "").encode()


def photo() -> types.Photo:
    sizes = [
        types.PhotoStrippedSize("i", PIXELS),
        types.PhotoCachedSize("s", 90, 90, PIXELS),
        types.PhotoPathSize("j", PIXELS),
        types.PhotoSize("m", 320, 240, 12345),
        types.PhotoSizeProgressive("y", 1280, 960, [1000, 99_000]),
    ]
    return types.Photo(11, SECRET_NUMBER, PIXELS, START, sizes, 2)


def document(name: str, mime: str) -> types.Document:
    attributes = [
        types.DocumentAttributeFilename(name),
        types.DocumentAttributeAudio(3, title="Testperson", performer="Amalia", waveform=PIXELS),
    ]
    thumbs = [types.PhotoStrippedSize("i", PIXELS), types.PhotoCachedSize("m", 90, 90, PIXELS)]
    return types.Document(12, SECRET_NUMBER, PIXELS, START, mime, 2048, 2, attributes, thumbs)


def poll() -> types.MessageMediaPoll:
    text = types.TextWithEntities
    answers = [types.PollAnswer(text("yes", []), b"0"), types.PollAnswer(text("no", []), b"1")]
    results = types.PollResults(
        results=[types.PollAnswerVoters(b"0", voters=7, recent_voters=[types.PeerUser(5)])],
        total_voters=9,
        recent_voters=[types.PeerUser(5)],
    )
    return types.MessageMediaPoll(types.Poll(3, text("which?", []), answers, hash=0), results)


def medium(number: int) -> Any:
    """A different kind of media for each number."""
    paid = types.MessageExtendedMediaPreview(w=3, h=4, thumb=types.PhotoStrippedSize("i", PIXELS))
    return (
        None,
        types.MessageMediaPhoto(photo=photo(), video=document("a.mp4", "video/mp4")),
        types.MessageMediaDocument(
            document=document("Amalia Testperson.jpg", "application/octet-stream"),
            alt_documents=[document("b.mp4", "video/mp4")],
            video_cover=photo(),
        ),
        poll(),
        types.MessageMediaContact("+4915555501234", "Amalia", "Testperson", "vcard of Amalia", 5),
        types.MessageMediaWebPage(
            types.WebPage(1, "https://x.example", "x.example", 0, title="Testperson", photo=photo())
        ),
        types.MessageMediaPaidMedia(50, [paid]),
        types.MessageMediaInvoice("Testperson", "Amalia", "EUR", 900, "Amalia", photo=None),
    )[number % 8]


@dataclass
class Chat:
    """A channel on the server."""

    number: int
    handle: str
    group: bool = False
    members: int = 0
    messages: dict[int, Any] = field(default_factory=dict)
    reasons: list[types.RestrictionReason] = field(default_factory=list)
    failure: Exception | None = None
    forbidden: bool = False

    def post(self, number: int, text: str = "", **fields: Any) -> None:
        peer = types.PeerChannel(self.number)
        self.messages[number] = types.Message(
            id=number,
            peer_id=peer,
            from_id=types.PeerUser(1000 + number % 5) if self.group else None,
            date=START + timedelta(minutes=number),
            message=text or f"message {number}",
            media=fields.pop("media", medium(number)),
            views=number,
            post_author="Signed Name",
            fwd_from=types.MessageFwdHeader(
                START, from_name="Hidden Forwarder", post_author="Signed Name", saved_from_name="Amalia"
            ),
            reactions=types.MessageReactions(
                [types.ReactionCount(types.ReactionEmoji("👍"), 3)],
                recent_reactions=[types.MessagePeerReaction(types.PeerUser(77), START, types.ReactionEmoji("👍"))],
            ),
            reply_markup=types.ReplyInlineMarkup(
                [
                    types.KeyboardInlineButtonRow(
                        [types.KeyboardInlineButton("👍 41", types.InlineButtonTypeCallback(PIXELS))]
                    )
                ]
            ),
            **fields,
        )

    def join(self, number: int, user: int) -> None:
        peer, action = types.PeerChannel(self.number), types.MessageActionChatAddUser([user])
        date = START + timedelta(minutes=number)
        self.messages[number] = types.MessageService(number, peer, date, action=action, from_id=types.PeerUser(user))

    def retitle(self, number: int) -> None:
        peer, action = types.PeerChannel(self.number), types.MessageActionChatEditTitle("Chat Title of Amalia")
        self.messages[number] = types.MessageService(number, peer, START + timedelta(minutes=number), action=action)

    def object(self) -> Any:
        if self.forbidden:
            return types.ChannelForbidden(self.number, SECRET_NUMBER, "Chat Title")
        return types.Channel(
            self.number,
            "Chat Title",
            types.ChatPhoto(5, 2, stripped_thumb=PIXELS),
            START,
            broadcast=not self.group,
            megagroup=self.group,
            access_hash=SECRET_NUMBER,
            username=self.handle,
            usernames=[types.Username(self.handle, active=True)],
            restriction_reason=self.reasons or None,
            restricted=bool(self.reasons),
            participants_count=1,
        )


def person(number: int = 5, *, bot: bool = False) -> types.User:
    return types.User(
        number,
        bot=bot,
        access_hash=SECRET_NUMBER,
        first_name="Amalia",
        last_name="Testperson",
        username="amalia_private",
        phone="+4915555501234",
        photo=types.UserProfilePhoto(1, 2, stripped_thumb=PIXELS),
    )


class Server:
    """Stands where a `telethon.TelegramClient` does. `faults` are taken one a request: an error to raise, or None."""

    def __init__(self, *chats: Chat) -> None:
        self.chats = {chat.handle: chat for chat in chats}
        self.people = {"amalia_private": person(), "some_bot": person(6, bot=True)}
        self.faults: list[BaseException | None] = []
        self.requests: list[Any] = []
        self.connected = True
        self.at_once = 0

    def is_connected(self) -> bool:
        return self.connected

    async def connect(self) -> None:
        self.connected = True

    async def __call__(self, request: Any) -> Any:
        assert self.connected
        self.requests.append(request)
        if self.faults and (fault := self.faults.pop(0)) is not None:
            self.connected = not isinstance(fault, ConnectionError)
            raise fault
        match request:
            case functions.contacts.ResolveUsernameRequest():
                return self._resolve(request)
            case functions.channels.GetFullChannelRequest():
                return self._full(self._chat(request.channel.channel_id, request))
            case functions.channels.GetMessagesRequest():
                chat = self._chat(request.channel.channel_id, request)
                asked = [each.id for each in request.id]
                assert 0 < len(asked) <= 100
                return self._messages(chat, [chat.messages.get(n, types.MessageEmpty(n, peer_id=None)) for n in asked])
            case functions.messages.GetHistoryRequest():
                return self._history(request)
        raise AssertionError(f"{type(request).__name__} is never asked")

    def _chat(self, number: int, request: Any) -> Chat:
        (chat,) = [chat for chat in self.chats.values() if chat.number == number]
        if chat.failure is not None:
            raise chat.failure
        return chat

    def _resolve(self, request: Any) -> Any:
        if found := self.people.get(request.username):
            return types.contacts.ResolvedPeer(types.PeerUser(found.id), [], [found])
        if request.username not in self.chats:
            raise errors.UsernameNotOccupiedError(request)
        chat = self.chats[request.username]
        return types.contacts.ResolvedPeer(types.PeerChannel(chat.number), [chat.object()], [person()])

    def _full(self, chat: Chat) -> Any:
        settings = types.PeerNotifySettings()
        full = types.ChannelFull(
            chat.number, "about Amalia", 0, 0, 0, photo(), settings, [], 1, participants_count=chat.members
        )
        return types.messages.ChatFull(full, [chat.object()], [person()])

    def _history(self, request: Any) -> Any:
        """As https://core.telegram.org/api/offsets has it: the list runs from the newest to the oldest message."""
        chat = self._chat(request.peer.channel_id, request)
        numbers = sorted(chat.messages, reverse=True)
        first = sum(number >= request.offset_id for number in numbers) if request.offset_id else 0
        start = first + request.add_offset
        chosen = numbers[max(start, 0) : max(start + request.limit, 0)]
        return self._messages(chat, [chat.messages[number] for number in chosen])

    def _messages(self, chat: Chat, messages: list[Any]) -> Any:
        return types.messages.ChannelMessages(1, len(chat.messages), messages, [], [chat.object()], [person()])
