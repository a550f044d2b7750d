"""``tutela collect telegram``, from the outside, and what a scan makes of its folder."""

import json
import logging
import signal
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import telethon

from cli.conftest import Tutela
from collect.telegram_server import SECRET_WORDS, Chat, Server
from tutela.collect import patience


class Terminal:
    def isatty(self) -> bool:
        return True


class Account(Server):
    """The invented server behind Telethon's own way of connecting to it."""

    def __init__(self, *chats: Chat) -> None:
        super().__init__(*chats)
        self.authorized, self.bot, self.connected = True, False, False
        self.options: dict[str, Any] = {}
        self.session: Any = None

    def open(self, session: Any, api_id: int, api_hash: str, **options: Any) -> "Account":
        self.session = session
        self.options = {"api_id": api_id, "api_hash": api_hash, **options}
        return self

    async def is_user_authorized(self) -> bool:
        return self.authorized

    async def is_bot(self) -> bool:
        return self.bot

    async def start(self) -> None:
        print("Signed in successfully as Amalia Testperson")
        self.authorized = True

    async def disconnect(self) -> None:
        self.connected = False
        self.session.close()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    market, group = Chat(42, "market", members=4500), Chat(43, "talk", group=True, members=800)
    for number in range(1, 131):
        market.post(number)
    for number in range(1, 8):
        group.post(number)
    group.join(8, 555)
    account = Account(market, group)
    monkeypatch.setattr(telethon, "TelegramClient", account.open)
    monkeypatch.setattr(patience, "PAUSE", 0.0)
    monkeypatch.setenv("TUTELA_TELEGRAM_API_ID", "12345")
    monkeypatch.setenv("TUTELA_TELEGRAM_API_HASH", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("TUTELA_TELEGRAM_SESSION", str(tmp_path / "data" / "own.session"))
    return account


def values(out: Path) -> dict[str, Any]:
    return {measure["name"]: measure["value"] for measure in json.loads((out / "report.json").read_text())["measures"]}


def test_each_channel_answers_with_a_line_without_its_name(tutela: Tutela, account: Account, tmp_path: Path) -> None:
    ended = tutela("collect", "telegram", "@market", "t.me/talk", "@nowhere", "--out", tmp_path / "out", "--json")
    assert ended.status == 0
    nothing = {"edited": 0, "deleted": 0, "stopped": None}
    assert ended.lines == [
        {"channel": 1, "state": "accessible", "members": 4500, "new": 130, **nothing},
        {"channel": 2, "state": "accessible", "members": 800, "new": 8, **nothing},
        {"channel": 3, "state": "not_found", "members": None, "new": 0, **nothing},
    ]
    said = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert said.out == ""
    assert "channel 1: accessible, 4,500 members; 0 new messages, 0 edited, 0 deleted" in said.err
    for word in ("market", "talk", "nowhere", *SECRET_WORDS):
        assert word not in ended.out + ended.err + said.err


def test_a_scan_of_the_folder_measures_what_was_collected(tutela: Tutela, account: Account, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tutela("collect", "telegram", "@market", "@talk", "--out", out)
    account.chats["market"].messages[17].message = "now 900 coins"
    del account.chats["market"].messages[18]
    account.chats["market"].members = 4600
    tutela("collect", "telegram", "@market", "@talk", "--out", out)
    scanned = tutela("scan", out, "--out", tmp_path / "report", "--json", "--strict")
    assert scanned.status == 0
    assert scanned.line["posts"] == 138
    assert values(tmp_path / "report")["messages"] == 137, "all but the line that somebody joined"
    assert values(tmp_path / "report")["channels"] == 2
    assert values(tmp_path / "report")["memberships"] == 4600 + 800


def test_what_is_not_public_is_refused_before_the_first_request(
    tutela: Tutela, account: Account, tmp_path: Path
) -> None:
    ended = tutela("collect", "telegram", "@market", "https://t.me/+AbCdEfGh", "--out", tmp_path / "out")
    assert (ended.status, "channel 2: an invite link" in ended.err, "AbCdEfGh" in ended.err) == (2, True, False)
    assert account.requests == []
    assert not (tmp_path / "out").exists()


def test_strict_counts_the_channels_that_were_not_read(tutela: Tutela, account: Account, tmp_path: Path) -> None:
    arguments = ("collect", "telegram", "@some_bot", "@market", "--out", tmp_path / "out")
    assert tutela(*arguments).status == 0
    ended = tutela(*arguments, "--json", "--strict")
    assert (ended.status, [line["stopped"] is None for line in ended.lines]) == (3, [False, True])


def test_without_an_application_s_own_access_it_says_where_that_comes_from(
    tutela: Tutela, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUTELA_TELEGRAM_API_HASH")
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (ended.status, "my.telegram.org" in ended.err) == (2, True)


@pytest.mark.parametrize("number", ["0", "-1", str(2**31), "mine"])
def test_what_is_no_api_id_is_wrong_usage(tutela: Tutela, account: Account, tmp_path: Path, number: str) -> None:
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out", "--api-id", number)
    assert (ended.status, "--api-id" in ended.err) == (2, True)


def test_a_channel_that_is_named_twice_in_any_spelling_is_read_once(
    tutela: Tutela, account: Account, tmp_path: Path
) -> None:
    ended = tutela("collect", "telegram", "@market", "t.me/s/Market", "@talk", "--out", tmp_path / "out", "--json")
    assert [(line["channel"], line["new"]) for line in ended.lines] == [(1, 130), (3, 8)]


def test_a_scan_reads_a_folder_of_channels_that_cannot_be_read(
    tutela: Tutela, account: Account, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tutela("collect", "telegram", "@nowhere", "--out", out)
    (out / "43.ndjson").touch()
    scanned = tutela("scan", out, "--out", tmp_path / "report", "--json", "--strict")
    assert (scanned.status, scanned.line["posts"]) == (0, 0)
    assert values(tmp_path / "report")["channels"] == 1


def test_the_session_file_is_the_operator_s_alone_and_keeps_nobody(
    tutela: Tutela, account: Account, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "own.session").touch(0o644)
    tutela("collect", "telegram", "@market", "--out", tmp_path / "out", "--api-id", "7")
    assert stat.S_IMODE((tmp_path / "data" / "own.session").stat().st_mode) == 0o600
    assert account.session.save_entities is False
    assert account.options["api_id"] == 7
    assert account.options["flood_sleep_threshold"] == 0
    assert account.options["receive_updates"] is False
    tutela("collect", "telegram", "@market", "--out", tmp_path / "out", "--session", tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new.session").stat().st_mode) == 0o600


def test_what_is_no_session_is_an_error_that_says_so(tutela: Tutela, account: Account, tmp_path: Path) -> None:
    (tmp_path / "junk.session").write_text("junk" * 500)
    (tmp_path / "folder").mkdir()
    for name, what in (("junk.session", "not a database"), ("junk", "not a database"), ("folder", "is a directory")):
        ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out", "--session", tmp_path / name)
        assert (ended.status, what in ended.err) == (2, True)
        assert ("--session" in ended.err, "--out" in ended.err) == (True, False)
    assert not (tmp_path / "folder.session").exists()


def test_a_session_in_a_place_that_cannot_be_used_names_the_option(
    tutela: Tutela, account: Account, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out", "--session", tmp_path / "file" / "own")
    assert (ended.status, "another --session" in ended.err, "--out" in ended.err) == (2, True, False)


def test_a_session_that_another_program_holds_is_an_error(tutela: Tutela, account: Account, tmp_path: Path) -> None:
    tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    with closing(sqlite3.connect(tmp_path / "data" / "own.session")) as other:
        other.execute("begin exclusive")
        ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (ended.status, "database is locked" in ended.err, "--session" in ended.err) == (2, True, True)


def test_so_is_one_that_breaks_when_telethon_notes_something_in_it(
    tutela: Tutela, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def note() -> None:
        account.session.close()
        (tmp_path / "data" / "own.session").write_text("junk" * 500)
        account.session.save()
        account.session.set_dc(2, "127.0.0.1", 443)

    monkeypatch.setattr(account, "connect", note)
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (ended.status, "not a database" in ended.err, "--session" in ended.err) == (2, True, True)


def test_the_default_session_lies_in_the_user_s_data_folder(
    tutela: Tutela, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUTELA_TELEGRAM_SESSION")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (tmp_path / "share" / "tutela" / "telegram.session").is_file()


def test_nobody_logged_in_and_no_terminal_says_what_to_do(tutela: Tutela, account: Account, tmp_path: Path) -> None:
    account.authorized = False
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (ended.status, "once from a terminal" in ended.err) == (2, True)


def test_at_a_terminal_telethon_asks_and_standard_output_stays_clean(
    tutela: Tutela, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.authorized = False
    monkeypatch.setattr(sys, "stdin", Terminal())
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out", "--json")
    assert (ended.status, ended.line["new"]) == (0, 130)
    assert "Signed in" in ended.err


@pytest.fixture
def _in_the_foreground() -> Iterator[None]:
    """A shell has what it starts in the background ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_in_the_foreground")
def test_who_interrupts_the_questions_of_the_login_is_obeyed_at_once(
    tutela: Tutela, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def start() -> None:
        asked.append("phone")
        signal.raise_signal(signal.SIGINT)
        asked.append("code")

    account.authorized = False
    monkeypatch.setattr(account, "start", start)
    monkeypatch.setattr(sys, "stdin", Terminal())
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (ended.status, asked, account.connected) == (130, ["phone"], False)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("fault", [telethon.errors.SecurityError("Amalia"), telethon.errors.AuthKeyNotFound()])
def test_a_login_that_fails_is_an_error_with_its_name(
    tutela: Tutela, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    async def start() -> None:
        raise fault

    account.authorized = False
    monkeypatch.setattr(account, "start", start)
    monkeypatch.setattr(sys, "stdin", Terminal())
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (ended.status, type(fault).__name__ in ended.err, "Amalia" in ended.err) == (2, True, False)


def test_what_was_read_before_the_connection_broke_for_good_is_told(
    tutela: Tutela, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "TRIES", 1)
    account.chats["talk"].failure = ConnectionError()
    ended = tutela("collect", "telegram", "@market", "@talk", "--out", tmp_path / "out", "--json")
    assert (ended.status, [line["new"] for line in ended.lines]) == (2, [130])
    assert "run again: it goes on from here" in ended.err


def test_a_bot_s_login_is_refused(tutela: Tutela, account: Account, tmp_path: Path) -> None:
    account.bot = True
    ended = tutela("collect", "telegram", "@market", "--out", tmp_path / "out")
    assert (ended.status, "bots cannot read channels" in ended.err) == (2, True)


def test_telethon_takes_the_options_and_stays_silent(
    tutela: Tutela, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real client, whose connection breaks at once."""
    real = telethon.TelegramClient
    tries = []

    async def connect(self: Any) -> None:
        tries.append(self)
        self._log["telethon.network"].warning("Amalia Testperson")
        raise ConnectionError("Amalia Testperson")

    async def sleep(_: float) -> None:
        pass

    monkeypatch.setattr(real, "connect", connect)
    monkeypatch.setattr(patience.Patience.__init__, "__kwdefaults__", {"sleep": sleep, "pause": 0.0})
    monkeypatch.setenv("TUTELA_TELEGRAM_API_HASH", "0123456789abcdef0123456789abcdef")
    ended = tutela(
        *("collect", "telegram", "@market", "--out", tmp_path / "out"),
        *("--api-id", "7", "--session", tmp_path / "own.session"),
    )
    assert (ended.status, len(tries)) == (2, patience.TRIES)
    assert "broke 8 times in a row" in ended.err
    assert "Amalia" not in ended.err + ended.out
    assert not logging.getLogger("tutela.collect.telethon").propagate
