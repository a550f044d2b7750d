"""Forms: nothing of a picture is read where pictures are not taken."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from tutela.web.errors import BodyTooLarge, Busy, SwitchedOff
from tutela.web.uploads import Room, upload


def request(kind: str) -> Request:
    async def receive() -> Message:
        raise AssertionError("the body was read")

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}, receive)


def test_a_form_is_not_read_where_no_pictures_are_taken() -> None:
    with pytest.raises(SwitchedOff):
        asyncio.run(upload(request("multipart/form-data; boundary=x"), 10**9, taken=False))


def test_what_is_no_form_is_left_to_others() -> None:
    assert asyncio.run(upload(request("application/json"), 10**9, taken=False)) is None


def sending(*sizes: int) -> Request:
    """A request whose body comes in pieces of these sizes."""
    pieces = [bytes(size) for size in sizes]

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def test_bodies_of_strangers_have_so_much_memory_together() -> None:
    async def ask() -> None:
        room = Room(100)
        async with room.body(sending(40, 40), 80) as held:
            assert len(held) == 80
            async with room.body(sending(20), 80):
                with pytest.raises(Busy):
                    async with room.body(sending(1), 80):
                        pass
            with pytest.raises(Busy):
                async with room.body(sending(15, 15), 80):
                    pass
            with pytest.raises(BodyTooLarge):
                async with room.body(sending(10, 10), 15):
                    pass
            async with room.body(sending(20), 80):  # what was refused holds nothing
                pass
        async with room.body(sending(50, 50), 100) as held:
            assert len(held) == 100

    asyncio.run(ask())
