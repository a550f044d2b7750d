"""What sources have in common, and those that are one file: one pass, counted, what side files tell first."""

from collections.abc import Iterator, Sequence, Sized
from pathlib import Path
from typing import ClassVar

import ijson

from tutela.model import Attachment, AttachmentKind, Post, Pseudonym
from tutela.sources.account import Item, Part, SourceAccount, Tally
from tutela.sources.files import Files
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.runs import Run, Shelves
from tutela.sources.side import side_items
from tutela.sources.streams import MendedFile


class CountedSource:
    """What is known of every source: where it is, and what its latest reading came to."""

    kind: ClassVar[str]

    def __init__(self, path: Path, pseudonyms: Pseudonymiser, side_files: Sequence[Path] = ()) -> None:
        self.path = path
        self._pseudonyms = pseudonyms
        self._side_files = side_files
        self._tally = Tally(self.kind)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path.name!r})"

    @property
    def account(self) -> SourceAccount:
        """What the latest reading came to, or has come to so far."""
        return self._tally.close()

    def run(self, channel: Pseudonym, texts: Sequence[bytes]) -> Run:
        """See `Source`."""
        raise NotImplementedError  # by kinds of source whose runs have texts


class FileSource(CountedSource):
    """One file that is read from its first byte to its last. Kinds of source fill in `_items`, or `_parts`."""

    def __init__(self, path: Path, pseudonyms: Pseudonymiser, side_files: Sequence[Path] = ()) -> None:
        super().__init__(path, pseudonyms, side_files)
        self._files = Files(path.parent)

    def read(self) -> Iterator[Item]:
        """Everything in the file, in its order. Raises SourceError where it cannot be opened or read any more."""
        for part in self._everything(None, defer=False):
            for item in part.posts if isinstance(part, Run) else (part,):
                if isinstance(item, Post):
                    self._tally.posts += 1
                    yield item
                elif not isinstance(item, Sized):
                    yield item

    def parts(self, shelves: Shelves | None = None, *, defer: bool = False) -> Iterator[Part]:
        """See `Source`."""
        for part in self._everything(shelves, defer=defer):
            if isinstance(part, Post):
                self._tally.posts += 1
            elif isinstance(part, Sized):
                self._tally.posts += len(part)
            yield part

    def _everything(self, shelves: Shelves | None, *, defer: bool) -> Iterator[Part]:
        self._tally = tally = Tally(self.kind)
        yield from side_items(self._side_files, self._pseudonyms, tally)
        with MendedFile(self.path) as file:
            tally.mended = file
            try:
                yield from self._parts(file, tally, shelves, defer=defer)
            except ijson.JSONError:
                tally.damage(f"after post {tally.posts}")
            tally.sha256 = file.finish()

    def attachment(self, kind: AttachmentKind, name: str) -> Attachment:
        """See `Source`."""
        return self._files.attachment(kind, name, None)

    def _parts(self, file: MendedFile, tally: Tally, shelves: Shelves | None, *, defer: bool) -> Iterator[Part]:
        """For a kind of source that knows no runs: its items."""
        return self._items(file, tally)

    def _items(self, file: MendedFile, tally: Tally) -> Iterator[Item]:
        raise NotImplementedError
