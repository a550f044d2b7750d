"""The files that posts name: where they are, or why they cannot be read."""

import os
import re
from functools import lru_cache
from pathlib import Path, PureWindowsPath

from tutela.model import Attachment, AttachmentKind, SkipCode, Skipped

_LEFT_OUT = re.compile(r"\((?:File|Photo|Video) (not included|unavailable|exceeds maximum size)[^()]*\)\Z")
_REASONS = {
    "not included": "the exporter was set to leave such files out",
    "unavailable": "the exporter could not get the file",
    "exceeds maximum size": "the file was larger than the exporter was set to take",
}
NOT_INCLUDED = Skipped(SkipCode.NOT_INCLUDED, "the source does not include the file")
_OUTSIDE = Skipped(SkipCode.OUTSIDE, "the path leads out of the source's folder")
_MISSING = Skipped(SkipCode.MISSING, "the file is not in the source's folder")

_IMAGES = """
apng avif bmp dib gif heic heif ico j2k jfif jp2 jpe jpeg jpg jxl pjpeg png psd svg tif tiff webp
"""
_VIDEOS = "3g2 3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"
_AUDIO = "aac aiff amr flac m4a mid midi mp3 oga ogg opus wav wma"
_KINDS = {
    extension: kind
    for kind, extensions in (
        (AttachmentKind.IMAGE_DOCUMENT, _IMAGES),
        (AttachmentKind.VIDEO, _VIDEOS),
        (AttachmentKind.AUDIO, _AUDIO),
    )
    for extension in extensions.split()
}


class Files:
    """The folder of one source. Nothing outside it is ever given out, whatever a post says."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(os.path.realpath(folder))

    def attachment(self, kind: AttachmentKind, name: str, size: int | None) -> Attachment:
        """The file that a post calls `name` (relative, or a sentence that it was left out; empty: not named)."""
        found = _left_out(name) or self._find(name)
        return (
            Attachment(kind, None, found, size) if isinstance(found, Skipped) else Attachment(kind, found, None, size)
        )

    def _find(self, name: str) -> Path | Skipped:
        if PureWindowsPath(name).anchor or ".." in re.split(r"[/\\]", name):
            return _OUTSIDE
        try:
            real = Path(os.path.realpath(self._folder / name))
        except ValueError:  # a zero byte, or half a character
            return _MISSING
        if not real.is_relative_to(self._folder):
            return _OUTSIDE
        return real if os.path.isfile(real) else _MISSING  # noqa: PTH113 - `is_file` raises for a name that is too long


@lru_cache(256)
def _left_out(name: str) -> Skipped | None:
    """Why a source does not have a file at all; None for one that it may have."""
    if not name:
        return NOT_INCLUDED
    sentence = _LEFT_OUT.search(name)
    return Skipped(SkipCode.NOT_INCLUDED, _REASONS[sentence[1]]) if sentence else None


def kind_by_name(name: str) -> AttachmentKind | None:
    """What a file's extension says that it is; None for any other."""
    return _KINDS.get(name.rpartition(".")[2].lower())


def kind_by_type(mime: str, name: str) -> AttachmentKind:
    """What a MIME type says a document is, or where it says nothing, its name."""
    family = mime.partition("/")[0].lower()
    by_type = {"image": AttachmentKind.IMAGE_DOCUMENT, "video": AttachmentKind.VIDEO, "audio": AttachmentKind.AUDIO}
    if family in by_type:
        return by_type[family]
    return kind_by_name(name) or AttachmentKind.DOCUMENT
