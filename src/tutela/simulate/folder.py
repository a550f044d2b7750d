"""The folder of an invented world: written once, kept once its story is told to the end, never somebody else's."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from tutela.durable import replace
from tutela.simulate.errors import SimulateError

_MARK = ".tutela-demo"
_TOLD = "story.json"


class Story(msgspec.Struct, frozen=True):
    """Which story a folder tells; each kind of world adds what must be found in it."""

    edition: int
    seed: int


_S = TypeVar("_S", bound=Story)
_T = TypeVar("_T")


def told(folder: Path, kind: type[_S], edition: int, seed: int, write: Callable[[], _S]) -> _S:
    """The story of the world below `folder`. Where it is another one, or was interrupted, `write` tells it anew.

    Whether the rest of the folder is still as it was written is not looked at. Raises `SimulateError` where the folder
    cannot be used, or holds what no demo wrote.
    """
    story = read_whole(folder / _TOLD, kind)
    if story is None or (story.edition, story.seed) != (edition, seed):
        _clear(folder)
        story = write()
        replace(folder / _TOLD, msgspec.json.encode(story))
    return story


def read_whole(path: Path, kind: type[_T]) -> _T | None:
    """What a file of JSON says; None where there is none, or it is torn or something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError):  # of which msgspec's errors are
        return None


def _clear(folder: Path) -> None:
    """Makes the folder, or empties one that bears the mark, which comes first and never goes."""
    mark = folder / _MARK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not mark.exists() and any(folder.iterdir()):
            raise SimulateError("holds files that no demo wrote", where=str(folder), remedy="Choose another --data")
        mark.touch()
        for entry in [entry for entry in folder.iterdir() if entry != mark]:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    except OSError as error:
        raise SimulateError(
            f"the folder cannot be used ({error.strerror})", where=str(folder), remedy="Choose another --data"
        ) from error
