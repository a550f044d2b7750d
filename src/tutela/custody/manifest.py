"""The files that a log answers for: an event for each when it is written, a comparison when it is verified."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import msgspec

from tutela.custody.errors import CustodyError
from tutela.custody.lines import Event
from tutela.custody.log import LOG_NAME, CustodyLog

_WRITTEN = "output.written"
# Non-blocking, or a pipe in the place of a file would hold the verifier for ever.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the manifest says of one file: name below the folder with ``/``, bytes, SHA-256 as 64 hex digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold: `where` is a line or a file, `what` a sentence for people."""

    where: str
    what: str


def _parts(name: str) -> list[str]:
    parts = name.split("/")
    if name == LOG_NAME or "\\" in name or not name.isprintable() or not {"", ".", ".."}.isdisjoint(parts):
        raise CustodyError("is no plain relative name of an output file", where=ascii(name))
    return parts


def _regular(descriptor: int) -> BufferedReader:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(None, "not a regular file")
    return open(descriptor, "rb")


def open_file(path: Path) -> BufferedReader:
    """Opens a regular file, never a pipe or a device. Raises OSError."""
    return _regular(os.open(path, _READ & ~os.O_NOFOLLOW))


def _step(name: str, folder: int) -> int:
    try:
        return os.open(name, _READ, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(error.errno, "a link, and links are not followed") from error
        raise
    finally:
        os.close(folder)


def open_inside(folder: Path, parts: Sequence[str]) -> BufferedReader:
    """Opens a regular file below `folder` one name at a time, so that no link can lead out. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts:
        descriptor = _step(part, descriptor)
    return _regular(descriptor)


def _file_facts(name: str, file: BufferedReader) -> FileFacts:
    digest = hashlib.file_digest(file, "sha256")
    return FileFacts(name, file.tell(), digest.hexdigest())


def add_manifest(log: CustodyLog, folder: Path, names: Sequence[str]) -> None:
    """Records size and SHA-256 of each finished file. A name recorded twice counts as it was the last time.

    `names` are relative to `folder`, with ``/``. Raises CustodyError for a name that could lead out of the folder,
    for a link, and for a file that cannot be read; no event is then written for it or for those after it.
    """
    for name in names:
        try:
            with open_inside(folder, _parts(name)) as file:
                facts = _file_facts(name, file)
        except OSError as error:
            raise CustodyError(f"cannot be read ({error.strerror})", where=ascii(name)) from error
        log.record(_WRITTEN, msgspec.structs.asdict(facts))


def manifest_entry(event: Event) -> FileFacts | None:
    """What an event says of an output file; None for other acts. Raises CustodyError if it is no proper entry."""
    if event.act != _WRITTEN:
        return None
    try:
        entry = msgspec.convert(event.facts, FileFacts)
    except msgspec.ValidationError as error:
        raise CustodyError(f"is no proper entry of the manifest ({error})") from error
    _parts(entry.name)
    return entry


def _listing(folder: Path) -> Iterator[str]:
    """Names of all that is no folder below `folder`. Links are named, never followed."""
    pending = [""]
    while pending:
        inside = pending.pop()
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                name = inside + entry.name
                if entry.is_dir(follow_symlinks=False):
                    pending.append(name + "/")
                else:
                    yield name


def _difference(folder: Path, said: FileFacts) -> str | None:
    try:
        with open_inside(folder, _parts(said.name)) as file:
            # The size first: a file that was blown up is not read to its end.
            same = os.fstat(file.fileno()).st_size == said.size and _file_facts(said.name, file) == said
    except FileNotFoundError:
        return "missing: the log says that this file was written"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if same else "changed: the file is not what the log says was written"


def compare_files(folder: Path, manifest: Mapping[str, FileFacts]) -> Iterator[Problem]:
    """Each file that is changed, missing or added, against what the log says."""
    for said in manifest.values():
        if difference := _difference(folder, said):
            yield Problem(said.name, difference)
    try:
        for name in _listing(folder):
            if name not in manifest and name != LOG_NAME:
                yield Problem(name, "added: the log does not know this file")
    except OSError as error:
        yield Problem("folder", f"cannot be listed in full ({error.strerror})")
