"""Bytes that survive a power cut."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutela.collect.errors import CollectError
from tutela.durable import sync_folder

PRIVATE = 0o600
"""Mode of every file: what is collected is as sensitive as an export."""

_REPLACING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


def write_through(descriptor: int, content: bytes) -> None:
    """Appends all of it and waits until it is on disk. Raises OSError."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def replace(path: Path, content: bytes) -> None:
    """Puts a file in the place of another, whole or not at all, at once on disk. Raises OSError."""
    new = path.with_name(f".{path.name.lstrip('.')}.new")
    descriptor = os.open(new, _REPLACING, PRIVATE)
    try:
        write_through(descriptor, content)
    finally:
        os.close(descriptor)
    os.replace(new, path)  # noqa: PTH105 - beside its neighbours, by the name that is interrupted in tests
    sync_folder(path.parent)


@contextmanager
def explained(path: Path, option: str = "--out") -> Iterator[None]:
    """Turns an OSError into a `CollectError` that says what to do about what the `option` named."""
    try:
        yield
    except OSError as error:
        raise CollectError(
            f"cannot be written ({error.strerror})",
            where=ascii(path.name),
            remedy=f"Make room or choose another {option}, and run again: what was acknowledged is kept",
        ) from error
