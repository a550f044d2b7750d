"""Bodies of requests, within limits. Files that come in a form stay in memory; nothing is ever written to a disk."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from tutela.web.errors import BodyTooLarge, Busy, NotUnderstood, SwitchedOff

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_FORM_EXTRA = 64 * 1024
"""Bytes that a form may have around its file."""

_PARTS = 10
_BOUNDARY = 200

logging.getLogger("python_multipart").setLevel(logging.ERROR)  # it quotes what was sent


class Upload(NamedTuple):
    """A file that came in a form: the name of its field, and what is in it. Its own name is not read."""

    field: str
    data: bytes


async def body(request: Request, most: int) -> bytes:
    """The whole body. Raises `BodyTooLarge` as soon as it is more than `most` bytes."""
    _refuse_long(request, most)
    whole = bytearray()
    async for piece in _limited(request, most):
        whole += piece
    return bytes(whole)


class Room:
    """Memory for bodies of requests that nobody is known to stand behind: so many bytes for all of them together.

    A body takes what of it is there, so that a slow one takes little. For one event loop.
    """

    def __init__(self, most: int) -> None:
        self._left = most

    @asynccontextmanager
    async def body(self, request: Request, most: int) -> AsyncGenerator[bytes, None]:
        """The whole body, which takes its room until the block ends. Raises `Busy`, or as `body` does."""
        _refuse_long(request, most)
        whole = bytearray()
        try:
            async for piece in _limited(request, most):
                if len(piece) > self._left:
                    raise Busy
                self._left -= len(piece)
                whole += piece
            yield bytes(whole)
        finally:
            self._left += len(whole)


async def upload(request: Request, most: int, *, taken: bool = True) -> Upload | None:
    """The one file of a multipart form of at most `most` bytes; None where the body is no such form, or has no file.

    Raises `SwitchedOff` for any form, of which nothing is read, where no files are `taken`; `BodyTooLarge`; or
    `NotUnderstood` for a broken form and for two files.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        return None
    if not taken:
        raise SwitchedOff("this service takes no pictures", remedy="Send fingerprints, or ask its operator")
    _refuse_long(request, most + _FORM_EXTRA)
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _BOUNDARY:
        raise _unreadable()
    form = _Form()
    parser = MultipartParser(boundary, form.callbacks())
    try:
        async for piece in _limited(request, most + _FORM_EXTRA):
            parser.write(piece)
        parser.finalize()
    except (MultipartParseError, UnicodeDecodeError):
        raise _unreadable() from None
    found = form.upload()
    if found is not None and len(found.data) > most:
        raise _too_large(most)
    return found


class _Form:
    """What the parser found so far."""

    def __init__(self) -> None:
        self._files: list[tuple[str, bytearray]] = []
        self._parts = 0
        self._complete = False
        self._name, self._value = bytearray(), bytearray()
        self._data: bytearray | None = None

    def callbacks(self) -> "MultipartCallbacks":
        """For `MultipartParser`."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_part_data": self._more,
            "on_end": self._end,
        }

    def upload(self) -> Upload | None:
        """The file. Raises `NotUnderstood` where the form broke off, or has two."""
        if not self._complete or len(self._files) > 1:
            raise _unreadable()
        return Upload(self._files[0][0], bytes(self._files[0][1])) if self._files else None

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise _unreadable()
        self._data = None

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            if b"filename" in options or b"filename*" in options:
                self._data = bytearray()
                self._files.append((options.get(b"name", b"").decode(), self._data))
        self._name.clear()
        self._value.clear()

    def _more(self, data: bytes, start: int, end: int) -> None:
        if self._data is not None:
            self._data += data[start:end]

    def _end(self) -> None:
        self._complete = True


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise _too_large(most)
            yield piece
    except ClientDisconnect:
        raise NotUnderstood("the request broke off") from None


def _refuse_long(request: Request, most: int) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
        raise _too_large(most)


def _unreadable() -> NotUnderstood:
    return NotUnderstood("the form cannot be read", remedy="Send multipart/form-data with one file")


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body has more than {most:,} bytes", remedy="Send less at once")
