"""What a scan gathers while posts stream by: observations, matches, what was skipped."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.bank import Bank
from tutela.measures import ImageSeen, Observer, Pictures, not_included, pictures
from tutela.model import (
    IMAGE_KINDS,
    AttachmentKind,
    Channel,
    ChannelReading,
    Fingerprint,
    Post,
    Pseudonym,
    Report,
    SkipCode,
    Skipped,
)
from tutela.report import MatchLine, SkippedLine
from tutela.scan.digest import Bundle
from tutela.scan.pictures import OfBundle, Seen
from tutela.scan.progress import Tally
from tutela.sources import Item


class _Arriving:
    """A bundle whose pictures are coming in: which of its posts are new, and the images of these so far."""

    def __init__(self, bundle: Bundle, fresh: NDArray[np.bool_]) -> None:
        self.bundle = bundle
        self.fresh = fresh
        self.images: list[tuple[int, int, AttachmentKind, ImageSeen]] = []


class Findings:
    """Everything the report is made of, but the sources' own accounts."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.observer = Observer()
        self.tally = Tally()
        self.matches: list[MatchLine] = []
        self._skipped: Counter[tuple[SkipCode, str]] = Counter()
        self._arriving: _Arriving | None = None

    def add(self, item: Item | OfBundle, seen: Sequence[Seen]) -> list[MatchLine]:
        """Takes in one item of a source, or one post of a bundle; the matches among its pictures.

        A post that came before, in an overlapping source, counts once.
        """
        match item:
            case OfBundle():
                return self._of_bundle(item, seen)
            case Post():
                return self._post(item, seen)
            case Channel():
                self.observer.channel(item)
            case ChannelReading():
                self.observer.reading(item)
            case Report():
                self.observer.report(item)
        return []

    def skipped(self) -> tuple[SkippedLine, ...]:
        """Why items have no fingerprint, the commonest reason first."""
        rows = sorted(self._skipped.items(), key=lambda row: (-row[1], row[0]))
        return tuple(SkippedLine(code, reason, count) for (code, reason), count in rows)

    def _post(self, post: Post, seen: Sequence[Seen]) -> list[MatchLine]:
        if not self.observer.post(post, [_image(each.result) for each in seen if each.kind in IMAGE_KINDS]):
            return []
        self.tally.posts += 1
        self.tally.attachments += len(post.attachments)
        return self._looked_at(post.channel, post.ref, seen) if seen else []

    def _of_bundle(self, place: OfBundle, seen: Sequence[Seen]) -> list[MatchLine]:
        bundle, row = place
        arriving = self._arriving
        if arriving is None or arriving.bundle is not bundle:
            arriving = self._arriving = _Arriving(bundle, self.observer.fresh(bundle.digest.block))
        if row is None:
            self._arriving = None
            self._arrived(arriving)
            return []
        if not arriving.fresh[row]:
            return []
        arriving.images += [(row, s.position, s.kind, _image(s.result)) for s in seen if s.kind in IMAGE_KINDS]
        block = bundle.digest.block
        return self._looked_at(block.channel(row), block.ref(row), seen)

    def _arrived(self, arriving: _Arriving) -> None:
        """Takes in a bundle all of whose pictures have been looked at."""
        digest, fresh = arriving.bundle.digest, arriving.fresh
        self.tally.posts += int(np.count_nonzero(fresh))
        self.tally.attachments += int(digest.attached[0][fresh].sum())
        absent = [column[fresh[digest.absent[0]]] for column in digest.absent]
        self.tally.images += absent[0].size
        for reason, count in zip(digest.reasons, np.bincount(absent[3], minlength=len(digest.reasons)), strict=True):
            self._skip(Skipped(SkipCode.NOT_INCLUDED, reason), count=int(count))
        self.observer.add(digest.block, fresh, _pictures(arriving, absent))

    def _looked_at(self, channel: Pseudonym, ref: Pseudonym, seen: Sequence[Seen]) -> list[MatchLine]:
        self.tally.images += sum(picture.kind in IMAGE_KINDS for picture in seen)
        self.tally.recalled += sum(picture.recalled for picture in seen)
        found = [line for picture in seen for line in self._picture(channel, ref, picture)]
        self.matches += found
        self.tally.matches += len(found)
        return found

    def _picture(self, channel: Pseudonym, ref: Pseudonym, picture: Seen) -> list[MatchLine]:
        if isinstance(picture.result, Skipped):
            self._skip(picture.result, place=picture.path)
            return []
        found = self._bank.match(picture.result)
        return [MatchLine(channel, ref, picture.position, match) for match in found]

    def _skip(self, why: Skipped, *, count: int = 1, place: Path | None = None) -> None:
        if count:
            self._skipped[why.code, why.reason] += count
            self.tally.skipped += count
            if why.code is not SkipCode.NOT_INCLUDED:
                self.tally.miss(count, [f"{place}: {why.reason}"] if place else [])


def _pictures(arriving: _Arriving, absent: Sequence[NDArray[Any]]) -> Pictures:
    """The images of messages in their order, those that the source does not include and those that were looked at."""
    messages = arriving.bundle.digest.block.messages
    looked_at = [image for image in arriving.images if messages[image[0]]]
    post, position, document, _ = (column[messages[absent[0]]] for column in absent)
    rows, codes, digests = pictures([(row, kind, image) for row, _, kind, image in looked_at])
    positions = np.concatenate([position, np.array([image[1] for image in looked_at], np.int32)])
    columns = [np.concatenate(both) for both in zip(not_included(post, document), rows, strict=True)]
    order = np.lexsort((positions, columns[0]))
    return Pictures(tuple(column[order] for column in columns), codes, digests)


def _image(result: Fingerprint | Skipped) -> ImageSeen:
    if isinstance(result, Skipped):
        return ImageSeen(None, None, None, result)
    code, quality = (result.pdq.code, result.pdq.quality) if result.pdq else (None, None)
    return ImageSeen(code, quality, result.sha256, None)
