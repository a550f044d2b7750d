"""What a path is: decided by content, with an error that helps where it is nothing known; and the side file."""

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.conftest import channels, chat, entry, exported, lines, message, numbers, opened, posts, readings
from tutela.model import ChannelKind, ChannelReading, ChannelState, Report, TutelaError
from tutela.sources import Pseudonymiser, SourceError, open_source, open_sources

POST = {"type": "post", "channel": "x", "id": 1}
EXPORT, DUMP, LINES = exported(chat(message(1))), exported([entry(1)]), lines(POST)
AT = datetime(2020, 7, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (EXPORT, "telegram-desktop"),
        (exported({"chats": {"about": "", "list": [chat(message(1))]}}), "telegram-desktop"),
        (exported({"left_chats": {"list": [chat(message(1))]}}), "telegram-desktop"),
        (exported({"about": "", "contacts": {"list": [{"x": "y" * 999}] * 999}}), "telegram-desktop"),
        (json.dumps(chat(message(1)), sort_keys=True), "telegram-desktop"),
        ("\ufeff \n" + EXPORT, "telegram-desktop"),
        (EXPORT[:-9], "telegram-desktop"),
        (EXPORT.replace("Garden", "\\x0C"), "telegram-desktop"),
        (DUMP, "telethon"),
        (exported([None, 5, {"no": 1}, entry(1)]), "telethon"),
        (lines(entry(1), entry(2)), "telethon"),
        (lines({"_": "channelFull", "id": 1}), "telethon"),
        (lines("{broken", "", entry(2)), "telethon"),
        (json.dumps([entry(1, message="x" * 500_000)]), "telethon"),
        (LINES, "ndjson"),
        (lines({"id": 1, "type": "channel"}), "ndjson"),
        (lines("nonsense", POST), "ndjson"),
    ],
)
@pytest.mark.parametrize("name", ["result.json", "anything.txt"])
def test_the_content_decides_never_the_name(tmp_path: Path, content: str, kind: str, name: str) -> None:
    assert opened(tmp_path / name, content).kind == kind


UNKNOWN = [
    "{}",
    "[]",
    "null",
    "5",
    "hello",
    "\x00\x01",
    exported({"participants": [], "messages": [{"sender": "Ada"}]}),
    exported({"contacts": {"list": []}}),
    exported([{"id": 1}]),
    exported({"nested": [{"_": "Message", "type": "post"}]}),
    "[" * 100_000,
]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (EXPORT.encode("utf-16"), "UTF-16"),
        (EXPORT.encode("utf-16-le"), "UTF-16"),
        (EXPORT.encode("utf-16-be"), "UTF-16"),
        (gzip.compress(EXPORT.encode()), "gzip"),
    ],
)
def test_an_export_in_another_form_is_told_as_such(
    tmp_path: Path, pseudonyms: Pseudonymiser, content: bytes, said: str
) -> None:
    (tmp_path / "result.json").write_bytes(content)
    with pytest.raises(SourceError, match=said):
        open_sources(tmp_path / "result.json", pseudonyms)


@pytest.mark.parametrize("content", UNKNOWN, ids=range(len(UNKNOWN)))
def test_another_file_is_an_error_that_says_what_would_be_read(tmp_path: Path, content: str) -> None:
    with pytest.raises(SourceError, match=r"no source that is known.*NDJSON") as raised:
        opened(tmp_path / "x.json", content)
    assert isinstance(raised.value, TutelaError)


@pytest.mark.parametrize("content", ["", " \n\t ", "\ufeff"])
def test_an_empty_file_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(SourceError, match="empty"):
        opened(tmp_path / "x.json", content)


def test_nothing_there_is_an_error_with_a_remedy(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    for path in (tmp_path / "none", tmp_path, tmp_path / ("x" * 999), tmp_path / "a\0b"):
        with pytest.raises(SourceError) as raised:
            open_source(path, pseudonyms)
        assert raised.value.remedy


def test_a_folder_with_text_only_is_no_source(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(SourceError, match="no media"):
        open_source(tmp_path, pseudonyms)


def test_a_folder_with_readings_alone_is_a_source_without_posts(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    side(tmp_path, {"id": "@gone", "state": "not_found"}, None)
    (tmp_path / "43.ndjson").touch()
    source = open_source(tmp_path, pseudonyms)
    reading = ChannelReading(pseudonyms.channel("@gone"), None, None, ChannelState.NOT_FOUND)
    assert (source.kind, list(source.read())) == ("folder", [reading])
    assert (source.account.posts, source.account.damaged) == (0, 1)


def test_another_program_s_list_of_channels_is_no_source(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    side(tmp_path, {"id": "C1", "name": "general", "created": 1})
    with pytest.raises(SourceError, match="no media"):
        open_source(tmp_path, pseudonyms)


def test_a_pipe_is_no_source(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(SourceError):
        open_source(tmp_path / "pipe.json", pseudonyms)


def test_a_file_that_goes_away_before_it_is_read_is_an_error(tmp_path: Path) -> None:
    source = opened(tmp_path / "x.json", EXPORT)
    (tmp_path / "x.json").unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        list(source.read())


def test_a_folder_with_an_export_is_that_export(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    (tmp_path / "result.json").write_text(EXPORT)
    assert open_source(tmp_path, pseudonyms).kind == "telegram-desktop"
    (tmp_path / "result.json").rename(tmp_path / "renamed.json")
    assert open_source(tmp_path, pseudonyms).kind == "telegram-desktop"


def test_an_unknown_result_in_a_folder_is_an_error(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    for folder in (tmp_path, tmp_path / "inner"):
        folder.mkdir(exist_ok=True)
        (folder / "result.json").write_text("{}")
        with pytest.raises(SourceError, match=r"result\.json"):
            open_sources(tmp_path, pseudonyms)
        (folder / "result.json").unlink()


def test_other_json_beside_media_does_not_matter(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "metadata.json").write_text('{"title": "x"}')
    assert [source.kind for source in open_sources(tmp_path, pseudonyms)] == ["folder"]


def several(folder: Path) -> Path:
    for name, content in (
        ("b/result.json", EXPORT),
        ("a.json", DUMP),
        ("c.ndjson", LINES),
        ("d/e/result.json", EXPORT),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def test_a_folder_of_exports_gives_one_source_for_each_in_order(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    found = open_sources(several(tmp_path), pseudonyms)
    assert [source.path.relative_to(tmp_path).as_posix() for source in found] == ["a.json", "b/result.json", "c.ndjson"]
    assert [numbers(posts(source)) for source in found] == [[1], [1], [1]]
    with pytest.raises(SourceError, match="3 sources"):
        open_source(tmp_path, pseudonyms)


def side(folder: Path, *entries: Any) -> None:
    (folder / "channels.json").write_text(json.dumps(entries))


FORTY_FIVE = {"id": 777, "members": 45000, "at": "2020-07-31T14:00:00+02:00", "state": "accessible"}


def test_the_side_file_gives_readings_before_all_else(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    side(tmp_path, FORTY_FIVE, {"id": "-1000000000777", "state": "not_found"}, {"id": "forum:1", "members": 0})
    source = opened(tmp_path / "x.json", EXPORT)
    ref = pseudonyms.channel("channel777")
    assert list(source.read())[:3] == [
        ChannelReading(ref, AT, 45000, ChannelState.ACCESSIBLE),
        ChannelReading(ref, None, None, ChannelState.NOT_FOUND),
        ChannelReading(pseudonyms.channel("forum:1"), None, 0, ChannelState.UNKNOWN),
    ]
    assert (source.account.posts, source.account.damaged) == (1, 0)


@pytest.mark.parametrize("kind", ["json", "media", "export"])
@pytest.mark.parametrize("beside", [True, False])
def test_the_side_file_lies_in_the_folder_or_beside_it(
    tmp_path: Path, pseudonyms: Pseudonymiser, kind: str, beside: bool
) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / {"json": "x.json", "media": "a.jpg", "export": "result.json"}[kind]).write_text(EXPORT)
    side(tmp_path if beside else folder, FORTY_FIVE)
    assert [reading.members for reading in readings(open_source(folder, pseudonyms))] == [45000]


def test_a_side_file_that_several_share_is_read_once(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    side(several(tmp_path), FORTY_FIVE)
    side(tmp_path / "b", FORTY_FIVE | {"members": 7})
    found = [[reading.members for reading in readings(source)] for source in open_sources(tmp_path, pseudonyms)]
    assert found == [[45000], [7], []]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        5,
        {},
        {"id": None},
        {"id": 1, "members": -1},
        {"id": 1, "members": "many"},
        {"id": 1, "at": "2020-07-31"},
        {"id": 1, "at": "2020-07-31T12:00:00"},
        {"id": 1, "at": "0001-01-01T00:00:00+10:00"},
        {"id": 1, "state": "gone"},
        {"id": 1, "name": "Ada"},
        {"id": 2**70},
    ],
)
def test_a_malformed_entry_of_the_side_file_costs_that_entry(tmp_path: Path, bad: Any) -> None:
    side(tmp_path, bad, FORTY_FIVE)
    source = opened(tmp_path / "x.json", EXPORT)
    assert len(readings(source)) == 1
    assert (source.account.damaged, source.account.places) == (1, ("channels.json, entry 1",))


def test_a_handle_in_the_side_file_is_an_alias_of_the_channel(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    side(tmp_path, {"id": 777, "username": "@RoseClub"}, {"id": 777, "username": "Thorns"})
    source = opened(tmp_path / "x.json", EXPORT)
    told = [channel for channel in channels(source) if channel.aliases]
    assert [(channel.ref, channel.kind) for channel in told] == [(pseudonyms.channel("777"), ChannelKind.UNKNOWN)] * 2
    assert [alias for channel in told for alias in channel.aliases] == [
        pseudonyms.channel("@roseclub"),
        pseudonyms.channel("@thorns"),
    ]


def reported(folder: Path, *entries: Any) -> None:
    (folder / "reports.json").write_text(json.dumps(entries))


def test_the_other_side_file_tells_when_channels_were_reported(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    side(tmp_path, FORTY_FIVE)
    reported(
        tmp_path, {"id": 777, "at": "2020-07-31T14:00:00+02:00", "to": "platform"}, {"id": "@R", "at": AT.isoformat()}
    )
    items = list(opened(tmp_path / "x.json", EXPORT).read())
    assert items[1:3] == [Report(pseudonyms.channel("777"), AT), Report(pseudonyms.channel("@r"), AT)]
    assert isinstance(items[0], ChannelReading)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {"id": 1},
        {"at": "2020-07-31T12:00:00Z"},
        {"id": 1, "at": None},
        {"id": 1, "at": "2020-07-31T12:00:00"},
        {"id": 1, "at": "2020-07-31T12:00:00Z", "to": "Ada Example"},
        {"id": 1, "at": "2020-07-31T12:00:00Z", "by": "Ada"},
    ],
)
def test_a_malformed_report_costs_that_report(tmp_path: Path, bad: Any) -> None:
    reported(tmp_path, bad, {"id": 777, "at": "2020-07-31T14:00:00+02:00"})
    source = opened(tmp_path / "x.json", EXPORT)
    assert sum(isinstance(item, Report) for item in source.read()) == 1
    assert (source.account.damaged, source.account.places) == (1, ("reports.json, entry 1",))


def test_side_files_are_no_sources(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    side(tmp_path, FORTY_FIVE)
    reported(tmp_path)
    (tmp_path / "a.json").write_text(EXPORT)
    assert [source.path.name for source in open_sources(tmp_path, pseudonyms)] == ["a.json"]


def test_repeated_exports_beside_each_other_are_read_all(tmp_path: Path, pseudonyms: Pseudonymiser) -> None:
    """Of one channel under one name: whoever counts posts by channel and number counts none of them twice."""
    side(tmp_path, FORTY_FIVE)
    for name, first in (("result.json", 3), ("result (2).json", 1), ("messages.json", 5)):
        (tmp_path / name).write_text(exported(chat(message(first), message(first + 1))))
    (tmp_path / "notes.json").write_text("{}")
    found = open_sources(tmp_path, pseudonyms)
    assert [source.path.name for source in found] == ["result.json", "messages.json", "result (2).json"]
    assert [numbers(posts(source)) for source in found] == [[3, 4], [5, 6], [1, 2]]
    assert len({post.channel for source in found for post in posts(source)}) == 1
    assert [len(readings(source)) for source in found] == [1, 0, 0]


@pytest.mark.parametrize("content", [b"", b"{}", b"[", b"[1,]", b"\xff", b"[" * 100_000])
def test_a_side_file_that_is_none_costs_no_post(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "channels.json").write_bytes(content)
    source = opened(tmp_path / "x.json", EXPORT)
    assert numbers(posts(source)) == [1]
    assert source.account.damaged == 1
