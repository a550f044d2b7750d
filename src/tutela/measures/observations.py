"""Gathers observations while posts stream by: a few bytes a post, whatever the post holds."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from math import floor

import numpy as np

from tutela.measures.columns import (
    EDGE_KINDS,
    POST_KINDS,
    ROLES,
    SKIP_CODES,
    STATES,
    UNDATED,
    UNKNOWN,
    Acts,
    EdgeKind,
    Edges,
    Images,
    ImageSeen,
    Observations,
    PollSeen,
    Posts,
    Readings,
    Role,
)
from tutela.measures.errors import ObservationError
from tutela.measures.gathering import Digests, Interned, Numbers, Rows, frozen
from tutela.measures.speech import Message, SaidRows, Speech
from tutela.model import (
    CODE_BYTES,
    IMAGE_KINDS,
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    LinkKind,
    MinorSignal,
    Money,
    Offer,
    Poll,
    Post,
    PostKind,
    Pseudonym,
    Report,
    RewardRule,
    When,
)

_BATCH = 1024  # posts that are made columns of at a time
_DIGEST, _SHA256 = 10, 32  # bytes in a pseudonym and in a digest
_LARGEST = 2**63 - 1
_KINDS = {kind: position for position, kind in enumerate(POST_KINDS)}
_STATES = {state: position for position, state in enumerate(STATES)}
_SKIPS = {code: position for position, code in enumerate(SKIP_CODES)}
_REACTOR, _JOINER = ROLES.index(Role.REACTOR), ROLES.index(Role.JOINER)
_FORWARD = EDGE_KINDS.index(EdgeKind.FORWARD)
_EDGES = {kind: EDGE_KINDS.index(EdgeKind(kind.value)) for kind in LinkKind}
_CHANNEL = "ch-"  # how the pseudonym of a channel begins
_STARS, _PAID = "XTR", "paid"
_ZONED, _FORWARDED = 4, 8  # beside the kind, in one byte
_DOCUMENT, _HASHED, _HAS_BYTES = 1, 2, 4


class Observer:
    """Accumulates observations: 35 bytes a post and 7 an image in columns, 64 more for an image that could be read, and
    under a byte for each post's number where numbers lie close together, as a channel's do.

    Of a post it keeps the pseudonyms of post and author, channel, number, kind, date and whether it was forwarded, and
    what its text says as values: no text. Pictures, offers and links count in messages only; those of a service line
    (a changed chat photo) were not shared.
    """

    def __init__(self) -> None:
        self._kinds: dict[Pseudonym, ChannelKind] = {}
        self._aliases: dict[Pseudonym, int] = {}
        self._positions: dict[Pseudonym, int] = {}
        self._numbers: list[Numbers] = []
        self._people: Interned[Pseudonym] = Interned()
        self._places: Interned[Pseudonym] = Interned()
        self._readings = Rows("i4", "i8", "i8", "u1")
        self._reported: list[tuple[int, int]] = []
        self._posts = Rows("i4", "i8", "i8", "u1", "i4")
        self._refs = Digests(_DIGEST)
        self._images = Rows("i4", "u1", "i1", "i1")
        self._codes = Digests(CODE_BYTES)
        self._digests = Digests(_SHA256)
        self._acts = Rows("i4", "i4", "u1")
        self._edges = Rows("i4", "u1", "i4")
        self._polls: list[PollSeen] = []
        self._payments = SaidRows()
        self._speech = Speech()
        self._recent: list[Message] = []
        self._recent_images: list[tuple[int, Sequence[ImageSeen]]] = []
        self._settled = 0

    def channel(self, channel: Channel) -> None:
        """Note a channel; again is harmless. The first kind other than unknown stays."""
        position = self._position(channel.ref)
        if self._kinds[channel.ref] is ChannelKind.UNKNOWN:
            self._kinds[channel.ref] = channel.kind
        for alias in channel.aliases:
            self._aliases[alias] = position

    def reading(self, reading: ChannelReading) -> None:
        """Note what a channel's front page said; a channel not seen so far is noted with it.

        Raises `ObservationError` where the number of members is not one.
        """
        members = UNKNOWN if reading.members is None else reading.members
        if not (reading.members is None or 0 <= reading.members <= _LARGEST):
            raise ObservationError(
                f"{reading.members} is no number of members", where=reading.channel, remedy="Leave it out"
            )
        at = UNDATED if reading.at is None else _seconds(reading.at)
        self._readings.add((self._position(reading.channel), at, members, _STATES[reading.state]))

    def report(self, report: Report) -> None:
        """Note that a channel was reported; one not seen so far is noted with it."""
        self._reported.append((self._position(report.channel), _seconds(report.at)))

    def post(self, post: Post, images: Sequence[ImageSeen] = ()) -> bool:
        """Note a post with its images; False, and nothing counted, where its channel and number came before.

        `images` holds one entry for each attachment of a kind in `IMAGE_KINDS`, in order. Raises `ObservationError`
        where it does not, or where a number, a code or a digest is out of range.
        """
        if post.attachments or images or not -_LARGEST <= post.id <= _LARGEST:
            _check(post, images)
        digest = _digest(post.ref)
        channel = self._position(post.channel)
        if not self._numbers[channel].add(post.id):
            return False
        self._recent.append(Message(self._settled + len(self._recent), channel, digest, post))
        if images:
            self._recent_images.append((len(self._recent) - 1, images))
        if len(self._recent) == _BATCH:
            self._settle()
        return True

    def finish(self) -> Observations:
        """Everything noted so far, as read-only columns. The observer may go on afterwards."""
        self._settle()
        return Observations(
            channels=tuple(Channel(ref, kind) for ref, kind in self._kinds.items()),
            readings=Readings(*self._readings.columns()),
            posts=self._post_columns(),
            images=self._image_columns(),
            people=self._people.values(),
            acts=Acts(*self._acts.columns()),
            places=self._places.values(),
            leads=frozen(np.array([self._leads(place) for place in self._places.values()], np.int32)),
            edges=Edges(*self._edges.columns()),
            polls=tuple(self._polls),
            offers=self._speech.offers.said(Offer),
            rewards=self._speech.rewards.said(RewardRule),
            signals=self._speech.signals.said(MinorSignal),
            payments=self._payments.said(Money),
            counters=self._speech.counters.said(int),
            spoken=self._speech.spoken(len(self._kinds)),
            reported=tuple(self._reported),
        )

    def _position(self, ref: Pseudonym) -> int:
        position = self._positions.get(ref)
        if position is None:
            position = self._positions[ref] = len(self._positions)
            self._kinds[ref] = ChannelKind.UNKNOWN
            self._numbers.append(Numbers())
        return position

    def _leads(self, place: Pseudonym) -> int:
        """The position of the channel that a post led to."""
        position = self._positions.get(place)
        return self._aliases.get(place, UNKNOWN) if position is None else position

    def _settle(self) -> None:
        """Makes columns of the recent posts, all at once."""
        recent, self._recent = self._recent, []
        pictures, self._recent_images = self._recent_images, []
        self._settled += len(recent)
        person = self._people.position
        posts = [message.post for message in recent]
        self._posts.extend(
            [message.channel for message in recent],
            [post.id for post in posts],
            np.floor([_timestamp(post.when) for post in posts]),
            [_flags(post) for post in posts],
            [UNKNOWN if post.author is None else person(post.author) for post in posts],
        )
        self._refs.add(b"".join([message.digest for message in recent]))
        messages = [message for message in recent if message.post.kind is PostKind.MESSAGE]
        self._speech.read(messages)
        for message in messages:
            self._message(message.row, message.post)
        for place, images in pictures:
            if recent[place].post.kind is PostKind.MESSAGE:
                self._pictures(recent[place], images)
        for message in recent:
            if message.post.joined:
                self._act(message.row, _JOINER, message.post.joined)
            if message.post.paid is not None:
                self._payments.note(message.row, 0, message.post.paid)

    def _message(self, row: int, post: Post) -> None:
        if post.forwarded and post.forwarded.origin and post.forwarded.origin.startswith(_CHANNEL):
            self._edges.add((row, _FORWARD, self._places.position(post.forwarded.origin)))
        for link in post.links:
            self._edges.add((row, _EDGES[link.kind], self._places.position(link.channel)))
        if post.poll is not None:
            self._polls.append(_poll(row, post.poll))
        if post.reactors:
            self._act(row, _REACTOR, post.reactors)
        for reaction in post.reactions:
            if reaction.emoji == _PAID and reaction.count:
                self._payments.note(row, 0, Money(Decimal(reaction.count), _STARS))

    def _act(self, row: int, role: int, people: Sequence[Pseudonym]) -> None:
        for person in people:
            self._acts.add((row, self._people.position(person), role))

    def _pictures(self, message: Message, images: Sequence[ImageSeen]) -> None:
        for kind, image in zip(_shared(message.post), images, strict=True):
            flags = (
                (_DOCUMENT if kind is AttachmentKind.IMAGE_DOCUMENT else 0)
                | (_HASHED if image.code is not None else 0)
                | (_HAS_BYTES if image.sha256 is not None else 0)
            )
            quality = UNKNOWN if image.quality is None else image.quality
            skip = UNKNOWN if image.skipped is None else _SKIPS[image.skipped.code]
            self._images.add((message.row, flags, quality, skip))
            self._codes.add(image.code or b"")
            self._digests.add(image.sha256 or b"")

    def _post_columns(self) -> Posts:
        channel, number, at, flags, author = self._posts.columns()
        return Posts(
            channel=channel,
            number=number,
            at=at,
            zoned=frozen((flags & _ZONED) != 0),
            kind=frozen(flags & 3),
            forwarded=frozen((flags & _FORWARDED) != 0),
            author=author,
            refs=self._refs.column(),
        )

    def _image_columns(self) -> Images:
        post, flags, quality, skip = self._images.columns()
        return Images(
            post=post,
            document=frozen((flags & _DOCUMENT) != 0),
            hashed=frozen((flags & _HASHED) != 0),
            quality=quality,
            code=self._codes.column(),
            has_bytes=frozen((flags & _HAS_BYTES) != 0),
            sha256=self._digests.column(),
            skip=skip,
        )


def _digest(ref: Pseudonym) -> bytes:
    try:
        digest = bytes.fromhex(ref[3:])
    except ValueError:
        digest = b""
    if len(digest) != _DIGEST:
        raise ObservationError("is not the pseudonym of a post", where=ref, remedy="Use Pseudonymiser.post")
    return digest


def _poll(row: int, poll: Poll) -> PollSeen:
    voters = tuple(answer.voters for answer in poll.answers)
    return PollSeen(row, poll.total_voters, voters, poll.closed, poll.multiple_choice)


def _shared(post: Post) -> list[AttachmentKind]:
    return [attachment.kind for attachment in post.attachments if attachment.kind in IMAGE_KINDS]


def _timestamp(when: When) -> float:
    """Seconds since 1970, of the date as it was written where the time zone is not known."""
    if when.utc is not None:
        return when.utc.timestamp()
    return UNDATED if when.local is None else when.local.replace(tzinfo=UTC).timestamp()


def _flags(post: Post) -> int:
    zoned = 0 if post.when.utc is None else _ZONED
    return _KINDS[post.kind] | zoned | (0 if post.forwarded is None else _FORWARDED)


def _seconds(instant: datetime) -> int:
    return floor(instant.timestamp())


def _check(post: Post, images: Sequence[ImageSeen]) -> None:
    shared = len(_shared(post))
    if not -_LARGEST <= post.id <= _LARGEST:
        raise ObservationError("the number of a post does not fit 64 bits", where=post.ref)
    if len(images) != shared:
        raise ObservationError(
            f"{len(images)} images were handed in for {shared} image attachments",
            where=post.ref,
            remedy="Hand in one for each, in their order; one without a fingerprint says why in `skipped`",
        )
    for image in images:
        code, digest = image.code, image.sha256
        if not ((code is None or len(code) == CODE_BYTES) and (digest is None or len(digest) == _SHA256)):
            raise ObservationError("a PDQ code and a SHA-256 digest have 32 bytes each", where=post.ref)
        if image.quality is not None and not 0 <= image.quality <= 100:
            raise ObservationError("PDQ quality runs from 0 to 100", where=post.ref)
