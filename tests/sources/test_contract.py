"""What holds for every kind of source."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import msgspec
import pytest

from sources.conftest import KEY, chat, entry, exported, lines, message
from tutela.model import Channel, ChannelReading, Post
from tutela.sources import Pseudonymiser, Source, SourceAccount, open_source

NAMES = ("Ada", "Garden", "club", "4242424242", "777000111")
PSEUDONYM = re.compile(r"(ch|pe|po|al)-[0-9a-f]{20}")


def leaves(value: object, field: str = "") -> Iterator[tuple[str, object]]:
    """Every plain value in what a source yields, with the name of its field."""
    if is_dataclass(value) or isinstance(value, msgspec.Struct):
        names = value.__struct_fields__ if isinstance(value, msgspec.Struct) else [f.name for f in fields(value)]
        for name in names:
            yield from leaves(getattr(value, name), name)
    elif isinstance(value, tuple):
        for element in value:
            yield from leaves(element, field)
    else:
        yield field, value


class SourceContract:
    """Inherit it and say how a source of your kind is made."""

    kind: str

    def make(self, folder: Path) -> Path:
        """Writes a source of at least three posts in which the names above occur; gives its path."""
        raise NotImplementedError

    @pytest.fixture
    def source(self, tmp_path: Path, pseudonyms: Pseudonymiser) -> Source:
        path = self.make(tmp_path / "Ada's Garden club 777000111")
        (tmp_path / "channels.json").write_text(json.dumps([{"id": "Garden club", "members": 5}]))
        return open_source(path, pseudonyms)

    def test_it_is_recognised(self, source: Source) -> None:
        assert source.kind == source.account.kind == self.kind

    def test_reading_twice_gives_the_same(self, source: Source) -> None:
        first, account = list(source.read()), source.account
        assert (list(source.read()), source.account) == (first, account)
        assert len([item for item in first if isinstance(item, Post)]) >= 3

    def test_a_channel_comes_before_its_posts(self, source: Source) -> None:
        seen = set()
        for item in source.read():
            if isinstance(item, Channel):
                seen.add(item.ref)
            elif isinstance(item, Post):
                assert item.channel in seen

    def test_the_side_file_is_read(self, source: Source) -> None:
        assert [item.members for item in source.read() if isinstance(item, ChannelReading)][:1] == [5]

    def test_the_account_counts_what_was_yielded(self, source: Source) -> None:
        yielded = 0
        for item in source.read():
            yielded += isinstance(item, Post)
            assert source.account.posts == yielded
        assert source.account.posts == yielded >= 3
        assert (source.account.damaged, source.account.repairs) == (0, 0)

    def test_before_reading_nothing_is_counted(self, source: Source) -> None:
        assert source.account == SourceAccount(self.kind, None, 0, 0, {}, 0)

    def test_the_hash_is_that_of_the_file(self, source: Source) -> None:
        for _ in source.read():
            pass
        expected = hashlib.sha256(source.path.read_bytes()).hexdigest() if source.path.is_file() else None
        assert source.account.sha256 == expected

    def test_stopping_early_leaves_no_hash_and_no_open_file(self, source: Source) -> None:
        reading = source.read()
        next(item for item in reading if isinstance(item, Post))
        reading.close()  # type: ignore[attr-defined]
        assert (source.account.posts, source.account.sha256) == (1, None)

    def test_refs_are_pseudonyms_and_all_different(self, source: Source) -> None:
        refs = []
        for item in source.read():
            named = [item.channel, item.ref] if isinstance(item, Post) else [getattr(item, "ref", None) or item.channel]
            assert all(PSEUDONYM.fullmatch(name) for name in named)
            refs += [item.ref] if isinstance(item, Post) else []
        assert len(set(refs)) == len(refs)

    def test_no_name_or_number_of_anyone_gets_out_but_in_text(self, source: Source) -> None:
        for item in source.read():
            for field, value in leaves(item):
                if field not in ("text", "path"):
                    assert not any(name in str(value) for name in NAMES), field
        shown = f"{source!r} {source.account!r}".replace(repr(source.path.name), "")
        assert not any(name in shown for name in NAMES)

    def test_another_key_gives_other_refs(self, source: Source) -> None:
        other = open_source(source.path, Pseudonymiser(KEY[::-1]))
        refs = [{item.ref for item in each.read() if isinstance(item, Post)} for each in (source, other)]
        assert refs[0].isdisjoint(refs[1])


class TestDesktop(SourceContract):
    kind = "telegram-desktop"

    def make(self, folder: Path) -> Path:
        folder.mkdir()
        personal = {
            "from": "Ada",
            "from_id": "user4242424242",
            "forwarded_from": "Ada",
            "forwarded_from_id": "user4242424242",
            "author": "Ada",
            "via_bot": "@Ada",
            "text": "Ada says hello",
            "file": "(File not included. Ada)",
            "file_name": "Ada.jpg",
            "reactions": [{"type": "emoji", "emoji": "🔥", "count": 1, "recent": [{"from": "Ada"}]}],
        }
        service = {"type": "service", "actor": "Ada", "actor_id": "user4242424242", "members": ["Ada"], "title": "Ada"}
        messages = [message(1, **personal), message(2, from_id=4242424242), message(3, action="x_y", **service)]
        (folder / "result.json").write_text(exported(chat(*messages, number=777000111)))
        return folder


class TestTelethon(SourceContract):
    kind = "telethon"

    def make(self, folder: Path) -> Path:
        folder.mkdir()
        peer = {"_": "PeerChannel", "channel_id": 777000111}
        user = {"_": "PeerUser", "user_id": 4242424242}
        personal = {
            "peer_id": peer,
            "from_id": user,
            "fwd_from": {"from_id": user, "from_name": "Ada", "post_author": "Ada"},
            "post_author": "Ada",
            "grouped_id": 777000111,
            "message": "Ada says hello",
            "replies": {"recent_repliers": [user]},
            "media": {"_": "MessageMediaContact", "first_name": "Ada"},
        }
        front = {"_": "Channel", "id": 777000111, "title": "Garden club", "username": "Ada"}
        action = {"_": "MessageActionChatEditTitle", "title": "Ada"}
        path = folder / "dump.json"
        service = entry(3, **personal) | {"_": "MessageService", "action": action}
        path.write_text(exported([front, entry(1, **personal), entry(2, peer_id=peer), service]))
        return path.parent


class TestNdjson(SourceContract):
    kind = "ndjson"

    def make(self, folder: Path) -> Path:
        folder.mkdir()
        post = {
            "type": "post",
            "channel": "Garden club",
            "author": "Ada",
            "album": "Ada",
            "forwarded": {"person": "Ada"},
            "text": "Ada says hello",
            "attachments": [{"kind": "photo", "path": "Ada.jpg"}],
        }
        (folder / "posts.ndjson").write_text(lines(*(post | {"id": number} for number in range(3))))
        return folder


class TestFolder(SourceContract):
    kind = "folder"

    def make(self, folder: Path) -> Path:
        for name in ("Ada.jpg", "Garden club/777000111.png", "Garden club/Ada.webp"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(b"x")
        return folder


def test_one_channel_has_one_pseudonym_in_every_kind(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    """So that forwards link up with channels, whichever way either was collected."""
    contents = {
        "a.json": exported(chat(message())),
        "b.json": exported([entry()]),
        "c.json": lines({"type": "post", "channel": "-1000000000777", "id": 1}),
        "d.json": lines({"type": "post", "channel": 1, "id": 1, "forwarded": {"channel": "channel777"}}),
    }
    refs = set()
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
        [post] = [item for item in open_source(tmp_path / name, pseudonyms).read() if isinstance(item, Post)]
        refs.add(post.forwarded.origin if post.forwarded else post.channel)
    assert len(refs) == 1
