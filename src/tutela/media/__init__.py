"""Bytes → pixels: what a file is, how large it may be, decoding in a confined process."""

from tutela.media.errors import ConfinementError, MediaError
from tutela.media.files import read_file
from tutela.media.formats import FORMATS, recognise
from tutela.media.limits import Limits
from tutela.media.pool import Worker, WorkerPool
from tutela.media.reasons import skipped

__all__ = [
    "FORMATS",
    "ConfinementError",
    "Limits",
    "MediaError",
    "Worker",
    "WorkerPool",
    "read_file",
    "recognise",
    "skipped",
]
