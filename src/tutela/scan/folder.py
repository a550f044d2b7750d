"""The output folder: what may be written where, and what becomes of an earlier run's custody log."""

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tutela.custody import LOG_NAME, Checkpoint, CustodyError, parse_line
from tutela.scan.errors import ScanError

EARLIER = "earlier"
_KEPT = re.compile(r"custody-([0-9]+)\.ndjson")
_OURS = frozenset(
    {"report.html", "report.json", "matches.ndjson", "measures", "evidence", "observations", EARLIER, LOG_NAME}
)


def prepare(out: Path, sources: Iterable[Path]) -> None:
    """Makes the folder. Raises `ScanError` where it holds somebody else's files, or lies in a source or around one.

    A source need not be there yet.
    """
    place = out.resolve()
    for source in sources:
        read = source.resolve()
        if read == place or read in place.parents or place in read.parents:
            raise ScanError(
                "the report would be written into what is read", where=str(out), remedy="Choose another --out"
            )
    try:
        out.mkdir(parents=True, exist_ok=True)
        foreign = sorted(entry.name for entry in out.iterdir() if entry.name not in _OURS)
    except OSError as error:
        raise ScanError(
            f"the folder cannot be used ({error.strerror})", where=str(out), remedy="Choose another --out"
        ) from error
    if foreign:
        raise ScanError(
            f"the folder holds files that no scan wrote ({foreign[0]!r}, for one)",
            where=str(out),
            remedy="Choose an empty or a new folder",
        )


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Nobody else scans into the folder until the block ends. Raises `ScanError` where somebody does already."""
    held = os.open(out, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives have no locks
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ScanError(
                    "another scan is writing into this folder", where=str(out), remedy="Wait, or choose another --out"
                ) from None
        yield
    finally:
        os.close(held)


def set_aside(out: Path) -> Checkpoint | None:
    """Moves the custody log of an earlier run to `earlier/`; its closing checkpoint, None where it has none."""
    log = out / LOG_NAME
    try:
        if not log.exists():
            return None
        closing = _closing(log)
        (out / EARLIER).mkdir(exist_ok=True)
        numbers = (int(found[1]) for path in (out / EARLIER).iterdir() if (found := _KEPT.fullmatch(path.name)))
        kept = out / EARLIER / f"custody-{1 + max(numbers, default=0):04}.ndjson"
        kept.touch(exist_ok=False)  # a rename takes the place of whatever has the name: it must be ours
        log.rename(kept)
    except OSError as error:
        raise ScanError(
            f"the custody log of an earlier run cannot be kept in {EARLIER}/ ({error.strerror})",
            where=str(out),
            remedy="Choose another --out",
        ) from error
    return closing


def earlier_logs(out: Path) -> list[str]:
    """Names, below `out`, of the custody logs of earlier runs."""
    folder = out / EARLIER
    return sorted(f"{EARLIER}/{path.name}" for path in folder.iterdir()) if folder.is_dir() else []


def _closing(log: Path) -> Checkpoint | None:
    last = b""
    with log.open("rb") as file:
        for line in file:
            last = line
    try:
        entry = parse_line(last.removesuffix(b"\n"))
    except CustodyError:
        return None
    return entry if isinstance(entry, Checkpoint) and entry.closed else None
