"""Gathers observations while posts stream by: a few bytes a post, whatever the post holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import floor

import numpy as np
from numpy.typing import NDArray

from tutela.measures.block import (
    DIGEST,
    DOCUMENT,
    FORWARDED,
    HAS_BYTES,
    HASHED,
    KIND,
    TEXT,
    ZONED,
    Block,
    Columns,
    Pictures,
    pictures,
)
from tutela.measures.columns import (
    STATES,
    UNDATED,
    UNKNOWN,
    Acts,
    Edges,
    Images,
    ImageSeen,
    Observations,
    PollSeen,
    Posts,
    Readings,
)
from tutela.measures.digest import chances, digest
from tutela.measures.errors import ObservationError
from tutela.measures.gathering import Digests, Interned, Numbers, Rows, frozen
from tutela.measures.speech import LanguageSample, SaidRows
from tutela.model import (
    CODE_BYTES,
    IMAGE_KINDS,
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    MinorSignal,
    Money,
    Offer,
    Post,
    PostKind,
    Pseudonym,
    Report,
    RewardRule,
)

_BATCH = 1024  # posts that are made columns of at a time
_SHA256 = 32  # bytes in a digest
_LARGEST = 2**63 - 1
_STATES = {state: position for position, state in enumerate(STATES)}


class Observer:
    """Accumulates observations: 35 bytes a post and 7 an image in columns, 64 more for an image that could be read, and
    under a byte for each post's number where numbers lie close together, as a channel's do.

    Of a post it keeps the pseudonyms of post and author, channel, number, kind, date and whether it was forwarded, and
    what its text says as values: no text. Pictures, offers and links count in messages only; those of a service line
    (a changed chat photo) were not shared.

    Posts come one by one (`post`), or as blocks: `digest` makes one, `fresh` says which of its posts are new, `add`
    takes these in.
    """

    def __init__(self) -> None:
        self._kinds: dict[Pseudonym, ChannelKind] = {}
        self._aliases: dict[Pseudonym, int] = {}
        self._positions: dict[Pseudonym, int] = {}
        self._numbers: list[Numbers] = []
        self._samples: list[LanguageSample] = []
        self._people: Interned[Pseudonym] = Interned()
        self._places: Interned[Pseudonym] = Interned()
        self._readings = Rows("i4", "i8", "i8", "u1")
        self._reported: list[tuple[int, int]] = []
        self._posts = Rows("i4", "i8", "i8", "u1", "i4")
        self._refs = Digests(DIGEST)
        self._images = Rows("i4", "u1", "i1", "i1")
        self._codes = Digests(CODE_BYTES)
        self._digests = Digests(_SHA256)
        self._acts = Rows("i4", "i4", "u1")
        self._edges = Rows("i4", "u1", "i4")
        self._polls: list[PollSeen] = []
        self._offers, self._rewards, self._signals = SaidRows(), SaidRows(), SaidRows()
        self._payments, self._counters = SaidRows(), SaidRows()
        self._recent: list[Post] = []
        self._recent_images: list[tuple[int, AttachmentKind, ImageSeen]] = []

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
        _check_ref(post.ref)
        if not self._numbers[self._position(post.channel)].add(post.id):
            return False
        if images and post.kind is PostKind.MESSAGE:
            row = len(self._recent)
            self._recent_images += [(row, *each) for each in zip(_shared(post), images, strict=True)]
        self._recent.append(post)
        if len(self._recent) == _BATCH:
            self._settle()
        return True

    def digest(self, posts: Sequence[Post]) -> Block:
        """A block of posts whose numbers fit 64 bits and whose pseudonyms are a `Pseudonymiser`'s. Notes nothing."""
        return digest(posts, self.mask)

    def mask(self, channel: Pseudonym) -> int:
        """Which bits of a post's hash must be zero for its language to be told; 0 of a channel not seen so far."""
        position = self._positions.get(channel)
        return 0 if position is None else self._samples[position].mask

    def knows_enough(self, block: Block) -> bool:
        """Whether languages were told of all texts of a block, made at another time, of which they are needed now."""
        return all(not mask & ~self.mask(channel) for channel, mask in zip(block.channels, block.masks, strict=True))

    def fresh(self, block: Block) -> NDArray[np.bool_]:
        """Which posts of a block are new; from now on they are not."""
        self._settle()
        channel, number = block.posts[:2]
        fresh = np.empty(len(block), np.bool_)
        for place, ref in enumerate(block.channels):
            rows = channel == place
            fresh[rows] = self._numbers[self._position(ref)].add_all(number[rows])
        return fresh

    def add(self, block: Block, fresh: NDArray[np.bool_], images: Pictures) -> None:
        """Takes in those posts of a block that are `fresh`; `images` are those of messages among them."""
        rows = (len(self._posts) - 1 + np.cumsum(fresh)).astype(np.int32)
        channel, number, at, flags, author = (column[fresh] for column in block.posts)
        places = np.array([self._position(ref) for ref in block.channels], np.int32)
        self._languages(block, fresh, places)
        self._posts.extend(places[channel], number, at, flags, self._people.positions(block.people, author))
        self._refs.add(_of(block.refs, fresh))
        post, person, role = _kept(block.acts, fresh, rows)
        self._acts.extend(post, self._people.positions(block.people, person), role)
        post, kind, place = _kept(block.edges, fresh, rows)
        self._edges.extend(post, kind, self._places.positions(block.places, place))
        self._polls += [replace(poll, post=int(rows[poll.post])) for poll in block.polls if fresh[poll.post]]
        for noted, stated in (
            (self._offers, block.offers),
            (self._rewards, block.rewards),
            (self._signals, block.signals),
            (self._payments, block.payments),
            (self._counters, block.counters),
        ):
            noted.take(_kept(stated.rows, fresh, rows), stated.values)
        self._images.extend(rows[images.rows[0]], *images.rows[1:])
        self._codes.add(images.codes)
        self._digests.add(images.digests)

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
            offers=self._offers.said(Offer),
            rewards=self._rewards.said(RewardRule),
            signals=self._signals.said(MinorSignal),
            payments=self._payments.said(Money),
            counters=self._counters.said(int),
            spoken=tuple(sample.spoken() for sample in self._samples),
            reported=tuple(self._reported),
        )

    def _position(self, ref: Pseudonym) -> int:
        position = self._positions.get(ref)
        if position is None:
            position = self._positions[ref] = len(self._positions)
            self._kinds[ref] = ChannelKind.UNKNOWN
            self._numbers.append(Numbers())
            self._samples.append(LanguageSample())
        return position

    def _leads(self, place: Pseudonym) -> int:
        """The position of the channel that a post led to."""
        position = self._positions.get(place)
        return self._aliases.get(place, UNKNOWN) if position is None else position

    def _settle(self) -> None:
        """Makes a block of the recent posts."""
        recent, self._recent = self._recent, []
        images, self._recent_images = self._recent_images, []
        if recent:
            self.add(self.digest(recent), np.ones(len(recent), np.bool_), pictures(images))

    def _languages(self, block: Block, fresh: NDArray[np.bool_], places: NDArray[np.int32]) -> None:
        chance, channel, spoken = chances(block.refs), block.posts[0], fresh & (block.posts[3] & TEXT != 0)
        post, code = block.languages
        looked_at = fresh[post]
        post, code = post[looked_at], code[looked_at]
        for place, position in enumerate(places.tolist()):
            own = channel[post] == place
            told = zip(chance[post[own]].tolist(), [block.codes[c] for c in code[own].tolist()], strict=True)
            self._samples[position].take(int(np.count_nonzero(spoken & (channel == place))), told)

    def _post_columns(self) -> Posts:
        channel, number, at, flags, author = self._posts.columns()
        return Posts(
            channel=channel,
            number=number,
            at=at,
            zoned=frozen((flags & ZONED) != 0),
            kind=frozen(flags & KIND),
            forwarded=frozen((flags & FORWARDED) != 0),
            author=author,
            refs=self._refs.column(),
        )

    def _image_columns(self) -> Images:
        post, flags, quality, skip = self._images.columns()
        return Images(
            post=post,
            document=frozen((flags & DOCUMENT) != 0),
            hashed=frozen((flags & HASHED) != 0),
            quality=quality,
            code=self._codes.column(),
            has_bytes=frozen((flags & HAS_BYTES) != 0),
            sha256=self._digests.column(),
            skip=skip,
        )


def _kept(columns: Columns, fresh: NDArray[np.bool_], rows: NDArray[np.int32]) -> Columns:
    """Those rows of a block's table whose posts are fresh, with the rows that these get."""
    post, *others = columns
    kept = fresh[post]
    return (rows[post[kept]], *(column[kept] for column in others))


def _of(refs: bytes, fresh: NDArray[np.bool_]) -> bytes:
    return refs if fresh.all() else np.frombuffer(refs, np.uint8).reshape(-1, DIGEST)[fresh].tobytes()


def _check_ref(ref: Pseudonym) -> None:
    try:
        sound = len(bytes.fromhex(ref[3:])) == DIGEST
    except ValueError:
        sound = False
    if not sound:
        raise ObservationError("is not the pseudonym of a post", where=ref, remedy="Use Pseudonymiser.post")


def _shared(post: Post) -> list[AttachmentKind]:
    return [attachment.kind for attachment in post.attachments if attachment.kind in IMAGE_KINDS]


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
