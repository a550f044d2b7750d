"""What the measures rest on: columns gathered while posts stream by, with no text and no person in them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutela.model import Channel, ChannelKind, ChannelState, PostKind, SkipCode, Skipped

UNDATED = int(np.iinfo(np.int64).min)
"""Stands in a time column where the source gives no date."""

UNKNOWN = -1
"""Stands in `Readings.members` and `Images.quality` where the number is not known, and in `Images.skip` for none."""

POST_KINDS = tuple(PostKind)
"""`Posts.kind` holds positions in this."""

STATES = tuple(ChannelState)
"""`Readings.state` holds positions in this."""

SKIP_CODES = tuple(SkipCode)
"""`Images.skip` holds positions in this."""


@dataclass(frozen=True, slots=True)
class ImageSeen:
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
    as it was written, whose zone nobody knows.
    """

    channel: NDArray[np.int32]
    number: NDArray[np.int64]
    at: NDArray[np.int64]
    zoned: NDArray[np.bool_]
    kind: NDArray[np.uint8]
    forwarded: NDArray[np.bool_]

    def of_kind(self, kind: PostKind) -> NDArray[np.intp]:
        """The rows of that kind."""
        return np.flatnonzero(self.kind == POST_KINDS.index(kind))


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """One row for each image in a message; `post` is its row in `Posts`.

    `code` and `sha256` have shape (n, 32) and are zero where `hashed` or `has_bytes` is false. `document` tells a
    picture sent as a file from a photo. `skip` is a position in `SKIP_CODES` (or `UNKNOWN`).
    """

    post: NDArray[np.int32]
    document: NDArray[np.bool_]
    hashed: NDArray[np.bool_]
    quality: NDArray[np.int8]
    code: NDArray[np.uint8]
    has_bytes: NDArray[np.bool_]
    sha256: NDArray[np.uint8]
    skip: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Everything that was observed: read-only columns. `channel` columns are positions in `channels`."""

    channels: tuple[Channel, ...]
    readings: Readings
    posts: Posts
    images: Images

    @property
    def chats(self) -> tuple[int, ...]:
        """The positions of those channels that are chats, which a folder of files is not."""
        return tuple(i for i, channel in enumerate(self.channels) if channel.kind is not ChannelKind.FOLDER)

    def of_chats(self, channel: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Where a `channel` column holds the position of a chat."""
        return np.isin(channel, self.chats)
