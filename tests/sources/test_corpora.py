"""Real exports and a real dump, counted by a second, ten-line reader."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sources.conftest import channels
from tutela.model import AttachmentKind, ChannelKind, Post, PostKind
from tutela.sources import Pseudonymiser, open_source, open_sources

pytestmark = pytest.mark.corpora
DESKTOP = ["desktop-2020-private-channel.json", "desktop-2026-public-channel.json"]
DUMP = "telethon-2019-channel.json"


def read(corpora: Path, name: str) -> tuple[list[Post], Any]:
    """What the source yields, and the same file as plain JSON."""
    path = corpora / "telegram" / name
    source = open_source(path, Pseudonymiser(bytes(32)))
    posts = [item for item in source.read() if isinstance(item, Post)]
    account = source.account
    assert account.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (account.posts, account.repairs, account.refused, account.damaged) == (len(posts), 0, {}, 0)
    return posts, json.loads(path.read_bytes())


def text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(p if isinstance(p, str) else p["text"] for p in value)


def test_the_folder_gives_three_sources(corpora: Path) -> None:
    found = open_sources(corpora / "telegram", Pseudonymiser(bytes(32)))
    assert [(source.path.name, source.kind) for source in found] == [
        (DESKTOP[0], "telegram-desktop"),
        (DESKTOP[1], "telegram-desktop"),
        (DUMP, "telethon"),
    ]
    kinds = [channels(source)[0].kind for source in found]
    assert kinds == [ChannelKind.PRIVATE_CHANNEL, ChannelKind.PUBLIC_CHANNEL, ChannelKind.UNKNOWN]


@pytest.mark.parametrize("name", DESKTOP)
def test_desktop_exports_are_read_to_the_last_field(corpora: Path, name: str) -> None:
    posts, plain = read(corpora, name)
    messages = plain["messages"]
    assert [(p.id, p.kind.value, p.text) for p in posts] == [(m["id"], m["type"], text(m["text"])) for m in messages]
    assert [p.edited for p in posts] == ["edited" in m for m in messages]
    assert [p.when.local.isoformat() for p in posts if p.when.local] == [m["date"] for m in messages]
    assert [p.when.utc and int(p.when.utc.timestamp()) for p in posts] == [
        int(m["date_unixtime"]) if "date_unixtime" in m else None for m in messages
    ]
    assert sum(r.count for p in posts for r in p.reactions) == sum(
        r["count"] for m in messages for r in m.get("reactions", [])
    )
    photos = sum("photo" in m for m in messages)
    files = sum("file" in m for m in messages)
    kinds = Counter(a.kind for p in posts for a in p.attachments)
    assert (kinds[AttachmentKind.PHOTO], kinds.total()) == (photos, photos + files)
    assert len({p.author for p in posts}) == 1


def test_the_counts_of_the_desktop_exports(corpora: Path) -> None:
    counts = [Counter(a.kind for p in read(corpora, name)[0] for a in p.attachments) for name in DESKTOP]
    kinds = AttachmentKind
    assert counts[0] == {
        kinds.PHOTO: 5,
        kinds.IMAGE_DOCUMENT: 1,
        kinds.VOICE_MESSAGE: 1,
        kinds.AUDIO: 1,
        kinds.DOCUMENT: 1,
    }
    assert counts[1] == {kinds.PHOTO: 1, kinds.VIDEO: 5}


def test_the_dump_is_read_to_the_last_field(corpora: Path) -> None:
    posts, plain = read(corpora, DUMP)
    assert [(p.id, p.text) for p in posts] == [(m["id"], m.get("message", "")) for m in plain]
    assert [p.views for p in posts] == [m.get("views") for m in plain]
    assert [p.when.utc and p.when.utc.isoformat() for p in posts] == [m["date"] for m in plain]
    assert sum(p.kind is PostKind.SERVICE for p in posts) == sum(m["_"] == "MessageService" for m in plain) == 3
    medias = [m.get("media") or {} for m in plain]
    polls = [m for m in medias if m.get("_") == "MessageMediaPoll"]
    assert [p.poll.total_voters for p in posts if p.poll] == [m["results"]["total_voters"] for m in polls]
    assert [len(p.poll.answers) for p in posts if p.poll] == [len(m["poll"]["answers"]) for m in polls]
    assert [len(p.attachments) for p in posts] == [int(m.get("_") == "MessageMediaPhoto") for m in medias]
    rows = [row for m in plain for row in (m.get("reply_markup") or {}).get("rows", [])]
    assert [b for p in posts for b in p.buttons] == [b["text"] for row in rows for b in row["buttons"]]
    assert (len(posts), len(polls), sum(len(p.attachments) for p in posts)) == (29, 2, 2)
    assert [p.action for p in posts if p.action] == ["pin_message", "pin_message", "create_channel"]


def test_the_pixels_in_the_dump_go_no_further(corpora: Path) -> None:
    posts, plain = read(corpora, DUMP)
    raw = json.dumps(plain)
    assert "PhotoStrippedSize" in raw and '"bytes": [' in raw
    assert "Stripped" not in repr(posts) and "bytes" not in repr(posts).lower()
