"""The offline verifier: it reads a log without trust, in one pass, and answers with what does not hold."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tutela.custody.errors import CustodyError
from tutela.custody.lines import MAX_LINE, Checkpoint, Event, JsonValue, parse_line
from tutela.custody.log import LOG_NAME
from tutela.custody.manifest import Manifest, Problem, compare_files, open_file, open_inside
from tutela.custody.merkle import MerkleTree
from tutela.custody.signing import verify_checkpoint

_MAX_PROBLEMS = 100
_MAX_WHAT = 300
_UNCLOSED = "not closed: the run was interrupted or the end was cut off"


@dataclass(frozen=True, slots=True)
class Verification:
    """What an offline check found. `ok` only with at least one event and without any problem.

    `events` counts the well-formed events. `root` is their tree hash (64 hex digits), `key` the public key whose
    signature holds (64 hex digits); each is empty where there is none. At most 100 problems are listed, and the last
    then says that there are more. Unless `ok`, root and key are hints for an inquiry and prove nothing.
    """

    ok: bool
    events: int
    root: str
    key: str
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, JsonValue]:
        """The same as plain JSON."""
        problems: list[JsonValue] = [asdict(problem) for problem in self.problems]
        return {"ok": self.ok, "events": self.events, "root": self.root, "key": self.key, "problems": problems}


def _printable(text: str) -> str:
    """Names and lines come from strangers: no control characters, no half characters, no endless text."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:_MAX_WHAT])


class _Reading:
    """What is known after some of the lines; its size does not grow with the events, only with the manifest."""

    def __init__(self, expected_key: bytes | None) -> None:
        self.expected_key = None if expected_key is None else expected_key.hex()
        self.problems: list[Problem] = []
        self.tree = MerkleTree()
        self.manifest = Manifest()
        self.next_seq = 0
        self.next_number = 0
        self.latest = datetime.min.replace(tzinfo=UTC)
        self.named_key = ""
        self.proved_key = ""
        self.closed = False

    def problem(self, where: str, what: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(_printable(where), _printable(what)))
        elif len(self.problems) == _MAX_PROBLEMS:
            self.problems.append(Problem("log", f"there are more problems than the {_MAX_PROBLEMS} listed"))

    def check(self, holds: bool, where: str, what: str) -> None:
        if not holds:
            self.problem(where, what)

    def read(self, file: BinaryIO) -> None:
        """All lines up to the first that is too long to be one."""
        number = 0
        while raw := file.readline(MAX_LINE + 1):
            number += 1
            self.line(f"line {number}", raw)
            if len(raw) > MAX_LINE:
                self.problem(f"line {number}", "nothing after it was read")
                return
        self.check(self.tree.size > 0, LOG_NAME, "no event is recorded")
        self.check(self.closed, LOG_NAME, _UNCLOSED)

    def line(self, where: str, raw: bytes) -> None:
        self.check(not self.closed, where, "comes after the closing checkpoint")
        if len(raw) <= MAX_LINE and not raw.endswith(b"\n"):
            self.problem(where, "is torn: it has no line end")
            return
        try:
            self.entry(where, raw.removesuffix(b"\n"))
        except CustodyError as error:
            self.problem(where, str(error))

    def entry(self, where: str, raw: bytes) -> None:
        entry = parse_line(raw)
        self.check(entry.at >= self.latest, where, "is dated before the line above it")
        self.latest = max(self.latest, entry.at)
        if isinstance(entry, Event):
            self.event(where, entry, raw)
        else:
            self.checkpoint(where, entry)

    def event(self, where: str, event: Event, raw: bytes) -> None:
        self.check(event.seq == self.next_seq, where, f"event {event.seq} stands where {self.next_seq} should")
        self.next_seq = event.seq + 1
        self.tree.append(raw)
        self.manifest.note(event)

    def checkpoint(self, where: str, checkpoint: Checkpoint) -> None:
        number, self.next_number = self.next_number, checkpoint.number + 1
        self.closed = self.closed or checkpoint.closed
        self.check(checkpoint.number == number, where, f"checkpoint {checkpoint.number} where {number} should be")
        self.check(checkpoint.size == self.tree.size, where, "does not cover exactly the events above it")
        self.check(checkpoint.root == self.tree.root().hex(), where, "the events above it are not those signed")
        self.key(where, checkpoint)

    def key(self, where: str, checkpoint: Checkpoint) -> None:
        self.named_key = self.named_key or checkpoint.key
        self.check(checkpoint.key == self.named_key, where, "is signed with another key than those above it")
        known = self.expected_key in (None, checkpoint.key)
        self.check(known, where, "is signed with another key than the one expected")
        if verify_checkpoint(checkpoint):
            self.proved_key = self.proved_key or checkpoint.key
        else:
            self.problem(where, "the signature does not hold")

    def add(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.problem(problem.where, problem.what)

    def verdict(self) -> Verification:
        events = self.tree.size
        root = self.tree.root().hex() if events else ""
        return Verification(not self.problems, events, root, self.proved_key, tuple(self.problems))


def _read_path(reading: _Reading, path: Path) -> None:
    if not path.is_dir():
        with open_file(path) as file:
            reading.read(file)
        return
    with open_inside(path, [LOG_NAME]) as file:
        reading.read(file)
    reading.add(compare_files(path, reading.manifest))


def verify(path: Path, *, public_key: bytes | None = None) -> Verification:
    """Checks an output folder (its log, and its files against the manifest) or a log alone. Needs no network.

    `public_key` is the 32-byte key that must have signed. Without it the answer says which key did, and whoever could
    replace the whole log could have signed it anew: then compare `key` or `root` with what is known from elsewhere.
    Whatever `path` holds, this returns; it raises for nothing that a file or folder can contain.
    """
    reading = _Reading(public_key)
    try:
        _read_path(reading, path)
    except OSError as error:
        reading.problem(LOG_NAME, f"cannot be read ({error.strerror})")
    return reading.verdict()
