"""Collecting, against a server that answers with Telethon's own objects."""

import asyncio
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from telethon import errors
from telethon.tl import functions, types

from collect.conftest import Clock, Sleeper, everything, history, lines, numbers, run
from collect.telegram_server import NOW, SECRET_NUMBER, SECRET_WORDS, START, Chat, Server, shapes_of_pixels
from tutela.collect import CollectError, Folder, Window
from tutela.model import ChannelState, Post
from tutela.sources import Pseudonymiser, open_sources


def market(count: int = 250, **fields: object) -> Chat:
    chat = Chat(42, "market", members=4500, **fields)
    for number in range(1, count + 1):
        if number % 7:  # some were deleted before anybody looked
            chat.post(number)
    return chat


def read(out: Path) -> list[Post]:
    (source,) = open_sources(out, Pseudonymiser(bytes(32)))
    assert source.kind == "telethon"
    posts = [item for item in source.read() if isinstance(item, Post)]
    assert source.account.damaged == 0
    return posts


def test_every_message_is_written_once_in_order_and_read_back(tmp_path: Path) -> None:
    chat = market()
    (found,) = run(Server(chat), tmp_path / "out")
    assert (found.state, found.members, found.new, found.why) == (
        ChannelState.ACCESSIBLE,
        4500,
        len(chat.messages),
        None,
    )
    assert numbers(tmp_path / "out") == sorted(chat.messages)
    assert [post.id for post in read(tmp_path / "out")] == sorted(chat.messages)


def test_no_file_holds_pixels_names_phone_numbers_or_keys(tmp_path: Path) -> None:
    run(Server(market()), tmp_path / "out")
    written = everything(tmp_path / "out")
    assert b"message 250" in written
    for shape in shapes_of_pixels():
        assert shape not in written
    for secret in [*SECRET_WORDS, str(SECRET_NUMBER), "access_hash"]:
        assert secret.encode() not in written


def test_only_the_operator_can_read_what_was_collected(tmp_path: Path) -> None:
    run(Server(market(3)), tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").iterdir()} == {0o600}


def test_only_reading_requests_are_made_one_at_a_time_with_a_pause(tmp_path: Path) -> None:
    sleeper, server = Sleeper(), Server(market())
    run(server, tmp_path / "out", sleeper=sleeper)
    run(server, tmp_path / "out")
    assert {type(request) for request in server.requests} == {
        functions.contacts.ResolveUsernameRequest,
        functions.channels.GetFullChannelRequest,
        functions.channels.GetMessagesRequest,
        functions.messages.GetHistoryRequest,
    }
    assert sleeper.slept == [0.5] * (len(sleeper.slept))
    assert len(sleeper.slept) >= 5


def test_a_second_run_reads_what_is_new_and_adds_a_reading(tmp_path: Path) -> None:
    chat = market(120)
    server = Server(chat)
    run(server, tmp_path / "out")
    first = (tmp_path / "out" / "42.ndjson").read_bytes()
    assert run(server, tmp_path / "out")[0].new == 0
    assert (tmp_path / "out" / "42.ndjson").read_bytes() == first
    chat.post(300)
    chat.members = 5000
    assert run(server, tmp_path / "out", now=Clock(NOW + timedelta(days=3)))[0].new == 1
    assert (tmp_path / "out" / "42.ndjson").read_bytes().startswith(first)
    assert numbers(tmp_path / "out")[-1] == 300
    assert [(entry["id"], entry["members"], entry["state"]) for entry in history(tmp_path / "out")] == [
        (42, 4500, "accessible"),
        (42, 4500, "accessible"),
        (42, 5000, "accessible"),
    ]
    assert history(tmp_path / "out")[2]["at"].startswith("2026-03-05T")


def test_an_edit_adds_the_new_version_and_counts_once(tmp_path: Path) -> None:
    chat = market(20)
    server = Server(chat)
    run(server, tmp_path / "out")
    chat.messages[5].message = "now 900 coins"
    chat.messages[5].edit_date = NOW
    chat.messages[6].views = 10_000
    (found,) = run(server, tmp_path / "out")
    assert (found.new, found.edited, found.deleted) == (0, 1, 0)
    assert [(line["message"], line.get("edit_date")) for line in lines(tmp_path / "out") if line["id"] == 5] == [
        ("message 5", None),
        ("now 900 coins", NOW.isoformat()),
    ]
    assert run(server, tmp_path / "out")[0].edited == 0
    assert [post.edited for post in read(tmp_path / "out") if post.id == 5] == [False, True]


def test_a_deletion_adds_a_line_that_readers_pass_over(tmp_path: Path) -> None:
    chat = market(20)
    server = Server(chat)
    run(server, tmp_path / "out")
    del chat.messages[5], chat.messages[20]
    clock = Clock(NOW + timedelta(hours=1))
    (found,) = run(server, tmp_path / "out", now=clock)
    assert (found.new, found.edited, found.deleted) == (0, 0, 2)
    gone = [line for line in lines(tmp_path / "out") if line["_"] == "MessageEmpty"]
    assert [line["id"] for line in gone] == [5, 20]
    assert gone[0]["peer_id"] == {"_": "PeerChannel", "channel_id": 42}
    assert gone[0]["noticed_at"].startswith("2026-03-02T01:00:0")
    assert run(server, tmp_path / "out")[0].deleted == 0
    assert sorted(post.id for post in read(tmp_path / "out")) == sorted([*chat.messages, 5, 20])


def test_messages_that_telegram_does_not_answer_for_are_not_taken_for_deleted(tmp_path: Path) -> None:
    class Forgetful(Server):
        async def __call__(self, request: object) -> object:
            if isinstance(request, functions.channels.GetMessagesRequest):
                return types.messages.ChannelMessages(1, 0, [], [], [], [])
            return await super().__call__(request)

    chat = market(20)
    run(Server(chat), tmp_path / "out")
    before = lines(tmp_path / "out")
    assert run(Forgetful(chat), tmp_path / "out")[0].deleted == 0
    assert lines(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("window", "asked"),
    [
        (Window(days=0, messages=0), []),
        (Window(days=0, messages=3), [117, 118, 120]),
        (Window(days=1, messages=2), [n for n in range(1, 121) if n % 7 and n >= 60]),
        (Window(days=7, messages=2), [n for n in range(1, 121) if n % 7]),
        (Window(days=0, messages=500), [n for n in range(1, 121) if n % 7]),
    ],
)
def test_asked_again_are_the_messages_of_the_last_days_and_the_last_ones_in_any_case(
    tmp_path: Path, window: Window, asked: list[int]
) -> None:
    server = Server(market(120))
    run(server, tmp_path / "out")
    server.requests.clear()
    later = START + timedelta(days=1, minutes=60, seconds=-30)
    run(server, tmp_path / "out", window=window, now=Clock(later))
    again = [request for request in server.requests if isinstance(request, functions.channels.GetMessagesRequest)]
    assert [each.id for request in again for each in request.id] == asked
    assert all(len(request.id) <= 100 for request in again)


def test_an_edited_message_does_not_take_the_place_of_a_later_one_among_the_last(tmp_path: Path) -> None:
    chat = market(20)
    server = Server(chat)
    run(server, tmp_path / "out")
    chat.messages[5].message = "now 900 coins"
    run(server, tmp_path / "out")
    server.requests.clear()
    run(server, tmp_path / "out", window=Window(0, 2))
    (again,) = [each for each in server.requests if isinstance(each, functions.channels.GetMessagesRequest)]
    assert [each.id for each in again.id] == [19, 20]


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (errors.ChannelPrivateError(None), "private"),
        (errors.ChannelInvalidError(None), "not_found"),
        (errors.UserBannedInChannelError(None), "forbidden"),
        (errors.ChannelPublicGroupNaError(None), "forbidden"),
    ],
)
def test_a_channel_that_cannot_be_read_any_more_gets_a_reading(tmp_path: Path, failure: Exception, state: str) -> None:
    chat = market(5)
    server = Server(chat)
    run(server, tmp_path / "out")
    before = lines(tmp_path / "out")
    chat.failure = failure
    assert run(server, tmp_path / "out")[0].state == state
    assert [(entry["id"], entry["members"], entry["state"]) for entry in history(tmp_path / "out")] == [
        (42, 4500, "accessible"),
        (42, None, state),
    ]
    assert lines(tmp_path / "out") == before


def test_a_channel_that_is_closed_while_it_is_read_gets_a_reading_too(tmp_path: Path) -> None:
    server = Server(market())
    server.faults = [None, None, None, errors.ChannelPrivateError(None)]
    (found,) = run(server, tmp_path / "out")
    assert (found.state, found.why) == (ChannelState.PRIVATE, None)
    assert len(numbers(tmp_path / "out")) == found.new
    assert [entry["state"] for entry in history(tmp_path / "out")] == ["accessible", "private"]


def test_the_state_of_a_channel_is_on_record(tmp_path: Path) -> None:
    forbidden = Chat(43, "closed", forbidden=True)
    restricted = Chat(44, "limited", members=7, reasons=[types.RestrictionReason("ios", "terms", "not here")])
    restricted.post(1)
    found = run(Server(forbidden, restricted), tmp_path / "out", ["closed", "limited", "nothing_here"])
    assert [each.state for each in found] == ["forbidden", "restricted", "not_found"]
    assert [(entry["id"], entry["members"], entry["state"]) for entry in history(tmp_path / "out")] == [
        (43, None, "forbidden"),
        (44, 7, "restricted"),
        ("@nothing_here", None, "not_found"),
    ]
    assert numbers(tmp_path / "out", 44) == [1]


def test_a_handle_that_leads_nowhere_any_more_still_counts_for_its_channel(tmp_path: Path) -> None:
    chat = market(5)
    run(Server(chat), tmp_path / "out")
    assert run(Server(), tmp_path / "out")[0].state == "not_found"
    other = Chat(77, "market")
    other.post(1)
    run(Server(other), tmp_path / "out")
    assert [(entry["id"], entry["state"]) for entry in history(tmp_path / "out")] == [
        (42, "accessible"),
        (42, "not_found"),
        (42, "not_found"),
        (77, "accessible"),
    ]
    assert numbers(tmp_path / "out", 77) == [1]


@pytest.mark.parametrize("handle", ["amalia_private", "some_bot"])
def test_people_and_bots_are_refused_and_keep_no_channel_from_being_read(tmp_path: Path, handle: str) -> None:
    found = run(Server(market(5)), tmp_path / "out", [handle, "market"])
    assert "person's or a bot's" in (found[0].why or "")
    assert found[1].new == 5
    assert handle.encode() not in everything(tmp_path / "out")


def test_a_conversation_with_a_channel_s_owners_is_refused(tmp_path: Path) -> None:
    class Direct(Chat):
        def object(self) -> object:
            channel = super().object()
            channel.monoforum = True
            return channel

    assert "private" in (run(Server(Direct(42, "market")), tmp_path / "out")[0].why or "")


def test_waits_are_kept_to_the_second_and_told(tmp_path: Path) -> None:
    chat, sleeper = market(), Sleeper()
    server = Server(chat)
    server.faults = [errors.FloodWaitError(None, capture=5), None, errors.FloodWaitError(None, capture=90_000)]
    server.faults += [errors.FloodPremiumWaitError(None, capture=31)]
    run(server, tmp_path / "out", sleeper=sleeper)
    assert sleeper.waits == [5, 90_000, 31]
    assert sleeper.told[1] == "Telegram asks to wait for 90,000 seconds"
    assert numbers(tmp_path / "out") == sorted(chat.messages)


def broken() -> list[BaseException]:
    return [
        ConnectionError("gone"),
        asyncio.IncompleteReadError(b"", 4),
        ConnectionResetError(),
        TimeoutError(),
        errors.RpcCallFailError(None),
        asyncio.CancelledError(),
        errors.ReadCancelledError(),
    ]


@pytest.mark.parametrize("position", range(6))
def test_a_broken_connection_is_taken_up_again(tmp_path: Path, position: int) -> None:
    chat, sleeper = market(), Sleeper()
    server = Server(chat)
    server.faults = [None] * position + broken()
    run(server, tmp_path / "out", sleeper=sleeper)
    assert sleeper.waits == [1, 2, 4, 8, 16, 32, 60]
    assert numbers(tmp_path / "out") == sorted(chat.messages)


def test_a_connection_that_never_holds_ends_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    chat, sleeper = market(), Sleeper()
    server = Server(chat)
    server.faults = [None] * 4 + [ConnectionError("market")] * 8
    with pytest.raises(CollectError, match="broke 8 times in a row") as ended:
        run(server, tmp_path / "out", sleeper=sleeper)
    assert "market" not in str(ended.value)
    assert sleeper.waits == [1, 2, 4, 8, 16, 32, 60]
    assert 0 < len(numbers(tmp_path / "out")) < len(chat.messages)
    run(server, tmp_path / "out")
    assert numbers(tmp_path / "out") == sorted(chat.messages)


def test_who_interrupts_a_request_is_obeyed_at_once() -> None:
    sleeper = Sleeper()

    async def go() -> None:
        task = asyncio.create_task(sleeper.patience().ask(lambda: asyncio.sleep(3600)))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
    assert sleeper.waits == []


def test_a_wait_between_broken_connections_says_that_telegram_is_there(tmp_path: Path) -> None:
    chat, sleeper = market(), Sleeper()
    server = Server(chat)
    gone: list[BaseException] = [ConnectionError("gone")] * 7
    server.faults = [*gone, errors.FloodWaitError(None, capture=5), *gone]
    run(server, tmp_path / "out", sleeper=sleeper)
    assert sleeper.waits == [1, 2, 4, 8, 16, 32, 60, 5, 1, 2, 4, 8, 16, 32, 60]
    assert numbers(tmp_path / "out") == sorted(chat.messages)


@pytest.mark.parametrize("fault", [errors.AuthKeyUnregisteredError(None), errors.AuthKeyNotFound()])
def test_a_session_that_telegram_does_not_know_says_what_to_do(tmp_path: Path, fault: Exception) -> None:
    server = Server(market(5))
    server.faults = [fault]
    with pytest.raises(CollectError, match="session") as ended:
        run(server, tmp_path / "out")
    assert "log in again" in str(ended.value)


@pytest.mark.parametrize(
    "fault",
    [
        errors.InputUserDeactivatedError(None),
        errors.TypeNotFoundError(0x12345678, b"Amalia"),
        errors.BadMessageError(None, 16),
        errors.SecurityError("Amalia"),
        ValueError("Request was unsuccessful 3 time(s)"),
    ],
)
def test_other_refusals_of_telegram_end_the_run_with_their_name(tmp_path: Path, fault: Exception) -> None:
    server = Server(market(5))
    server.faults = [fault]
    with pytest.raises(CollectError, match=type(fault).__name__) as ended:
        run(server, tmp_path / "out")
    assert "Amalia" not in str(ended.value)


def test_a_server_that_never_goes_on_stops_the_channel_and_not_the_run(tmp_path: Path) -> None:
    class Stuck(Server):
        async def __call__(self, request: object) -> object:
            if isinstance(request, functions.messages.GetHistoryRequest) and request.add_offset < 0:
                request.offset_id = 1
            return await super().__call__(request)

    other = Chat(43, "other")
    other.post(1)
    found = run(Stuck(market(), other), tmp_path / "out", ["market", "other"])
    assert "never answers" in (found[0].why or "")
    assert found[1].new == 1
    assert numbers(tmp_path / "out") == sorted(set(numbers(tmp_path / "out")))


def test_a_channel_without_messages_and_one_of_deleted_ones_end(tmp_path: Path) -> None:
    empty, cleared = Chat(42, "market"), Chat(43, "cleared")
    for number in range(1, 150):
        cleared.messages[number] = types.MessageEmpty(number, peer_id=None)
    found = run(Server(empty, cleared), tmp_path / "out", ["market", "cleared"])
    assert [(each.new, each.why) for each in found] == [(0, None), (0, None)]
    assert [line["_"] for line in lines(tmp_path / "out", 43)] == ["Channel"]


def test_messages_that_were_gone_before_anybody_looked_are_passed_over(tmp_path: Path) -> None:
    chat = Chat(42, "market")
    for number in range(1, 251):
        chat.post(number)
        if number % 3 != 2:
            chat.messages[number] = types.MessageEmpty(number, peer_id=types.PeerChannel(42))
    there = [number for number, each in chat.messages.items() if isinstance(each, types.Message)]
    assert run(Server(chat), tmp_path / "out")[0].new == len(there)
    assert [line["id"] for line in lines(tmp_path / "out")[1:]] == there
    chat.messages[there[0]] = types.MessageEmpty(there[0], peer_id=types.PeerChannel(42))
    (found,) = run(Server(chat), tmp_path / "out")
    assert (found.new, found.edited, found.deleted) == (0, 0, 1)
    assert [line["id"] for line in lines(tmp_path / "out") if "noticed_at" in line] == there[:1]


def test_a_channel_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    other = Chat(43, "other")
    found = run(Server(market(5), other), tmp_path / "out", ["market", "market", "other"])
    assert [(each.number, each.new) for each in found] == [(1, 5), (3, 0)]
    assert [entry["id"] for entry in history(tmp_path / "out")] == [42, 43]


def test_a_new_handle_of_a_channel_is_added_to_its_dump(tmp_path: Path) -> None:
    chat = market(5)
    run(Server(chat), tmp_path / "out")
    chat.handle = "renamed"
    run(Server(chat), tmp_path / "out", ["renamed"])
    run(Server(chat), tmp_path / "out", ["renamed"])
    fronts = [line["username"] for line in lines(tmp_path / "out") if line["_"] == "Channel"]
    assert fronts == ["market", "renamed"]


def test_a_folder_with_other_files_is_never_written_into(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CollectError, match="no collection wrote"):
        run(Server(market(5)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_another_s_dump_is_never_written_over(tmp_path: Path) -> None:
    run(Server(Chat(7, "first")), tmp_path / "out", ["first"])
    (tmp_path / "out" / "42.ndjson").write_text("somebody else's")
    with pytest.raises(CollectError, match="name of a dump"):
        run(Server(market(5)), tmp_path / "out")
    assert (tmp_path / "out" / "42.ndjson").read_text() == "somebody else's"


def test_two_runs_never_write_into_one_folder(tmp_path: Path) -> None:
    with Folder(tmp_path / "out"), pytest.raises(CollectError, match="another run"):
        Folder(tmp_path / "out")
    with Folder(tmp_path / "out"):
        pass


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("42.ndjson", b"", "shorter"),
        ("42.ndjson", b"x" * 10_000, "no collection wrote"),
        (".checkpoint", b"{}", None),
        (".checkpoint", b'{"schema": "tutela.collect/9"}', "checkpoint"),
        ("channels.json", b"{", "no list"),
    ],
)
def test_files_that_were_tampered_with_are_an_error_and_no_guess(
    tmp_path: Path, name: str, content: bytes, what: str | None
) -> None:
    server = Server(market(5))
    run(server, tmp_path / "out")
    (tmp_path / "out" / name).write_bytes(content)
    with pytest.raises(CollectError, match=what or "name of a dump"):
        run(server, tmp_path / "out")
