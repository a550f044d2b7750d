"""The border between Tutela and the confined process: a bounded binary protocol over two pipes.

Request: 8 bytes big-endian length of the media, 4 bytes that of what is asked about it (at most `QUESTION_BYTES`, often
nothing), then both. Answer: 1 byte code (0 done, else the number of a skip code), 4 bytes big-endian length, then at
most `ANSWER_BYTES` of result. No text crosses it.
"""

import os
import struct
import sys
from collections.abc import Callable

from tutela.media.confine import allow_cpu
from tutela.media.limits import Limits
from tutela.media.reasons import BORDER_CODES
from tutela.model import SkipCode

REQUEST_HEAD = struct.Struct(">QI")
QUESTION_BYTES = 64 * 1024
ANSWER_HEAD = 5
ANSWER_BYTES = 256 * 1024
READY = b"tutela-ready\n"

DONE = 0


def border_number(code: SkipCode) -> int:
    """The number that stands for a skip code on the border."""
    return BORDER_CODES.index(code) + 1


def serve(handle: Callable[[bytes, bytes], tuple[int, bytes]], limits: Limits) -> None:
    """The confined side's loop: answers requests on descriptors 0 and 1 until the other side hangs up.

    `handle` takes the media and what is asked about it.
    """
    _write_all(1, READY)
    while (head := _read_exactly(REQUEST_HEAD.size)) is not None:
        size, more = REQUEST_HEAD.unpack(head)
        if size > limits.file_bytes or more > QUESTION_BYTES:
            return  # the parent checks the sizes first: whoever sends this is not the parent
        data, question = _read_exactly(size), _read_exactly(more)
        if data is None or question is None:
            return
        allow_cpu(limits.cpu)
        code, answer = handle(data, question)
        del data
        _write_all(1, bytes([code]) + len(answer).to_bytes(4, "big") + answer)


def _read_exactly(size: int) -> bytes | None:
    """`size` bytes from descriptor 0; None where the other side hung up."""
    data = sys.stdin.buffer.read(size)
    return data if len(data) == size else None


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
