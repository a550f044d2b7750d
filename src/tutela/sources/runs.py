"""Posts by the hundreds, as they stand together in a file, so that what was made of them can be kept for another time.

An export grows at its end: nearly all of it was read before. What a run of entries came to is kept with a keyed hash
of its text (`tutela.scan.shelves`); where the same text stands in a file again, the source gives that in its place.
"""

from collections.abc import Callable, Sequence, Sized
from typing import Protocol

from msgspec import Struct

from tutela.model import Post, Pseudonym

HEAD = 256
"""Bytes at the beginning of a run that it is looked for by; a shorter one is not kept."""

LONGEST = 1 << 20
"""Bytes of text after which a run ends with its next few entries."""


class Run(Struct):
    """Posts of one channel, in the source's order; `length` is how many there are.

    `texts` are what they were made of, all of it and nothing else: pieces of a list with a comma between them; none
    where posts have to be made anew each time. `posts` are empty where they were not asked for (`Source.run` makes them
    of the texts). `name` tells what the source calls an attachment, by the row of its post and its position.
    """

    channel: Pseudonym
    length: int
    posts: Sequence[Post]
    texts: Sequence[bytes]
    name: Callable[[int, int], str]

    def __len__(self) -> int:
        return self.length

    @property
    def text(self) -> bytes:
        """The pieces as one."""
        return b",".join(self.texts)


class Kept(Protocol):
    """What may be known of a run that begins in a certain way."""

    @property
    def length(self) -> int:
        """Bytes of its text."""

    def of(self, text: memoryview) -> Sized | None:
        """What was made of this text, with the length of its number of posts; None where it is another text."""


class Shelf(Protocol):
    """What is kept of one channel. Nothing must be: for what is damaged or gone the answer is no."""

    def __bool__(self) -> bool:
        """Whether it is worth asking."""

    def has(self, head: bytes) -> bool:
        """Whether a run that begins with these `HEAD` bytes may be kept."""

    def find(self, head: bytes) -> Kept | None:
        """The run that begins so."""


Shelves = Callable[[Pseudonym], Shelf]
"""The shelf of a channel."""
