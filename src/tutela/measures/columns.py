"""What the measures rest on: columns gathered while posts stream by, with no text and no person in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tutela.model import (
    Channel,
    ChannelKind,
    ChannelState,
    LinkKind,
    MinorSignal,
    Money,
    Offer,
    PostKind,
    Pseudonym,
    RewardRule,
    SkipCode,
    Skipped,
)

UNDATED = int(np.iinfo(np.int64).min)
"""Stands in a time column where the source gives no date."""

UNKNOWN = -1
"""Stands in a column of numbers or positions where there is none or it is not known."""

POST_KINDS = tuple(PostKind)
"""`Posts.kind` holds positions in this."""

STATES = tuple(ChannelState)
"""`Readings.state` holds positions in this."""

SKIP_CODES = tuple(SkipCode)
"""`Images.skip` holds positions in this."""


class Role(StrEnum):
    """What somebody was seen to do."""

    POSTER = "poster"
    REACTOR = "reactor"
    JOINER = "joiner"


ROLES = tuple(Role)
"""`Acts.role` holds positions in this."""


class Origin(StrEnum):
    """Where in a post something was said."""

    TEXT = "text"
    BUTTON = "button"
    INVOICE = "invoice"


ORIGINS = tuple(Origin)
"""`Said.origin` holds positions in this."""


class EdgeKind(StrEnum):
    """How a channel leads to another one."""

    FORWARD = "forward"
    MENTION = LinkKind.MENTION.value
    LINK = LinkKind.LINK.value


EDGE_KINDS = tuple(EdgeKind)
"""`Edges.kind` holds positions in this."""

LANGUAGES_AT_MOST = 2048
"""Texts of one channel whose language is told; where there are more, an even sample of them (`Spoken`)."""


class ImageSeen(Struct, frozen=True, gc=False):
    """One image attachment of a post, after fingerprinting.

    `code` is its 32-byte PDQ code, None where unhashed; `quality` runs from 0 to 100; `sha256` is None where there
    were no bytes; `skipped` says why there is no code.
    """

    code: bytes | None
    quality: int | None
    sha256: bytes | None
    skipped: Skipped | None


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """One row for each reading of a channel's front page, in the order in which they came.

    `at` is in seconds since 1970 (or `UNDATED`), `members` a count (or `UNKNOWN`), `state` a position in `STATES`.
    """

    channel: NDArray[np.int32]
    at: NDArray[np.int64]
    members: NDArray[np.int64]
    state: NDArray[np.uint8]

    def latest(self, said: NDArray[np.integer], unknown: int) -> dict[int, int]:
        """For each channel the row of the latest reading in which the column `said` is not `unknown`.

        An undated reading is earlier than any dated one. Of readings at the same instant the one that says the
        larger value counts, so that the order in which they came does not matter.
        """
        rows = np.flatnonzero(said != unknown)
        rows = rows[np.lexsort((said[rows], self.at[rows], self.channel[rows]))]
        return dict(zip(self.channel[rows].tolist(), rows.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Posts:
    """One row for each post, in the order in which they came.

    `number` is the source's own. `at` is in seconds since 1970 (or `UNDATED`): UTC where `zoned`, otherwise the date
    as it was written, whose zone nobody knows. `author` is a position in `Observations.people` (or `UNKNOWN`).
    `refs` has shape (n, 10): the digests in the pseudonyms of the posts.
    """

    channel: NDArray[np.int32]
    number: NDArray[np.int64]
    at: NDArray[np.int64]
    zoned: NDArray[np.bool_]
    kind: NDArray[np.uint8]
    forwarded: NDArray[np.bool_]
    author: NDArray[np.int32]
    refs: NDArray[np.uint8]

    def ref(self, row: int) -> Pseudonym:
        """The pseudonym of the post in this row."""
        return next(self.refs_of(np.array([row])))

    def refs_of(self, rows: NDArray[np.integer]) -> Iterator[Pseudonym]:
        """The pseudonyms of the posts in these rows."""
        digits, width = self.refs[rows].tobytes().hex(), 2 * self.refs.shape[1]
        return (Pseudonym(f"po-{digits[at : at + width]}") for at in range(0, len(digits), width))

    def of_kind(self, kind: PostKind) -> NDArray[np.intp]:
        """The rows of that kind."""
        return np.flatnonzero(self.kind == POST_KINDS.index(kind))


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """One row for each image in a message; `post` is its row in `Posts`.

    `code` and `sha256` have shape (k, 32): a row for each image that is `hashed`, or that `has_bytes`, in their order.
    `document` tells a picture sent as a file from a photo. `skip` is a position in `SKIP_CODES` (or `UNKNOWN`).
    """

    post: NDArray[np.int32]
    document: NDArray[np.bool_]
    hashed: NDArray[np.bool_]
    quality: NDArray[np.int8]
    code: NDArray[np.uint8]
    has_bytes: NDArray[np.bool_]
    sha256: NDArray[np.uint8]
    skip: NDArray[np.int8]

    def codes(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The codes of images all of which are `hashed`."""
        return np.take(self.code, np.cumsum(self.hashed)[rows] - 1, axis=0)

    def digests(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The SHA-256 digests of images all of which have bytes."""
        return np.take(self.sha256, np.cumsum(self.has_bytes)[rows] - 1, axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """One row for each reaction or arrival of a named person; posting stands in `Posts.author`."""

    post: NDArray[np.int32]
    person: NDArray[np.int32]
    role: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """One row for each way in which a message leads to another channel: `place` is a position in `places`."""

    post: NDArray[np.int32]
    kind: NDArray[np.uint8]
    place: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PollSeen:
    """A poll as it stood when it was read, without its words: `voters` are those of its options, in their order."""

    post: int
    total: int | None
    voters: tuple[int | None, ...]
    closed: bool | None
    multiple: bool | None


T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Said(Generic[T]):
    """What messages said: row by row the post, where in it, and a position in `values`, which are all different."""

    post: NDArray[np.int32]
    origin: NDArray[np.uint8]
    value: NDArray[np.int32]
    values: tuple[T, ...]

    def __len__(self) -> int:
        return self.post.size


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """The languages of an even sample of a channel's texts.

    Of the channel, one text in `every` was looked at: `counts` by language (ISO 639-1), `None` where it cannot be
    told. `texts` is how many there were.
    """

    texts: int
    every: int
    counts: dict[str | None, int]


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Everything that was observed: read-only columns. `channel` columns are positions in `channels`.

    `places` are the channels that messages lead to, `leads` their positions in `channels` (`UNKNOWN` for one that was
    not observed). `counters` are the numbers on buttons; `reported` holds seconds since 1970 by channel.
    """

    channels: tuple[Channel, ...]
    readings: Readings
    posts: Posts
    images: Images
    people: tuple[Pseudonym, ...]
    acts: Acts
    places: tuple[Pseudonym, ...]
    leads: NDArray[np.int32]
    edges: Edges
    polls: tuple[PollSeen, ...]
    offers: Said[Offer]
    rewards: Said[RewardRule]
    signals: Said[MinorSignal]
    payments: Said[Money]
    counters: Said[int]
    spoken: tuple[Spoken, ...]
    reported: tuple[tuple[int, int], ...]

    @property
    def chats(self) -> tuple[int, ...]:
        """The positions of those channels that are chats, which a folder of files is not."""
        return tuple(i for i, channel in enumerate(self.channels) if channel.kind is not ChannelKind.FOLDER)

    def of_chats(self, channel: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Where a `channel` column holds the position of a chat."""
        return np.isin(channel, self.chats)
