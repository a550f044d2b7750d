"""Reading one media file into memory, within the limits and without waiting for pipes or devices."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from tutela.media.limits import Limits
from tutela.media.reasons import skipped
from tutela.model import SkipCode, Skipped

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_file(path: Path, limits: Limits) -> bytes | Skipped:
    """The bytes of a regular file, or why they cannot be had. Never more than `limits.file_bytes`."""
    try:
        with os.fdopen(os.open(path, _READ), "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                return skipped(SkipCode.UNREADABLE, "no regular file")
            data = _content(file, state.st_size, limits.file_bytes) if state.st_size <= limits.file_bytes else None
    except FileNotFoundError:
        return skipped(SkipCode.MISSING)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        return skipped(
            SkipCode.UNREADABLE, os.strerror(error.errno) if isinstance(error, OSError) and error.errno else ""
        )
    if data is None or len(data) > limits.file_bytes:
        return skipped(SkipCode.TOO_LARGE, f"{limits.file_bytes // 2**20} MiB")
    return data


def _content(file: BinaryIO, size: int, most: int) -> bytes:
    """All of a file that should hold `size` bytes, at most one byte more than `most`."""
    data = file.read(size + 1)  # asking for `most` at once would take memory for it, which costs more than the reading
    return data if len(data) <= size else data + file.read(most + 1 - len(data))
