"""Which kind of source a path is, by what is in it."""

from collections.abc import Container, Iterator, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path

import ijson

from tutela.sources.account import Source, Tally
from tutela.sources.desktop import CHAT_LISTS, PRIVATE_SECTIONS, DesktopSource
from tutela.sources.errors import SourceError
from tutela.sources.events import Events, fields, skip
from tutela.sources.folder import FolderSource, media
from tutela.sources.ndjson import NdjsonSource
from tutela.sources.pseudonyms import Pseudonymiser
from tutela.sources.reading import FileSource
from tutela.sources.side import SIDE_FILES, side_items
from tutela.sources.streams import head
from tutela.sources.telethon import TelethonSource

_RESULT = "result.json"
_JSON_NAMES = frozenset({".json", ".ndjson", ".jsonl"})
_HEAD = 1 << 18
_LINES = 64  # so many lines may be broken before a file is given up
_LINE_TYPES = frozenset({"channel", "reading", "post"})
_KINDS = "a Telegram Desktop export in JSON, a Telethon dump, Tutela's NDJSON (docs/ndjson.md) or a folder of media"

_FOREIGN = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"{\0": "UTF-16",
    b"[\0": "UTF-16",
    b"\0{": "UTF-16",
    b"\0[": "UTF-16",
    b"\x1f\x8b": "compressed (gzip)",
    b"PK\3\4": "compressed (zip)",
}


def open_source(path: Path, pseudonyms: Pseudonymiser) -> Source:
    """The one source that a path is. Raises SourceError where there is none, or where there are several."""
    sources = open_sources(path, pseudonyms)
    if len(sources) > 1:
        raise SourceError(f"holds {len(sources)} sources", where=_shown(path), remedy="Name one of them")
    return sources[0]


def open_sources(path: Path, pseudonyms: Pseudonymiser) -> list[Source]:
    """The sources at a path, in the order of their names: itself, or those that a folder directly holds.

    A side file is read with the source that it lies next to; one that several share, with the first of them.
    Raises SourceError where nothing is there, nothing is recognised, or something cannot be read.
    """
    try:
        return _open(path, pseudonyms)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no proper path"
        raise SourceError(f"cannot be read ({reason})", where=_shown(path), remedy="Check the path") from error


def _open(path: Path, pseudonyms: Pseudonymiser) -> list[Source]:
    if path.is_file():
        return [_recognised(path)(path, pseudonyms, _side_files(path.parent))]
    if not path.is_dir():
        raise SourceError("there is nothing", where=_shown(path), remedy=f"Name {_KINDS}")
    shared = _side_files(path, path.parent)
    found = list(_beside(path) if (path / _RESULT).is_file() else _inside(path))
    if found:
        return [
            kind(file, pseudonyms, [*(_side_files(file.parent) if file.parent != path else ()), *(() if n else shared)])
            for n, (file, kind) in enumerate(found)
        ]
    tally = Tally(FolderSource.kind)
    if next(chain(side_items(_side_files(path), pseudonyms, tally), media(path, tally)), None) is None:
        raise SourceError("the folder holds no media and no export", where=_shown(path), remedy=f"Name {_KINDS}")
    return [FolderSource(path, pseudonyms, shared)]


def _beside(folder: Path) -> Iterator[tuple[Path, type[FileSource]]]:
    """The export of a folder, and further exports and dumps beside it: repeated ones, or parts of one."""
    yield folder / _RESULT, _recognised(folder / _RESULT)
    for entry in sorted(folder.iterdir()):
        if entry.name != _RESULT and (kind := _json_kind(entry)) is not None:
            yield entry, kind


def _inside(folder: Path) -> Iterator[tuple[Path, type[FileSource]]]:
    """The exports and dumps that a folder directly holds, and the exports in its folders."""
    for entry in sorted(folder.iterdir()):
        if (entry / _RESULT).is_file():
            yield entry / _RESULT, _recognised(entry / _RESULT)
        elif (kind := _json_kind(entry)) is not None:
            yield entry, kind


def _json_kind(file: Path) -> type[FileSource] | None:
    named = file.suffix.lower() in _JSON_NAMES and file.name not in SIDE_FILES
    return recognise(head(file, _HEAD)) if named and file.is_file() else None


def _side_files(*folders: Path) -> Sequence[Path]:
    """Of each kind of side file the one in the first of these folders that has it."""
    found = ([folder / name for folder in folders if (folder / name).is_file()][:1] for name in sorted(SIDE_FILES))
    return [path for paths in found for path in paths]


def _recognised(path: Path) -> type[FileSource]:
    start = head(path, _HEAD)
    if not start.strip():
        raise SourceError("the file is empty", where=_shown(path), remedy=f"Name {_KINDS}")
    if kind := recognise(start):
        return kind
    with path.open("rb") as file:
        first = file.read(4)
    if foreign := next((name for sign, name in _FOREIGN.items() if first.startswith(sign)), None):
        raise SourceError(f"the file is {foreign}", where=_shown(path), remedy="Unpack it, or convert it to UTF-8")
    raise SourceError("the file is no source that is known", where=_shown(path), remedy=f"Name {_KINDS}")


def recognise(start: bytes) -> type[FileSource] | None:
    """The kind of source that a file beginning with these bytes is; None for any other file."""
    first, *further = start.split(b"\n")
    many_lines = not first.lstrip().startswith(b"[") and first.strip() != b"{"
    texts = [start, *(further[:_LINES] if many_lines else ())]
    return next((kind for text in texts if (kind := _of_text(text))), None)


def _of_text(text: bytes) -> type[FileSource] | None:
    """The kind that the first JSON value of a text shows, as far as the text goes."""
    events = ijson.basic_parse(BytesIO(text), use_float=True)
    try:
        event, _ = next(events)
        if event == "start_array":
            return _of_array(events)
        return _of_object(events) if event == "start_map" else None
    except ijson.JSONError:
        return None


def _of_array(events: Events) -> type[FileSource] | None:
    for event, _ in events:
        if event != "start_map":
            skip(events, event)
        elif _of_object(events) is TelethonSource:
            return TelethonSource
    return None


def _of_object(events: Events) -> type[FileSource] | None:
    seen: set[str] = set()
    for key, event, value in fields(events):
        if key == "_" and event == "string":
            return TelethonSource
        if key == "type" and event == "string" and value in _LINE_TYPES:
            return NdjsonSource
        if _is_desktop(key, event, seen):
            return DesktopSource
        seen.add(key)
        skip(events, event)
    return None


def _is_desktop(key: str, event: str, seen: Container[str]) -> bool:
    """Other programs' files have lists of messages too, but not with a chat's type or number before them."""
    if key == "messages":
        return event == "start_array" and ("type" in seen or "id" in seen)
    if key in PRIVATE_SECTIONS:
        return event.startswith("start") and "about" in seen
    return key in CHAT_LISTS and event == "start_map"


def _shown(path: Path) -> str:
    return ascii(str(path))
