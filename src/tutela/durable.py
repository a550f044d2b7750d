"""What makes a file and its name survive a power cut. Below every room, so that each that writes can call it."""

import os
from pathlib import Path

PRIVATE = 0o600
"""Mode of files that only their owner may read."""

_REPLACING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


def write_through(descriptor: int, content: bytes) -> None:
    """Appends all of it and waits until it is on disk. Raises OSError."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def replace(path: Path, content: bytes) -> None:
    """Puts a private file in the place of another or of none, whole or not at all, at once on disk. Raises OSError."""
    new = path.with_name(f".{path.name.lstrip('.')}.new")
    descriptor = os.open(new, _REPLACING, PRIVATE)
    try:
        write_through(descriptor, content)
    finally:
        os.close(descriptor)
    os.replace(new, path)  # noqa: PTH105 - beside its neighbours, by the name that is interrupted in tests
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on disk. Raises OSError.

    After a file was made, renamed or removed: syncing the file itself says nothing about its name.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
