"""The files that a log answers for: an event for each when it is written, a comparison when it is verified.

A log is for everyone to see. Of a file that is not, it must not say a plain hash: whoever knows all of the file but one
number tries them all. So such a file has a salted commitment, and what opens it stands in a file of the same folder.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import msgspec

from tutela.custody.commitments import Opening, verify_opening
from tutela.custody.errors import CustodyError
from tutela.custody.lines import MAX_LINE, Event, canonical_json
from tutela.custody.log import LOG_NAME, CustodyLog

_WRITTEN, _COMMITTED, _OPENINGS = "output.written", "output.committed", "openings.written"
_OPENING_BYTES = 512  # the same for every line, or the size of the file, which is public, would tell of those inside
# Non-blocking, or a pipe in the place of a file would hold the verifier for ever.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class _Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class FileFacts(_Named, frozen=True, forbid_unknown_fields=True):
    """What the manifest says of one file: name below the folder with ``/``, bytes, SHA-256 as 64 hex digits."""

    size: int
    sha256: str


class _Opened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the file of openings; commitment and salt as hex digits."""

    commitment: str
    salt: str
    detail: FileFacts


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


def _facts(folder: Path, name: str) -> dict[str, int | str]:
    try:
        with open_inside(folder, _parts(name)) as file:
            return msgspec.structs.asdict(_file_facts(name, file))
    except OSError as error:
        raise CustodyError(f"cannot be read ({error.strerror})", where=ascii(name)) from error


def add_manifest(log: CustodyLog, folder: Path, names: Sequence[str]) -> None:
    """Records size and SHA-256 of each finished file. A name recorded twice counts as it was the last time.

    `names` are relative to `folder`, with ``/``. Raises CustodyError for a name that could lead out of the folder,
    for a link, and for a file that cannot be read; no event is then written for it or for those after it.
    """
    for name in names:
        log.record(_WRITTEN, _facts(folder, name))


def commit_manifest(log: CustodyLog, folder: Path, names: Sequence[str], openings: str) -> list[Opening]:
    """Records finished files that are not for publication: the log says of each its name, and commits to the rest.

    What opens the commitments is returned, and written into the file `openings` below `folder`, of which the log says
    what `add_manifest` would. Whoever has it can verify the files; it is for publication as little as they are. A log
    has one such file. Raises CustodyError like `add_manifest`, and where it cannot be written.
    """
    _parts(openings)
    kept: list[Opening] = []
    for name in names:
        opening = log.record(_COMMITTED, {"name": name}, {**_facts(folder, name)})
        if opening is not None:
            kept.append(opening)
    try:
        (folder / openings).write_bytes(b"".join(map(_opening_line, kept)))
    except OSError as error:
        raise CustodyError(f"cannot be written ({error.strerror})", where=openings) from error
    log.record(_OPENINGS, _facts(folder, openings))
    return kept


def _opening_line(opening: Opening) -> bytes:
    detail = msgspec.json.decode(opening.detail)
    line = {"commitment": opening.commitment.hex(), "salt": opening.salt.hex(), "detail": detail}
    return canonical_json(line).ljust(_OPENING_BYTES - 1) + b"\n"


class Manifest:
    """What the events of a log say of files: the last one of each name counts."""

    def __init__(self) -> None:
        self.files: dict[str, FileFacts | str] = {}
        """By name: what is said of a file, or the commitment to it, 64 hex digits."""
        self.openings = ""
        """The name of the file that holds what opens the commitments."""

    def note(self, event: Event) -> None:
        """Takes in what an event says of a file, if it says any. Raises CustodyError if that is no proper entry."""
        if event.act not in (_WRITTEN, _COMMITTED, _OPENINGS):
            return
        try:
            said = msgspec.convert(event.facts, _Named if event.act == _COMMITTED else FileFacts)
        except msgspec.ValidationError as error:
            raise CustodyError(f"is no proper entry of the manifest ({error})") from error
        _parts(said.name)
        if isinstance(said, FileFacts):
            self.files[said.name] = said
        elif event.commitment is not None:
            self.files[said.name] = event.commitment
        else:
            raise CustodyError("is no proper entry of the manifest (it commits to nothing)")
        if event.act == _OPENINGS:
            self.openings = said.name


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


def _opened(folder: Path, manifest: Manifest) -> dict[str, FileFacts]:
    """Commitment → what it truly commits to, as far as the file of openings is the one that was written."""
    written = manifest.files.get(manifest.openings)
    if not isinstance(written, FileFacts) or _difference(folder, written):
        return {}
    committed = {said for said in manifest.files.values() if isinstance(said, str)}
    found: dict[str, FileFacts] = {}
    with open_inside(folder, _parts(written.name)) as file:
        while raw := file.readline(MAX_LINE):
            try:
                line = msgspec.json.decode(raw, type=_Opened)
                commitment, salt = bytes.fromhex(line.commitment), bytes.fromhex(line.salt)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                continue
            if line.commitment in committed and verify_opening(commitment, salt, _plain(line.detail)):
                found[line.commitment] = line.detail
    return found


def _plain(facts: FileFacts) -> bytes:
    return canonical_json(msgspec.structs.asdict(facts))


def compare_files(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    """Each file that is changed, missing or added, or that cannot be compared, against what the log says."""
    opened = _opened(folder, manifest)
    for name, said in manifest.files.items():
        facts = opened.get(said) if isinstance(said, str) else said
        if facts is None or facts.name != name:
            yield Problem(name, "cannot be compared: the log only commits to it, and what opens that is not here")
        elif difference := _difference(folder, facts):
            yield Problem(name, difference)
    try:
        for name in _listing(folder):
            if name not in manifest.files and name != LOG_NAME:
                yield Problem(name, "added: the log does not know this file")
    except OSError as error:
        yield Problem("folder", f"cannot be listed in full ({error.strerror})")
