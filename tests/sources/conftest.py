"""What the tests of sources share: one key, and small invented exports."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tutela.model import Channel, ChannelReading, Post
from tutela.sources import Pseudonymiser, Source, open_source

KEY = bytes(range(32))


@pytest.fixture(scope="session")
def pseudonyms() -> Pseudonymiser:
    return Pseudonymiser(KEY)


def message(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A Telegram Desktop message."""
    return {
        "id": number,
        "type": "message",
        "date": "2023-05-01T14:00:00",
        "date_unixtime": "1682942400",
        "from": "Garden club",
        "from_id": "channel777",
        "text": "",
    } | fields


def chat(*messages: Any, kind: str | None = "public_channel", number: Any = 777) -> dict[str, Any]:
    """A Telegram Desktop chat."""
    return {"name": "Garden club", "type": kind, "id": number, "messages": list(messages)}


def entry(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A Telethon message."""
    return {
        "_": "Message",
        "id": number,
        "peer_id": {"_": "PeerChannel", "channel_id": 777},
        "date": "2023-05-01T12:00:00+00:00",
        "message": "",
    } | fields


def exported(value: Any) -> str:
    """JSON as Telegram Desktop lays it out."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def opened(path: Path, content: Any) -> Source:
    """The source that a file with this content is; lists of lines become NDJSON, everything else JSON."""
    path.write_text(content if isinstance(content, str) else exported(content), encoding="utf-8")
    return open_source(path, Pseudonymiser(KEY))


def lines(*entries: Any) -> str:
    """NDJSON; strings go in as they are."""
    return "".join((e if isinstance(e, str) else json.dumps(e)) + "\n" for e in entries)


def posts(source: Source) -> list[Post]:
    return [item for item in source.read() if isinstance(item, Post)]


def channels(source: Source) -> list[Channel]:
    return [item for item in source.read() if isinstance(item, Channel)]


def readings(source: Source) -> list[ChannelReading]:
    return [item for item in source.read() if isinstance(item, ChannelReading)]


def numbers(found: Sequence[Post]) -> list[int]:
    return [post.id for post in found]
