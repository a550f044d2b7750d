"""The output folder: what may be written where, and what becomes of an earlier run's custody log."""

from collections.abc import Iterable
from pathlib import Path

from tutela.custody import LOG_NAME, Checkpoint, CustodyError, parse_line
from tutela.scan.errors import ScanError

EARLIER = "earlier"
_OURS = frozenset(
    {"report.html", "report.json", "matches.ndjson", "measures", "evidence", "observations", EARLIER, LOG_NAME}
)


def prepare(out: Path, sources: Iterable[Path]) -> None:
    """Makes the folder. Raises `ScanError` where it holds somebody else's files or is part of a source."""
    place = out.resolve()
    for source in sources:
        read = source.resolve()
        if place == read or (read.is_dir() and read in place.parents):
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


def set_aside(out: Path) -> Checkpoint | None:
    """Moves the custody log of an earlier run to `earlier/`; its closing checkpoint, None where it has none."""
    log = out / LOG_NAME
    if not log.exists():
        return None
    (out / EARLIER).mkdir(exist_ok=True)
    number = 1 + sum(1 for _ in (out / EARLIER).iterdir())
    kept = out / EARLIER / f"custody-{number:04}.ndjson"
    log.rename(kept)
    return _closing(kept)


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
