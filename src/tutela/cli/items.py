"""Files named on the command line, with their fingerprints."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutela.fingerprints import Detail, Result


def fingerprinted(paths: Sequence[Path], detail: "Detail | None" = None) -> Iterator[tuple[Path, "Result"]]:
    """Every file at `paths` with its fingerprint or why it has none. Folders stand for the files below them.

    `detail` says how much is computed; by default what finds copies.
    """
    from tutela.fingerprints import Detail, Fingerprinter
    from tutela.media import Limits, read_file

    limits = Limits()

    with Fingerprinter(limits=limits, detail=detail or Detail.PLAIN) as fingerprinter:
        yield from fingerprinter.fingerprint_all((path, partial(read_file, path, limits)) for path in _files(paths))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        else:
            yield path


def _below(folder: Path) -> Iterator[Path]:
    """The files below a folder, while it is being listed, in the order of their names; not those that are hidden."""
    try:
        with os.scandir(folder) as listing:
            shown = [entry for entry in listing if not entry.name.startswith(".")]
    except OSError:
        yield folder  # reading it fails too, and says why
        return
    for entry in sorted(shown, key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(folder / entry.name)
        elif entry.is_file(follow_symlinks=False) or (entry.is_symlink() and (folder / entry.name).is_file()):
            yield folder / entry.name
