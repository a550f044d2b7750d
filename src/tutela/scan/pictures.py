"""From what a source yields to the same with fingerprints: new pictures are computed, known ones recalled."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tutela.bank import FingerprintMemory
from tutela.fingerprints import Fingerprinter, Load, Result
from tutela.media import Limits, read_file, skipped
from tutela.model import (
    IMAGE_KINDS,
    Attachment,
    AttachmentKind,
    Fingerprint,
    Post,
    SkipCode,
)
from tutela.sources import Item


class Seen(Struct, frozen=True):
    """One picture of a post: attachment number `position` (from 0) of all its attachments."""

    position: int
    result: Result
    recalled: bool
    key: bytes | None = None


class _Planned(NamedTuple):
    """A picture with the key that it is or will be remembered by, and how it is loaded."""

    position: int
    key: bytes | None
    load: Load
    recalled: bool


_Group = tuple[Item, Sequence[_Planned]]


class PictureReader:
    """Fingerprints the pictures of posts as these stream by; at most some dozens of posts are held at once.

    Documents are looked at too where their bytes are at hand: what turns out to be a picture becomes an image
    document, whatever name or type it was given.
    """

    def __init__(self, fingerprinter: Fingerprinter, memory: FingerprintMemory, limits: Limits) -> None:
        self._fingerprinter = fingerprinter
        self._memory = memory
        self._limits = limits

    def read(self, items: Iterable[Item]) -> Iterator[tuple[Item, list[Seen]]]:
        """Every item in its order with the pictures of a post in theirs."""
        for (item, planned), results in self._fingerprinter.fingerprint_groups(map(self._prepare, items)):
            if planned:
                seen = [Seen(p.position, result, p.recalled, p.key) for p, result in zip(planned, results, strict=True)]
                yield _recognised(item, seen), seen
            else:
                yield item, []

    def remember(self, pictures: Iterable[Seen]) -> None:
        """Keeps what was computed for the next scan."""
        for each in pictures:
            if each.key is not None and not each.recalled:
                self._memory.remember(each.key, each.result)

    def _prepare(self, item: Item) -> tuple[_Group, Sequence[Load]]:
        if not isinstance(item, Post) or not item.attachments:
            return (item, ()), ()
        planned = [
            self._plan(position, attachment)
            for position, attachment in enumerate(item.attachments)
            if attachment.kind in IMAGE_KINDS or (attachment.kind is AttachmentKind.DOCUMENT and attachment.path)
        ]
        return (item, planned), [each.load for each in planned]

    def _plan(self, position: int, attachment: Attachment) -> _Planned:
        path = attachment.path
        if path is None:
            return _Planned(position, None, attachment.absent or skipped(SkipCode.MISSING), recalled=False)
        key = self._memory.key(path)
        known = None if key is None else self._memory.recall(key)
        if known is not None:
            return _Planned(position, key, known, recalled=True)
        return _Planned(position, key, partial(read_file, path, self._limits), recalled=False)


def _recognised(item: Item, seen: Iterable[Seen]) -> Item:
    """The item with every attachment that has a fingerprint as an image."""
    pictures = {each.position for each in seen if isinstance(each.result, Fingerprint)}
    if not isinstance(item, Post) or all(item.attachments[place].kind in IMAGE_KINDS for place in pictures):
        return item
    changed = (
        replace(each, kind=AttachmentKind.IMAGE_DOCUMENT)
        if place in pictures and each.kind not in IMAGE_KINDS
        else each
        for place, each in enumerate(item.attachments)
    )
    return replace(item, attachments=tuple(changed))
