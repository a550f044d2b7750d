"""What is kept of an export changes nothing but the time: scans with it and without it say the same, byte for byte."""

import json
import os
import random
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from databases import only_server
from drawings import picture
from tutela.bank import Bank
from tutela.cli.items import fingerprinted
from tutela.model import Fingerprint
from tutela.scan import Tally, scan, shelves
from tutela.sources.desktop_posts import DesktopPosts

Message = dict[str, Any]

SAID = (
    "",
    "ok",
    "100 ₽ за 100 фото",
    "12 coins for $1.50",
    "invite 3 friends and get 5 coins",
    "вход с 18 лет",
    "@roses",
)
ODD: tuple[Message, ...] = (
    {},
    {"photo": "(File not included. Change data exporting settings to download.)"},
    {"photo": "photos/0.jpg"},
    {"photo": "photos/1.jpg", "file": "photos/2.jpg", "mime_type": "application/zip"},
    {"file": "../outside.jpg", "mime_type": "image/jpeg"},
    {"type": "service", "action": "invite_members", "actor": "A", "actor_id": "user5", "members": ["B", "A"]},
    {
        "reactions": [
            {"type": "emoji", "emoji": "x", "count": 2, "recent": [{"from_id": "user3"}, {"from_id": "user9"}]}
        ]
    },
    {"reactions": [{"type": "paid", "count": 7}], "forwarded_from": "C", "forwarded_from_id": "channel12"},
    {"poll": {"question": "?", "answers": [{"text": "y", "voters": 31}], "closed": False, "total_voters": 31}},
    {"inline_bot_buttons": [[{"type": "url", "text": "5 $ за фото", "data": "t.me/lilies"}, {"text": "👍 12"}]]},
    {"invoice_information": '{"amount": 500, "currency": "EUR"}'},
    {"type": "service", "action": "send_payment", "amount": 900, "currency": "USD"},
    {"edited": 7},
    {"id": None},
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    number = draw(st.integers(1, 60))
    message: Message = {
        "id": number,
        "type": "message",
        "date": "2020-05-01T10:00:00",
        "date_unixtime": str(1_588_327_200 + 40_000 * number),
        "from_id": f"user{draw(st.integers(1, 5))}",
        "text": f"{draw(st.sampled_from(SAID))} {'когда будет новый канал ' * draw(st.integers(0, 6))}",
    }
    return message | draw(st.sampled_from(ODD))


CHANGES = ("append", "append", "insert", "edit", "delete", "shuffle", "picture", "spoil", "cut", "protect")


class Ecosystem:
    """An export that changes, its bank, and two scans of it after each change."""

    def __init__(self, folder: Path, first: list[Message]) -> None:
        self.bank = Bank.open(f"sqlite:///{folder / 'bank' / 'bank.db'}", create=True)
        self.kept = folder / "bank" / "bank.db.posts"
        self.export = folder / "export"
        self.messages = first
        self._outs = folder / "with", folder / "without"
        picture(self.export / "photos" / "0.jpg", 1)

    def write(self) -> None:
        chat = {"name": "A", "type": "public_supergroup", "id": 7, "messages": self.messages}
        (self.export / "result.json").write_text(json.dumps(chat, ensure_ascii=False, indent=1), "utf-8")

    def change(self, how: str, more: list[Message], chance: random.Random) -> None:
        place = chance.randrange(len(self.messages) + 1)
        files = sorted(self.kept.iterdir()) if self.kept.is_dir() else []
        match how:
            case "append":
                self.messages += more
            case "insert":
                self.messages[place:place] = more
            case "edit":
                self.messages[place : place + len(more)] = more
            case "delete":
                del self.messages[place : place + len(more)]
            case "shuffle":
                chance.shuffle(self.messages)
            case "picture":
                moved = self.export / "photos" / "1.jpg"
                moved.unlink() if moved.exists() else picture(moved, 2)
            case "spoil":
                for path in files:
                    data = bytearray(path.read_bytes())
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                    path.write_bytes(data)
            case "cut":
                for path in files:
                    path.write_bytes(path.read_bytes()[: chance.randrange(80)])
            case "protect":
                own = [f for _, f in fingerprinted([self.export / "photos" / "0.jpg"]) if isinstance(f, Fingerprint)]
                self.bank.protect(own, kind="ordinary")

    def agrees(self, processes: int = 1) -> None:
        """With `processes` and with what was kept, and with one process and without: the same comes out."""
        self.write()
        told = []
        for out, keep, number in zip(self._outs, (True, False), (processes, 1), strict=True):
            result = scan([self.export], out, self.bank, keep=keep, processes=number)
            tally = replace(result.tally, recalled=0)  # pictures that the first of the two looked at
            told.append((tally, result.contents.matches, result.contents.sources, written(out)))
        assert told[0] == told[1]


def written(out: Path) -> dict[str, bytes]:
    """Each file with what can be the same twice: not the time, and nothing that was signed or drawn at random."""
    found = {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.suffix != ".html" and "custody" not in path.name and path.name != "openings.ndjson"
    }
    report = json.loads(found["report.json"])
    del report["generated"]
    return found | {"report.json": json.dumps(report).encode()}


@contextmanager
def short_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tutela.sources.desktop.LONGEST", 1500)
        patch.setattr("tutela.sources.batches._MANY", 700)
        patch.setattr("tutela.scan.digesting._LONG", 0)
        patch.setattr("tutela.measures.speech.LANGUAGES_AT_MOST", 8)
        yield


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(messages(), min_size=1, max_size=30),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.lists(messages(), max_size=8)), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_scans_with_and_without_what_was_kept_say_the_same(
    first: list[Message], changes: list[tuple[str, list[Message]]], chance: random.Random
) -> None:
    with short_runs(), tempfile.TemporaryDirectory() as name:
        ecosystem = Ecosystem(Path(name), first)
        with ecosystem.bank:
            for how, more in [("", []), *changes]:
                ecosystem.change(how, more, chance)
                ecosystem.agrees(processes=2)


def plain(count: int) -> list[Message]:
    return [
        {"id": n, "type": "message", "date": "2020-05-01T10:00:00", "from_id": f"user{n % 7}", "text": f"Word{n} 5 $"}
        for n in range(1, count + 1)
    ]


@pytest.fixture
def ecosystem(tmp_path: Path) -> Iterator[Ecosystem]:
    with short_runs():
        ecosystem = Ecosystem(tmp_path, plain(200))
        with ecosystem.bank:
            yield ecosystem


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the messages that were made posts of."""
    numbers: list[int] = []
    make = DesktopPosts.post

    def counted(self: DesktopPosts, message: Any) -> Any:
        numbers.append(message.id)
        return make(self, message)

    monkeypatch.setattr(DesktopPosts, "post", counted)
    return numbers


def scanned(ecosystem: Ecosystem, **options: Any) -> None:
    ecosystem.write()
    scan([ecosystem.export], ecosystem.export.parent / "out", ecosystem.bank, **({"processes": 1} | options))


def test_processes_share_what_is_to_be_read(ecosystem: Ecosystem, made: list[int]) -> None:
    scanned(ecosystem, processes=3)
    assert not made  # but elsewhere
    files = {path.name for path in ecosystem.kept.iterdir()}
    made.clear()
    scanned(ecosystem)
    assert not made
    assert {path.name for path in ecosystem.kept.iterdir()} == files


def test_what_a_process_does_not_do_is_done_here(ecosystem: Ecosystem, monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()

    def fails(_: object) -> bytes:
        assert os.getpid() == here
        return b""

    monkeypatch.setattr("tutela.scan.digesting.pack", fails)
    ecosystem.agrees(processes=2)


def test_only_what_is_new_or_was_changed_is_read(
    ecosystem: Ecosystem, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutela.measures.speech.LANGUAGES_AT_MOST", 2048)  # of all texts, whichever come

    def read_again() -> set[int]:
        made.clear()
        scanned(ecosystem)
        return set(made)

    assert read_again() == set(range(1, 201))
    assert read_again() == set()
    ecosystem.messages += plain(203)[200:]
    assert read_again() == {201, 202, 203}
    ecosystem.messages[100]["text"] = "edited"
    edited = read_again()
    assert 101 in edited
    assert len(edited) < 30
    del ecosystem.messages[50]
    assert 0 < len(read_again()) < 30
    assert read_again() == set()


def test_what_was_kept_by_a_scan_that_was_interrupted_is_used(ecosystem: Ecosystem, made: list[int]) -> None:
    def stop(source: str, tally: Tally) -> None:
        if tally.posts > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scanned(ecosystem, progress=stop)
    made.clear()
    ecosystem.agrees()
    assert len(made) < 200 + 120  # all of them without, the rest with what was kept


def test_nothing_is_kept_where_nobody_wants_it(ecosystem: Ecosystem, made: list[int]) -> None:
    scanned(ecosystem, keep=False)
    assert not ecosystem.kept.exists()
    scanned(ecosystem, keep=False)
    assert len(made) == 400


def test_kept_files_tell_nothing_and_are_for_their_owner(ecosystem: Ecosystem) -> None:
    ecosystem.messages[3] |= {"photo": "photos/Zqwerty.jpg", "from": "Ada", "text": "Word 100 ₽ за 100 фото"}
    scanned(ecosystem)
    assert ecosystem.kept.stat().st_mode & 0o077 == 0
    names, contents = zip(*((path.name, path.read_bytes()) for path in ecosystem.kept.iterdir()), strict=True)
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)
    for needle in (b"Word", b"Zqwerty", b"Ada", b"pe-", b"ch-", b"RUB", b"photo", b"2020"):
        assert not any(needle in content for content in contents), needle


def test_another_bank_opens_nothing(ecosystem: Ecosystem, made: list[int], tmp_path: Path) -> None:
    scanned(ecosystem)
    made.clear()
    other = Ecosystem(tmp_path / "other", ecosystem.messages)
    shutil.copytree(ecosystem.kept, other.kept)
    with other.bank:
        other.agrees()
    assert len(made) == 400


def test_another_version_of_the_program_reads_anew(
    ecosystem: Ecosystem, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(ecosystem)
    made.clear()
    monkeypatch.setattr(shelves, "_program", lambda: b"another")
    scanned(ecosystem)
    assert len(made) == 200


def test_what_is_old_or_too_much_is_deleted(ecosystem: Ecosystem, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned(ecosystem)
    first, second, *_ = files = sorted(ecosystem.kept.iterdir())
    ecosystem.messages = plain(1)
    long_ago = time.time() - 86_400 * (shelves.KEPT_DAYS + 1)
    os.utime(first, (long_ago, long_ago))
    (ecosystem.kept / f"{second.name}.0badf00d.part").touch()
    scanned(ecosystem)
    assert {path.name for path in ecosystem.kept.iterdir()} == {path.name for path in files} - {first.name}
    monkeypatch.setattr(shelves, "MOST", 3 * second.stat().st_size)
    scanned(ecosystem)
    assert 1 <= len(list(ecosystem.kept.iterdir())) <= 4


@only_server
def test_of_a_bank_on_a_server_they_lie_apart_from_what_others_keep(
    addresses: Callable[[], str], ecosystem: Ecosystem, tmp_path: Path
) -> None:
    other = tmp_path / "cache" / "snapshot"
    other.parent.mkdir()
    other.touch()
    os.utime(other, (0, 0))
    ecosystem.write()
    with Bank.open(addresses(), create=True) as bank:
        scan([ecosystem.export], tmp_path / "out", bank)
    (kept,) = other.parent.glob("*.posts")
    assert list(kept.iterdir())
    assert sorted(other.parent.iterdir()) == sorted([kept, other])
