"""Files named on the command line, with their fingerprints."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutela.fingerprints import Result


def fingerprinted(paths: Sequence[Path]) -> Iterator[tuple[Path, "Result"]]:
    """Every file at `paths` with its fingerprint or why it has none. Folders stand for the files below them."""
    from tutela.fingerprints import Fingerprinter
    from tutela.media import Limits, read_file

    limits = Limits()

    with Fingerprinter(limits=limits) as fingerprinter:
        yield from fingerprinter.fingerprint_all((path, partial(read_file, path, limits)) for path in _files(paths))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(below for below in path.rglob("*") if below.is_file() and not _hidden(below, path))
        else:
            yield path


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
