"""Tutela's own form: what `docs/ndjson.md` promises, and that nothing else gets in."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sources.conftest import lines, numbers, opened, posts
from tutela.model import (
    Attachment,
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
    Forward,
    Link,
    LinkKind,
    Money,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Reaction,
    SkipCode,
    When,
)
from tutela.sources import Pseudonymiser
from tutela.sources.ndjson import ChannelLine, PostLine, ReadingLine

PAGE = Path(__file__).parents[2] / "docs" / "ndjson.md"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.ndjson"


def post(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"type": "post", "channel": "forum:1", "id": number} | fields


def test_all_that_a_line_can_say_arrives(path: Path, pseudonyms: Pseudonymiser) -> None:
    (path.parent / "a.jpg").write_bytes(b"x")
    full = post(
        5,
        kind="message",
        at="2023-05-01T14:00:00+02:00",
        author="forum:ada",
        forwarded={"channel": "-1000000000009"},
        reply_to=4,
        edited=True,
        text="hello",
        attachments=[{"kind": "photo", "path": "a.jpg", "size": 1}, {"kind": "video", "path": None}],
        album="x1",
        poll={"question": "?", "answers": [{"text": "Yes", "voters": 2}], "total_voters": 2, "closed": False},
        reactions=[{"emoji": "🔥", "count": 3}],
        buttons=["Buy"],
        views=7,
        forwards=1,
        action="pin_message",
        links=[{"channel": "@Roses", "kind": "mention"}, {"channel": 9}, {"channel": "channel9"}],
        reactors=["forum:bo", "forum:bo"],
        joined=["forum:cy", 5],
        paid={"amount": "-12.50", "currency": "EUR"},
        asked={"amount": "3", "currency": "USDT"},
    )
    [read] = posts(opened(path, lines(full)))
    ref = pseudonyms.channel("forum:1")
    missing = read.attachments[1].absent
    assert missing is not None and missing.code is SkipCode.NOT_INCLUDED
    assert read == Post(
        channel=ref,
        id=5,
        ref=pseudonyms.post(ref, 5),
        kind=PostKind.MESSAGE,
        when=When(datetime(2023, 5, 1, 12, tzinfo=UTC), None),
        author=pseudonyms.person("forum:ada"),
        forwarded=Forward(pseudonyms.channel("9")),
        reply_to=4,
        edited=True,
        text="hello",
        attachments=(
            Attachment(AttachmentKind.PHOTO, (path.parent / "a.jpg").resolve(), None, 1),
            Attachment(AttachmentKind.VIDEO, None, missing, None),
        ),
        album=pseudonyms.album(ref, "x1"),
        poll=Poll("?", (PollAnswer("Yes", 2),), 2, False, None),
        reactions=(Reaction("🔥", 3),),
        buttons=("Buy",),
        views=7,
        forwards=1,
        action="pin_message",
        links=(Link(LinkKind.MENTION, pseudonyms.channel("@roses")), Link(LinkKind.LINK, pseudonyms.channel("9"))),
        reactors=(pseudonyms.person("forum:bo"),),
        joined=(pseudonyms.person("forum:cy"), pseudonyms.person("5")),
        paid=Money(Decimal("-12.5"), "EUR"),
        asked=Money(Decimal(3), "USDT"),
    )


def test_links_are_found_in_the_text_where_a_line_gives_none(path: Path, pseudonyms: Pseudonymiser) -> None:
    found = posts(opened(path, lines(post(text="t.me/Roses"), post(2, text="t.me/Roses", links=[]))))
    assert [read.links for read in found] == [(Link(LinkKind.LINK, pseudonyms.channel("@roses")),), ()]


def test_a_line_that_is_no_json_is_mended_like_any_export(path: Path) -> None:
    source = opened(path, lines(post(1, text="one")).replace("one", "one\\x0C") + lines(post(2)))
    assert [read.text for read in posts(source)] == ["one\x0c", ""]
    assert (source.account.repairs, source.account.damaged) == (1, 0)


def test_channels_and_readings_arrive(path: Path, pseudonyms: Pseudonymiser) -> None:
    channel = {"type": "channel", "id": 1, "kind": "public_group", "aliases": ["@Roses"]}
    reading = {"type": "reading", "channel": 1, "at": "2023-05-01T12:00:00Z", "members": 0, "state": "restricted"}
    ref = pseudonyms.channel("1")
    assert list(opened(path, lines(channel, reading)).read()) == [
        Channel(ref, ChannelKind.PUBLIC_GROUP, (pseudonyms.channel("@roses"),)),
        ChannelReading(ref, datetime(2023, 5, 1, 12, tzinfo=UTC), 0, ChannelState.RESTRICTED),
    ]


def test_a_channel_without_a_line_of_its_own_is_told_once(path: Path, pseudonyms: Pseudonymiser) -> None:
    items = list(opened(path, lines(post(1), post(2))).read())
    assert items[0] == Channel(pseudonyms.channel("forum:1"), ChannelKind.UNKNOWN)
    assert [type(item) for item in items] == [Channel, Post, Post]


@pytest.mark.parametrize(
    ("forwarded", "origin"), [({}, None), ({"person": 5}, "person"), ({"channel": 5, "person": 6}, "channel")]
)
def test_forwards(path: Path, pseudonyms: Pseudonymiser, forwarded: Any, origin: str | None) -> None:
    [read] = posts(opened(path, lines(post(forwarded=forwarded))))
    assert read.forwarded == Forward(getattr(pseudonyms, origin)("5") if origin else None)


def test_a_time_without_a_zone_stays_local(path: Path) -> None:
    [read] = posts(opened(path, lines(post(at="2023-05-01T12:00:00"))))
    assert read.when == When(None, datetime.fromisoformat("2023-05-01T12:00:00"))


BAD = [
    "not json",
    "[]",
    "null",
    "{}",
    {"type": "story", "id": 1},
    {"type": "post", "channel": "x"},
    post(id=None),
    post(id="1"),
    post(id=1.5),
    post(id=2**63),
    post(surprise=1),
    post(at="yesterday"),
    post(at=5),
    post(views=-1),
    post(edited="no"),
    post(kind="msg"),
    post(action="Ada Example"),
    post(attachments=[{"kind": "hologram"}]),
    post(attachments=[{"path": "a.jpg"}]),
    post(reactions=[{"emoji": "x" * 17, "count": 1}]),
    post(channel=None),
    post(links=[{"kind": "link"}]),
    post(links=["@roses", {}]),
    post(reactors=[None]),
    post(paid={"amount": 5, "currency": "EUR"}),
    post(paid={"amount": "five", "currency": "EUR"}),
    post(paid={"amount": "1e999", "currency": "EUR"}),
    post(asked={"amount": "5", "currency": "euro"}),
    post(paid={"amount": "5", "currency": "IVANOV"}),
    post(asked={"amount": "5", "currency": "7012345678"}),
    post(asked={"amount": "5"}),
    {"type": "reading", "channel": "x", "at": "2023-05-01T12:00:00", "members": 1},
    {"type": "reading", "channel": "x", "at": "0001-01-01T00:00:00+10:00"},
    {"type": "reading", "channel": "x", "members": -1},
    {"type": "channel", "id": 1, "name": "Ada"},
    "[" * 100_000,
    '{"type": "post", "text": ' + "[" * 100_000,
    '{"type": "post", "channel": "x", "id": 1',
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_line_is_counted_and_named_by_its_number(path: Path, bad: Any) -> None:
    source = opened(path, lines(post(1), "", bad, post(4)))
    assert numbers(posts(source)) == [1, 4]
    assert (source.account.damaged, source.account.places) == (1, ("line 3",))


def test_places_are_named_up_to_a_limit_and_counted_beyond(path: Path) -> None:
    source = opened(path, lines(post(1), *["{"] * 500))
    assert numbers(posts(source)) == [1]
    assert (source.account.damaged, len(source.account.places)) == (500, 100)


def test_the_last_line_needs_no_end_and_any_end_will_do(path: Path) -> None:
    text = lines(post(1), post(2)).replace("\n", "\r\n").rstrip()
    source = opened(path, text)
    assert numbers(posts(source)) == [1, 2]
    assert source.account.damaged == 0


def test_a_line_without_end_is_dropped_instead_of_held(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.sources.streams._LONGEST_LINE", 300_000)
    tail = " " * 150_000 + json.dumps(post(2))  # a line of its own, were the beginning forgotten
    source = opened(path, lines(post(1), "x" * 310_000 + tail, post(3)) + "y" * 1_000_000)
    assert numbers(posts(source)) == [1, 3]
    assert source.account.places == ("line 2", "line 4")


def test_the_page_names_every_field_and_every_value() -> None:
    page = PAGE.read_text()
    for line in (ChannelLine, ReadingLine, PostLine):
        for name in line.__struct_fields__:
            assert f"`{name}`" in page, f"docs/ndjson.md does not speak of `{name}`"
    for kind in (ChannelKind, ChannelState, PostKind, AttachmentKind, LinkKind):
        for value in kind:
            assert f"`{value}`" in page, f"docs/ndjson.md does not speak of `{value}`"


def test_the_example_on_the_page_is_read_without_damage(path: Path) -> None:
    [example] = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    source = opened(path, example)
    assert len(posts(source)) == 2
    assert source.account.damaged == 0
