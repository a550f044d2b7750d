"""What a scan gathers while posts stream by: observations, matches, what was skipped."""

from collections import Counter
from collections.abc import Sequence

from tutela.bank import Bank
from tutela.measures import ImageSeen, Observer
from tutela.model import IMAGE_KINDS, Channel, ChannelReading, Fingerprint, Post, Report, SkipCode, Skipped
from tutela.report import MatchLine, SkippedLine
from tutela.scan.pictures import Seen
from tutela.scan.progress import Tally
from tutela.sources import Item


class Findings:
    """Everything the report is made of, but the sources' own accounts."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.observer = Observer()
        self.tally = Tally()
        self.matches: list[MatchLine] = []
        self._skipped: Counter[tuple[SkipCode, str]] = Counter()

    def add(self, item: Item, pictures: Sequence[Seen]) -> list[MatchLine]:
        """Takes in one item of a source; the matches among its pictures.

        A post that came before, in an overlapping source, counts once.
        """
        match item:
            case Post():
                return self._post(item, pictures)
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

    def _post(self, post: Post, pictures: Sequence[Seen]) -> list[MatchLine]:
        images = [_seen(each.result) for each in pictures if post.attachments[each.position].kind in IMAGE_KINDS]
        if not self.observer.post(post, images):
            return []
        self.tally.posts += 1
        self.tally.attachments += len(post.attachments)
        if not pictures:
            return []
        self.tally.images += len(images)
        self.tally.recalled += sum(picture.recalled for picture in pictures)
        found = [line for picture in pictures for line in self._picture(post, picture)]
        self.matches += found
        self.tally.matches += len(found)
        return found

    def _picture(self, post: Post, picture: Seen) -> list[MatchLine]:
        if isinstance(picture.result, Skipped):
            self._skip(picture.result)
            return []
        found = self._bank.match(picture.result)
        return [MatchLine(post.channel, post.ref, picture.position, match) for match in found]

    def _skip(self, why: Skipped) -> None:
        self._skipped[why.code, why.reason] += 1
        self.tally.skipped += 1
        self.tally.unreadable += why.code is not SkipCode.NOT_INCLUDED


def _seen(result: Fingerprint | Skipped) -> ImageSeen:
    if isinstance(result, Skipped):
        return ImageSeen(None, None, None, result)
    code, quality = (result.pdq.code, result.pdq.quality) if result.pdq else (None, None)
    return ImageSeen(code, quality, result.sha256, None)
