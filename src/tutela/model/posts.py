"""What a source yields: channels and posts, with every person already a keyed pseudonym.

What comes by the million is a `msgspec.Struct`, which is made in a seventh of the time that a frozen dataclass takes,
and which the garbage collector need not visit: none can refer to itself.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from tutela.model.commerce import Money
from tutela.model.identifiers import Pseudonym
from tutela.model.skips import Skipped


class ChannelKind(StrEnum):
    """What sort of chat a channel is."""

    PUBLIC_CHANNEL = "public_channel"
    PRIVATE_CHANNEL = "private_channel"
    PUBLIC_GROUP = "public_group"
    PRIVATE_GROUP = "private_group"
    FOLDER = "folder"
    UNKNOWN = "unknown"


class ChannelState(StrEnum):
    """Whether a channel could be reached. *Restricted* (on one platform or in one country) is not *removed*."""

    ACCESSIBLE = "accessible"
    RESTRICTED = "restricted"
    PRIVATE = "private"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Channel:
    """One observed chat. Its name and its number never get this far.

    `aliases` are the pseudonyms of its public handles, so that a mention of a handle leads to the channel.
    """

    ref: Pseudonym
    kind: ChannelKind
    aliases: tuple[Pseudonym, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelReading:
    """What one reading of a channel's front page said. `members` is None where unknown, which is never 0."""

    channel: Pseudonym
    at: datetime | None
    members: int | None
    state: ChannelState


@dataclass(frozen=True, slots=True)
class Report:
    """A channel was reported to a platform, a hotline or the police at that time."""

    channel: Pseudonym
    at: datetime


class When(Struct, frozen=True, gc=False):
    """An instant as the source gives it.

    `utc` is aware, and None where the source's time zone cannot be known; `local` is what was written, naive.
    """

    utc: datetime | None
    local: datetime | None


class PostKind(StrEnum):
    """A message, a service line (someone joined, a title changed), or what the exporter could not express."""

    MESSAGE = "message"
    SERVICE = "service"
    UNSUPPORTED = "unsupported"

    __hash__ = str.__hash__  # that of an Enum is written in Python, and these are looked up by the million


class AttachmentKind(StrEnum):
    """What is attached. *Image document* is a picture sent as a file."""

    PHOTO = "photo"
    IMAGE_DOCUMENT = "image_document"
    VIDEO = "video"
    ANIMATION = "animation"
    STICKER = "sticker"
    VIDEO_MESSAGE = "video_message"
    VOICE_MESSAGE = "voice_message"
    AUDIO = "audio"
    DOCUMENT = "document"

    __hash__ = str.__hash__


IMAGE_KINDS = frozenset({AttachmentKind.PHOTO, AttachmentKind.IMAGE_DOCUMENT})
"""The attachments that count as an image shared (`docs/measures.md`)."""


class Attachment(Struct, frozen=True, gc=False):
    """One attached file: either `path`, where its bytes can be read, or `absent`, why they cannot."""

    kind: AttachmentKind
    path: Path | None = None
    absent: Skipped | None = None
    size: int | None = None


class Forward(Struct, frozen=True, gc=False):
    """A post that was carried over from elsewhere; `origin` is None where the source hides it."""

    origin: Pseudonym | None


class LinkKind(StrEnum):
    """How a post points to another channel: by its handle in the text, or by a link (in text or on a button)."""

    MENTION = "mention"
    LINK = "link"


class Link(Struct, frozen=True, gc=False):
    """A channel that a post points to. A handle in a text may be a person's: it counts as what it looks like."""

    kind: LinkKind
    channel: Pseudonym


class Reaction(Struct, frozen=True, gc=False):
    """How often one reaction was given. `emoji` is the sign, or `custom` or `paid` (one Star each)."""

    emoji: str
    count: int


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """One option of a poll with its voters (None where results are hidden)."""

    text: str
    voters: int | None


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll as it stood when it was read."""

    question: str
    answers: tuple[PollAnswer, ...]
    total_voters: int | None
    closed: bool | None
    multiple_choice: bool | None


class Post(Struct, frozen=True, gc=False):
    """One post. `id` is the source's own number (negative before a supergroup's migration).

    `ref` is the keyed pseudonym of channel and number: the form in which a post may appear in an output.
    `text` is kept for measures over language and commerce and is never written to an output.

    `links` are the other channels that text and buttons point to. `reactors` are the people named beside reactions,
    `joined` those that a service line says came in. `paid` is a payment that a service line reports, `asked` the price
    of an invoice or of paid media.
    """

    channel: Pseudonym
    id: int
    ref: Pseudonym
    kind: PostKind
    when: When
    author: Pseudonym | None = None
    forwarded: Forward | None = None
    reply_to: int | None = None
    edited: bool = False
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    album: Pseudonym | None = None
    poll: Poll | None = None
    reactions: tuple[Reaction, ...] = ()
    buttons: tuple[str, ...] = ()
    views: int | None = None
    forwards: int | None = None
    action: str | None = None
    links: tuple[Link, ...] = ()
    reactors: tuple[Pseudonym, ...] = ()
    joined: tuple[Pseudonym, ...] = ()
    paid: Money | None = None
    asked: Money | None = None
