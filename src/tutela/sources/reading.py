"""What sources have in common, and those that are one file: one pass, counted, what side files tell first."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import ijson

from tutela.model import Post
from tutela.sources.account import Item, SourceAccount, Tally
from tutela.sources.files import Files
from tutela.sources.pseudonyms import Pseudonymiser
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


class FileSource(CountedSource):
    """One file that is read from its first byte to its last. Kinds of source fill in `_items`."""

    def __init__(self, path: Path, pseudonyms: Pseudonymiser, side_files: Sequence[Path] = ()) -> None:
        super().__init__(path, pseudonyms, side_files)
        self._files = Files(path.parent)

    def read(self) -> Iterator[Item]:
        """Everything in the file, in its order. Raises SourceError where it cannot be opened or read any more."""
        self._tally = tally = Tally(self.kind)
        yield from side_items(self._side_files, self._pseudonyms, tally)
        with MendedFile(self.path) as file:
            tally.mended = file
            try:
                for item in self._items(file, tally):
                    if isinstance(item, Post):
                        tally.posts += 1
                    yield item
            except ijson.JSONError:
                tally.damage(f"after post {tally.posts}")
            tally.sha256 = file.finish()

    def _items(self, file: MendedFile, tally: Tally) -> Iterator[Item]:
        raise NotImplementedError
