"""Gathers observations while posts stream by: a few bytes a post, whatever the post holds."""

from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from math import floor
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tutela.measures.columns import (
    POST_KINDS,
    SKIP_CODES,
    STATES,
    UNDATED,
    UNKNOWN,
    Images,
    ImageSeen,
    Observations,
    Posts,
    Readings,
)
from tutela.measures.errors import ObservationError
from tutela.model import (
    CODE_BYTES,
    IMAGE_KINDS,
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    Post,
    PostKind,
    Pseudonym,
    When,
)

_BLANK = bytes(32)
_LARGEST = 2**63 - 1
_KINDS = {kind: position for position, kind in enumerate(POST_KINDS)}
_STATES = {state: position for position, state in enumerate(STATES)}
_SKIPS = {code: position for position, code in enumerate(SKIP_CODES)}
_ZONED, _FORWARDED = 4, 8  # beside the kind, in one byte
_DOCUMENT, _HASHED, _HAS_BYTES = 1, 2, 4


class Observer:
    """Accumulates observations: 21 bytes a post and 71 an image in columns, and under a byte for each post's number
    where numbers lie close together, as a channel's do.

    Of a post it keeps channel, number, kind, date and whether it was forwarded: no text, no author. Pictures count
    in messages only; those of a service line (a changed chat photo) were not shared.
    """

    def __init__(self) -> None:
        self._kinds: dict[Pseudonym, ChannelKind] = {}
        self._positions: dict[Pseudonym, int] = {}
        self._numbers: list[_Numbers] = []
        self._readings = [array("i"), array("q"), array("q"), array("B")]
        self._posts = [array("i"), array("q"), array("q"), array("B")]
        self._images = [array("i"), array("B"), array("b"), array("b")]
        self._codes = bytearray()
        self._digests = bytearray()

    def channel(self, channel: Channel) -> None:
        """Note a channel; again is harmless. The first kind other than unknown stays."""
        self._position(channel.ref)
        if self._kinds[channel.ref] is ChannelKind.UNKNOWN:
            self._kinds[channel.ref] = channel.kind

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
        row = (self._position(reading.channel), at, members, _STATES[reading.state])
        _append(self._readings, row)

    def post(self, post: Post, images: Sequence[ImageSeen] = ()) -> bool:
        """Note a post with its images; False, and nothing counted, where its channel and number came before.

        `images` holds one entry for each attachment of a kind in `IMAGE_KINDS`, in order. Raises `ObservationError`
        where it does not, or where a number, a code or a digest is out of range.
        """
        shared = [a.kind for a in post.attachments if a.kind in IMAGE_KINDS] if post.attachments else []
        _check(post, len(shared), images)
        channel = self._position(post.channel)
        if not self._numbers[channel].add(post.id):
            return False
        at, zoned = _instant(post.when)
        flags = _KINDS[post.kind] | zoned | (_FORWARDED if post.forwarded else 0)
        if post.kind is PostKind.MESSAGE:
            for kind, image in zip(shared, images, strict=True):
                self._image(kind, image)
        _append(self._posts, (channel, post.id, at, flags))
        return True

    def finish(self) -> Observations:
        """Everything noted so far, as read-only columns. The observer may go on afterwards."""
        return Observations(
            channels=tuple(Channel(ref, kind) for ref, kind in self._kinds.items()),
            readings=self._reading_columns(),
            posts=self._post_columns(),
            images=self._image_columns(),
        )

    def _position(self, ref: Pseudonym) -> int:
        position = self._positions.get(ref)
        if position is None:
            position = self._positions[ref] = len(self._positions)
            self._kinds[ref] = ChannelKind.UNKNOWN
            self._numbers.append(_Numbers())
        return position

    def _image(self, kind: AttachmentKind, image: ImageSeen) -> None:
        flags = (
            (_DOCUMENT if kind is AttachmentKind.IMAGE_DOCUMENT else 0)
            | (_HASHED if image.code is not None else 0)
            | (_HAS_BYTES if image.sha256 is not None else 0)
        )
        quality = UNKNOWN if image.quality is None else image.quality
        skip = UNKNOWN if image.skipped is None else _SKIPS[image.skipped.code]
        _append(self._images, (len(self._posts[0]), flags, quality, skip))
        self._codes += _BLANK if image.code is None else image.code
        self._digests += _BLANK if image.sha256 is None else image.sha256

    def _reading_columns(self) -> Readings:
        channel, at, members, state = self._readings
        return Readings(
            channel=_column(channel, np.int32),
            at=_column(at, np.int64),
            members=_column(members, np.int64),
            state=_column(state, np.uint8),
        )

    def _post_columns(self) -> Posts:
        channel, number, at, packed = self._posts
        flags = np.frombuffer(packed, dtype=np.uint8)
        return Posts(
            channel=_column(channel, np.int32),
            number=_column(number, np.int64),
            at=_column(at, np.int64),
            zoned=_frozen((flags & _ZONED) != 0),
            kind=_frozen(flags & 3),
            forwarded=_frozen((flags & _FORWARDED) != 0),
        )

    def _image_columns(self) -> Images:
        post, packed, quality, skip = self._images
        flags = np.frombuffer(packed, dtype=np.uint8)
        return Images(
            post=_column(post, np.int32),
            document=_frozen((flags & _DOCUMENT) != 0),
            hashed=_frozen((flags & _HASHED) != 0),
            quality=_column(quality, np.int8),
            code=_frozen(_column(self._codes, np.uint8).reshape(-1, CODE_BYTES)),
            has_bytes=_frozen((flags & _HAS_BYTES) != 0),
            sha256=_frozen(_column(self._digests, np.uint8).reshape(-1, 32)),
            skip=_column(skip, np.int8),
        )


class _Numbers:
    """The message numbers seen in one channel: a bitmap in pages of 256, so that dense ranges cost a bit each."""

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        self._pages: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """True where the number is new."""
        page, bit = number >> 8, 1 << (number & 255)
        seen = self._pages.get(page, 0)
        if seen & bit:
            return False
        self._pages[page] = seen | bit
        return True


def _instant(when: When) -> tuple[int, int]:
    """Seconds since 1970, and `_ZONED` where they are known to be UTC."""
    if when.utc is not None:
        return _seconds(when.utc), _ZONED
    if when.local is not None:
        return _seconds(when.local.replace(tzinfo=UTC)), 0
    return UNDATED, 0


def _seconds(instant: datetime) -> int:
    return floor(instant.timestamp())


def _check(post: Post, shared: int, images: Sequence[ImageSeen]) -> None:
    if not -_LARGEST <= post.id <= _LARGEST:
        raise ObservationError("the number of a post does not fit 64 bits", where=post.ref)
    if len(images) != shared:
        raise ObservationError(
            f"{len(images)} images were handed in for {shared} image attachments",
            where=post.ref,
            remedy="Hand in one for each, in their order; one without a fingerprint says why in `skipped`",
        )
    for image in images:
        if any(value is not None and len(value) != 32 for value in (image.code, image.sha256)):
            raise ObservationError("a PDQ code and a SHA-256 digest have 32 bytes each", where=post.ref)
        if image.quality is not None and not 0 <= image.quality <= 100:
            raise ObservationError("PDQ quality runs from 0 to 100", where=post.ref)


def _append(columns: "list[array[int]]", row: tuple[int, int, int, int]) -> None:
    for column, value in zip(columns, row, strict=True):
        column.append(value)


def _column(values: "array[int] | bytearray", dtype: DTypeLike) -> NDArray[Any]:
    return _frozen(np.frombuffer(values, dtype=dtype).copy())


def _frozen(values: NDArray[Any]) -> NDArray[Any]:
    values.flags.writeable = False
    return values
