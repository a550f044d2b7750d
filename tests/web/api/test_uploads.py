"""Forms: nothing of a picture is read where pictures are not taken."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from tutela.web.errors import SwitchedOff
from tutela.web.uploads import upload


def request(kind: str) -> Request:
    async def receive() -> Message:
        raise AssertionError("the body was read")

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}, receive)


def test_a_form_is_not_read_where_no_pictures_are_taken() -> None:
    with pytest.raises(SwitchedOff):
        asyncio.run(upload(request("multipart/form-data; boundary=x"), 10**9, taken=False))


def test_what_is_no_form_is_left_to_others() -> None:
    assert asyncio.run(upload(request("application/json"), 10**9, taken=False)) is None
