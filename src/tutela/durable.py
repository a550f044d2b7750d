"""What it takes for a file's name to survive a power cut. Below every room, so that each that writes can call it."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on disk. Raises OSError.

    After a file was made, renamed or removed: syncing the file itself says nothing about its name.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
