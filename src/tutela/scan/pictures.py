"""From what a source yields to the same with fingerprints: new pictures are computed, known ones recalled."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tutela.bank import FingerprintMemory
from tutela.fingerprints import Fingerprinter, Load, Result
from tutela.media import Limits, read_file, skipped
from tutela.model import IMAGE_KINDS, Attachment, AttachmentKind, Fingerprint, Post, SkipCode
from tutela.scan.digest import Bundle
from tutela.sources import Item


class Seen(Struct, frozen=True):
    """One picture of a post: attachment number `position` (from 0) of all its attachments, what it turned out to be.

    `path` is that of its file, if there is one.
    """

    position: int
    kind: AttachmentKind
    result: Result
    recalled: bool
    key: bytes | None = None
    path: Path | None = None


class OfBundle(NamedTuple):
    """The post of a bundle in this row; None stands for the bundle itself, behind its last picture."""

    bundle: Bundle
    row: int | None


class _Planned(NamedTuple):
    """A picture with the key that it is or will be remembered by, and how it is loaded."""

    position: int
    kind: AttachmentKind
    key: bytes | None
    path: Path | None
    load: Load
    recalled: bool


_Place = Item | OfBundle
_Group = tuple[_Place, Sequence[_Planned]]


class PictureReader:
    """Fingerprints the pictures of posts as these stream by; at most some dozens of posts are held at once.

    Documents are looked at too where their bytes are at hand: what turns out to be a picture becomes an image
    document, whatever name or type it was given.
    """

    def __init__(self, fingerprinter: Fingerprinter, memory: FingerprintMemory, limits: Limits) -> None:
        self._fingerprinter = fingerprinter
        self._memory = memory
        self._limits = limits

    def read(self, items: Iterable[Item | Bundle]) -> Iterator[tuple[_Place, list[Seen]]]:
        """Every item in its order with the pictures of a post in theirs; of a bundle the posts that have pictures."""
        groups = (group for item in items for group in self._prepared(item))
        for (item, planned), results in self._fingerprinter.fingerprint_groups(groups):
            seen = [_seen(plan, result) for plan, result in zip(planned, results, strict=True)]
            yield _recognised(item, seen), seen

    def remember(self, pictures: Iterable[Seen]) -> None:
        """Keeps what was computed for the next scan."""
        for each in pictures:
            if each.key is not None and not each.recalled:
                self._memory.remember(each.key, each.result)

    def _prepared(self, item: Item | Bundle) -> Iterator[tuple[_Group, Sequence[Load]]]:
        match item:
            case Bundle():
                for row, looks in item.looks:
                    yield self._group(OfBundle(item, row), [(look.position, look.attachment) for look in looks])
                yield self._group(OfBundle(item, None), ())
            case Post():
                yield self._group(item, list(enumerate(item.attachments)))
            case _:
                yield self._group(item, ())

    def _group(self, place: _Place, attached: Sequence[tuple[int, Attachment]]) -> tuple[_Group, Sequence[Load]]:
        planned = [
            self._plan(position, attachment)
            for position, attachment in attached
            if attachment.kind in IMAGE_KINDS or (attachment.kind is AttachmentKind.DOCUMENT and attachment.path)
        ]
        return (place, planned), [each.load for each in planned]

    def _plan(self, position: int, attachment: Attachment) -> _Planned:
        path, kind = attachment.path, attachment.kind
        if path is None:
            return _Planned(position, kind, None, None, attachment.absent or skipped(SkipCode.MISSING), recalled=False)
        key = self._memory.key(path)
        known = None if key is None else self._memory.recall(key)
        if known is not None:
            return _Planned(position, kind, key, path, known, recalled=True)
        return _Planned(position, kind, key, path, partial(read_file, path, self._limits), recalled=False)


def _seen(plan: _Planned, result: Result) -> Seen:
    is_new = plan.kind not in IMAGE_KINDS and isinstance(result, Fingerprint)
    kind = AttachmentKind.IMAGE_DOCUMENT if is_new else plan.kind
    return Seen(plan.position, kind, result, plan.recalled, plan.key, plan.path)


def _recognised(item: _Place, seen: Iterable[Seen]) -> _Place:
    """The item with its attachments as what they turned out to be."""
    if not isinstance(item, Post):
        return item
    kinds = {each.position: each.kind for each in seen}
    if all(item.attachments[place].kind is kind for place, kind in kinds.items()):
        return item
    changed = (replace(each, kind=kinds.get(place, each.kind)) for place, each in enumerate(item.attachments))
    return replace(item, attachments=tuple(changed))
