"""A folder of media without any export around it."""

import os
from collections.abc import Iterator
from pathlib import Path

from tutela.model import Attachment, AttachmentKind, Channel, ChannelKind, Post, PostKind, When
from tutela.sources.account import Item, Part, Tally
from tutela.sources.files import Files, kind_by_name
from tutela.sources.reading import CountedSource
from tutela.sources.runs import Shelves
from tutela.sources.side import side_items

_NO_MEDIA = """
cfg conf css csv db doc docx htm html ini js json jsonl log md ndjson nfo ods odt parquet pdf ppt pptx py rtf sha1
sha256 sqlite srt tex toml tsv txt url vcf vtt xls xlsx xml yaml yml
"""
_NO_MEDIA_NAMES = frozenset(_NO_MEDIA.split())


class FolderSource(CountedSource):
    """Each file below `path` is a post with one attachment; hidden files and links are passed over."""

    kind = "folder"

    def parts(self, shelves: Shelves | None = None, *, defer: bool = False) -> Iterator[Part]:
        """See `Source`: no runs."""
        return self.read()

    def attachment(self, kind: AttachmentKind, name: str) -> Attachment:
        """See `Source`."""
        return Files(self.path).attachment(kind, name, None)

    def read(self) -> Iterator[Item]:
        """The folder as one channel, if it holds any files, and these, numbered from 1 in the order of their names."""
        self._tally = tally = Tally(self.kind)
        yield from side_items(self._side_files, self._pseudonyms, tally)
        channel = Channel(self._pseudonyms.channel(f"folder:{os.path.realpath(self.path)}"), ChannelKind.FOLDER)
        for number, attachment in enumerate(media(self.path, tally), 1):
            if number == 1:
                yield channel
            tally.posts = number
            yield Post(
                channel=channel.ref,
                id=number,
                ref=self._pseudonyms.post(channel.ref, number),
                kind=PostKind.MESSAGE,
                when=When(None, None),
                attachments=(attachment,),
            )


def media(folder: Path, tally: Tally) -> Iterator[Attachment]:
    """The files below a folder that may be media; a folder that cannot be listed counts as damage."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        tally.damage("a folder that cannot be listed")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from media(Path(entry.path), tally)
        elif entry.is_file(follow_symlinks=False) and not _is_text(entry.name):
            kind = kind_by_name(entry.name) or AttachmentKind.DOCUMENT
            yield Attachment(kind, path=Path(entry.path), size=_size(entry))


def _is_text(name: str) -> bool:
    _, dot, extension = name.rpartition(".")
    return bool(dot) and extension.lower() in _NO_MEDIA_NAMES


def _size(entry: "os.DirEntry[str]") -> int | None:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return None
