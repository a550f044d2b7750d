"""What was observed in a run of posts, as columns that an observer adds to its own, or that are kept for another scan.

There is no text in it. Rows and positions count within the block.
"""

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tutela.measures.columns import POST_KINDS, SKIP_CODES, UNKNOWN, ImageSeen, PollSeen
from tutela.measures.gathering import Rows
from tutela.model import (
    AttachmentKind,
    MinorSignal,
    Money,
    Offer,
    PostKind,
    Pseudonym,
    RewardRule,
    SkipCode,
)

DIGEST = 10
"""Bytes of a post's pseudonym."""

KIND, ZONED, FORWARDED, TEXT = 3, 4, 8, 16
"""What stands in one byte of flags: a position in `POST_KINDS`, whether the zone is known, and so on."""

DOCUMENT, HASHED, HAS_BYTES = 1, 2, 4
"""The flags of an image."""

_MESSAGE = POST_KINDS.index(PostKind.MESSAGE)
_SKIPS = {code: position for position, code in enumerate(SKIP_CODES)}

T = TypeVar("T")
Columns = tuple[NDArray[Any], ...]


class Stated(Struct, Generic[T], frozen=True):
    """What posts said: `rows` are the post, a position in `ORIGINS`, and one in `values`, which are all different."""

    rows: Columns
    values: tuple[T, ...]


class Block(Struct, frozen=True):
    """Columns of `posts`: channel, number, seconds since 1970, flags, author; of `acts`: post, person, role; of
    `edges`: post, kind, place; of `languages`: post, position in `codes`.

    `refs` are the digests in the posts' pseudonyms, back to back. Languages were told of those texts whose digest has
    zeros where the channel's one of `masks` has ones.
    """

    channels: tuple[Pseudonym, ...]
    people: tuple[Pseudonym, ...]
    places: tuple[Pseudonym, ...]
    posts: Columns
    refs: bytes
    acts: Columns
    edges: Columns
    polls: tuple[PollSeen, ...]
    offers: Stated[Offer]
    rewards: Stated[RewardRule]
    signals: Stated[MinorSignal]
    payments: Stated[Money]
    counters: Stated[int]
    languages: Columns
    codes: tuple[str | None, ...]
    masks: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.posts[0])

    def channel(self, row: int) -> Pseudonym:
        """The channel of the post in this row."""
        return self.channels[int(self.posts[0][row])]

    def ref(self, row: int) -> Pseudonym:
        """The pseudonym of the post in this row."""
        return Pseudonym(f"po-{self.refs[row * DIGEST : (row + 1) * DIGEST].hex()}")

    @property
    def messages(self) -> NDArray[np.bool_]:
        """Which of the posts are messages."""
        return np.asarray(self.posts[3] & KIND == _MESSAGE)


class Pictures(NamedTuple):
    """Images of messages. Columns of `rows`: post, flags, quality, reason in `SKIP_CODES`.

    `codes` and `digests` (SHA-256) stand back to back, of those images that have one.
    """

    rows: Columns
    codes: bytes
    digests: bytes


def pictures(seen: Sequence[tuple[int, AttachmentKind, ImageSeen]]) -> Pictures:
    """Images with their kind and the row of their post, in its order."""
    rows = Rows("i4", "u1", "i1", "i1")
    for row, kind, image in seen:
        flags = (
            (DOCUMENT if kind is AttachmentKind.IMAGE_DOCUMENT else 0)
            | (HASHED if image.code is not None else 0)
            | (HAS_BYTES if image.sha256 is not None else 0)
        )
        quality = UNKNOWN if image.quality is None else image.quality
        skip = UNKNOWN if image.skipped is None else _SKIPS[image.skipped.code]
        rows.add((row, flags, quality, skip))
    codes, digests = (
        b"".join(found) for found in ([s.code or b"" for *_, s in seen], [s.sha256 or b"" for *_, s in seen])
    )
    return Pictures(tuple(rows.columns()), codes, digests)


def not_included(post: NDArray[np.int32], document: NDArray[np.uint8]) -> Columns:
    """The `rows` of pictures that a source does not include; of each, whether it was sent as a document (1) or not."""
    quality, skip = (np.full(len(post), value, np.int8) for value in (UNKNOWN, _SKIPS[SkipCode.NOT_INCLUDED]))
    return post, document * np.uint8(DOCUMENT), quality, skip


def pack(value: Any) -> bytes:
    """A block, or what holds blocks, as bytes."""
    return msgspec.msgpack.encode(value, enc_hook=_packed)


def unpack(data: bytes | memoryview, kind: type[T]) -> T:
    """What `pack` made. Raises msgspec.MsgspecError where the bytes are nothing of the kind."""
    return msgspec.msgpack.decode(data, type=kind, dec_hook=_unpacked)


def _packed(column: NDArray[Any]) -> tuple[str, bytes]:
    return column.dtype.str, column.tobytes()


def _unpacked(_: type, packed: Any) -> NDArray[Any]:
    return np.frombuffer(packed[1], packed[0])
