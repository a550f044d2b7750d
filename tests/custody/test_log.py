"""The writer: what a log looks like, what it refuses, what it leaves behind when it fails."""

import errno
import os
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from custody.conftest import NOON, event, joined, plain, seal, ticking
from tutela.custody import Checkpoint, CustodyError, CustodyLog, Event, Signer, parse_line, verify, verify_checkpoint

UNCLOSED = "not closed: the run was interrupted or the end was cut off"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "custody.ndjson"


def started(path: Path, signer: Signer) -> CustodyLog:
    return CustodyLog.create(path, signer, now=ticking().__next__)


def test_a_log_is_written_as_the_format_page_says(path: Path, signer: Signer) -> None:
    """Byte for byte what a second writer makes of the page."""
    with started(path, signer) as log:
        log.record("scan.opened", {"posts": 3, "tool": "tutela/0.1"})
        log.record("scan.read")
    events = [plain(event(0, facts={"posts": 3, "tool": "tutela/0.1"})), plain(event(1, act="scan.read"))]
    assert path.read_bytes() == joined([*events, seal(events, at="2026-11-05T12:00:02.000000Z")])


def test_the_verifier_accepts_what_a_second_writer_makes(path: Path) -> None:
    events = [plain(event(seq)) for seq in range(5)]
    path.write_bytes(joined([*events, seal(events)]))
    assert verify(path).problems == ()


def test_a_closed_log_verifies_with_its_key_and_root(path: Path, signer: Signer) -> None:
    with started(path, signer) as log:
        log.record("scan.opened")
        closing = log.close()
    verification = verify(path, public_key=signer.public_key)
    assert verification.ok
    assert (verification.events, verification.root, verification.key) == (1, closing.root, signer.public_key.hex())


words = st.from_regex(r"[a-z][a-z0-9._-]{0,63}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
facts = st.dictionaries(words, st.integers(1 - 2**53, 2**53 - 1) | texts, max_size=6)


@settings(max_examples=50)
@given(st.lists(st.tuples(words, facts), min_size=1, max_size=5), st.data())
def test_what_is_recorded_verifies_and_reads_back(
    scratch: Path, acts: list[tuple[str, dict[str, int | str]]], data: st.DataObject
) -> None:
    scratch.unlink(missing_ok=True)
    signer, _ = Signer.generate()
    with CustodyLog.create(scratch, signer) as log:
        for act, said in acts:
            log.record(act, said)
            if data.draw(st.booleans()):
                log.checkpoint()
    assert verify(scratch).problems == ()
    lines = [parse_line(line) for line in scratch.read_bytes().split(b"\n")[:-1]]
    assert [(line.act, line.facts) for line in lines if isinstance(line, Event)] == acts


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("scan.opened", {"posts": 1.5}),
        ("scan.opened", {"posts": True}),
        ("scan.opened", {"posts": None}),
        ("scan.opened", {"posts": b"bytes"}),
        ("scan.opened", {"posts": ["a"]}),
        ("scan.opened", {"posts": 2**53}),
        ("scan.opened", {"text": "x" * 201}),
        ("scan.opened", {"text": "\udc80"}),
        ("scan.opened", {"Not a word": 1}),
        ("scan.opened", {"word\n": 1}),
        ("", {}),
        ("Scan opened", {}),
        ("scan.opened\n", {}),
        ("scan.opened", {f"fact{number}": "\N{PINCHING HAND}" * 200 for number in range(40)}),
    ],
)
def test_only_counts_and_short_texts_are_facts(path: Path, signer: Signer, act: str, said: dict[str, Any]) -> None:
    """What is refused leaves no trace, and the log goes on."""
    with started(path, signer) as log:
        with pytest.raises(CustodyError, match=r"cannot be recorded.*Facts are"):
            log.record(act, said)
        assert path.read_bytes() == b""
        log.record("scan.opened")
    assert verify(path).ok


def test_an_existing_file_is_never_overwritten(path: Path, signer: Signer) -> None:
    path.write_bytes(b"evidence")
    with pytest.raises(CustodyError, match="never overwritten"):
        CustodyLog.create(path, signer)
    assert path.read_bytes() == b"evidence"


def test_a_link_is_not_written_through(path: Path, signer: Signer, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CustodyError):
        CustodyLog.create(path, signer)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_missing_is_an_error_of_ours(tmp_path: Path, signer: Signer) -> None:
    with pytest.raises(CustodyError, match="No such file"):
        CustodyLog.create(tmp_path / "missing" / "custody.ndjson", signer)


def test_after_closing_nothing_is_recorded(path: Path, signer: Signer) -> None:
    log = started(path, signer)
    log.record("scan.opened")
    closing = log.close()
    written = path.read_bytes()
    for act in (lambda: log.record("more"), log.checkpoint):
        with pytest.raises(CustodyError, match="has ended"):
            act()
    assert log.close() == closing
    assert path.read_bytes() == written


def test_each_checkpoint_is_signed_over_the_events_so_far(path: Path, signer: Signer) -> None:
    with started(path, signer) as log:
        log.record("scan.opened")
        first = log.checkpoint()
        log.record("scan.read")
        last = log.close()
    assert [(first.number, first.size, first.closed), (last.number, last.size, last.closed)] == [
        (0, 1, False),
        (1, 2, True),
    ]
    assert verify_checkpoint(first)
    assert verify_checkpoint(last)
    assert parse_line(path.read_bytes().splitlines()[-1]) == last


def test_a_log_names_the_one_it_continues(tmp_path: Path, signer: Signer) -> None:
    with started(tmp_path / "first", signer) as first:
        first.record("scan.opened")
    closing = first.close()
    CustodyLog.create(tmp_path / "second", signer, previous=closing).close()
    named = parse_line((tmp_path / "second").read_bytes().splitlines()[0])
    assert isinstance(named, Event)
    assert (named.seq, named.act) == (0, "log.continued")
    assert named.facts == {"size": 1, "root": closing.root, "key": closing.key}
    assert verify(tmp_path / "second").ok


def test_an_exception_leaves_a_signed_record_of_an_interrupted_run(path: Path, signer: Signer) -> None:
    with pytest.raises(KeyboardInterrupt), started(path, signer) as log:
        log.record("scan.opened")
        raise KeyboardInterrupt
    assert [problem.what for problem in verify(path).problems] == [UNCLOSED]
    last = parse_line(path.read_bytes().splitlines()[-1])
    assert isinstance(last, Checkpoint)
    assert (last.size, last.closed) == (1, False)


def test_a_clock_that_is_set_back_does_not_turn_time_around(path: Path, signer: Signer) -> None:
    instants = [NOON, NOON - timedelta(hours=1), NOON + timedelta(seconds=1)]
    with CustodyLog.create(path, signer, now=iter(instants).__next__) as log:
        log.record("first")
        log.record("second")
    assert verify(path).ok
    lines = [parse_line(line).at for line in path.read_bytes().splitlines()]
    assert lines == [NOON, NOON, NOON + timedelta(seconds=1)]


def test_instants_are_written_in_utc(path: Path, signer: Signer) -> None:
    there = datetime(2026, 11, 5, 14, tzinfo=timezone(timedelta(hours=2)))
    with CustodyLog.create(path, signer, now=lambda: there) as log:
        log.record("first")
    assert b'"at":"2026-11-05T12:00:00.000000Z"' in path.read_bytes()


def test_an_instant_without_time_zone_is_refused(path: Path, signer: Signer) -> None:
    log = CustodyLog.create(path, signer, now=lambda: NOON.replace(tzinfo=None))
    with pytest.raises(CustodyError, match="time zone"):
        log.record("first")


def test_the_default_clock_is_the_present(path: Path, signer: Signer) -> None:
    before = datetime.now(UTC)
    with CustodyLog.create(path, signer) as log:
        log.record("first")
    assert before <= parse_line(path.read_bytes().splitlines()[0]).at <= datetime.now(UTC)


class Calls:
    """Notes the writes and syncs of a log and fails one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, fail_at: int = -1, short: bool = False) -> None:
        self.names: list[str] = []
        self.fail_at = fail_at
        self.short = short
        self.write = os.write
        self.fsync = os.fsync
        patch.setattr(os, "write", self.noted_write)
        patch.setattr(os, "fsync", self.noted_fsync)

    def failing(self, name: str) -> bool:
        self.names.append(name)
        return len(self.names) - 1 == self.fail_at

    def noted_write(self, descriptor: int, content: bytes) -> int:
        if not self.failing("write"):
            return self.write(descriptor, content)
        if self.short:
            return self.write(descriptor, content[:-9])
        raise OSError(errno.ENOSPC, "No space left on device")

    def noted_fsync(self, descriptor: int) -> None:
        if self.failing("fsync"):
            raise OSError(errno.EIO, "Input/output error")
        self.fsync(descriptor)


def session(path: Path, signer: Signer) -> int:
    """A short life of a log; returns how many events were acknowledged."""
    done = 0
    try:
        with started(path, signer) as log:
            for act in ("one", "two", "|", "three"):
                if act == "|":
                    log.checkpoint()
                else:
                    log.record(act)
                    done += 1
    except CustodyError:
        pass
    return done


def test_a_line_is_one_write_and_a_checkpoint_is_on_disk(
    path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first sync is that of the folder, so that the new name survives a power cut."""
    calls = Calls(monkeypatch)
    assert session(path, signer) == 3
    assert calls.names == ["fsync", "write", "write", "write", "fsync", "write", "write", "fsync"]


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("fail_at", range(8))
def test_whatever_call_fails_the_acknowledged_events_are_there(
    path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch, fail_at: int, short: bool
) -> None:
    """A full disk or a broken one, at each call in turn: the log stops, and what it holds still verifies so far."""
    with monkeypatch.context() as patch:
        calls = Calls(patch, fail_at, short)
        acknowledged = session(path, signer)
        assert len(calls.names) == fail_at + 1, "nothing is tried after a failure"
    verification = verify(path)
    assert verification.events == acknowledged
    allowed = {UNCLOSED, "no event is recorded", "is torn: it has no line end"}
    assert {problem.what for problem in verification.problems} <= allowed
    assert verification.ok is (fail_at == 7), "only the sync of the closing line may fail with the line in place"


def test_a_failed_log_takes_no_more(path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    log = started(path, signer)
    with monkeypatch.context() as patch:
        Calls(patch, 0)
        with pytest.raises(CustodyError, match="No space left"):
            log.record("one")
    for act in (lambda: log.record("two"), log.checkpoint, log.close):
        with pytest.raises(CustodyError, match="has ended"):
            act()


def test_memory_does_not_grow_with_the_events(path: Path, signer: Signer) -> None:
    """Four thousand events, half a megabyte of log: neither side needs a tenth of that, once all code is loaded."""

    def written_and_verified(path: Path, events: int) -> None:
        with CustodyLog.create(path, signer) as log:
            for number in range(events):
                log.record("item.read", {"number": number})
        assert verify(path).events == events

    written_and_verified(path.with_name("before"), 300)
    tracemalloc.start()
    try:
        written_and_verified(path, 4_000)
        assert tracemalloc.get_traced_memory()[1] < 50_000
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 450_000


class TestSigner:
    def test_it_signs_as_rfc_8032_says(self) -> None:
        """The first test vector of section 7.1."""
        signer = Signer(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
        assert signer.public_key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        assert signer.sign(b"").hex() == (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        )

    def test_a_generated_key_comes_back(self) -> None:
        signer, private_key = Signer.generate()
        assert Signer(private_key).public_key == signer.public_key
        assert Signer.generate()[1] != private_key

    @pytest.mark.parametrize("length", [0, 31, 33, 64])
    def test_a_key_of_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            Signer(bytes(length))

    def test_its_text_form_shows_the_public_key_only(self) -> None:
        signer, private_key = Signer.generate()
        assert signer.public_key.hex() in repr(signer)
        assert private_key.hex() not in repr(signer) + str(vars(signer))
        assert repr(private_key) not in repr(signer) + str(vars(signer))

    def test_a_checkpoint_holds_under_its_own_key_only(self, path: Path, signer: Signer) -> None:
        with started(path, signer) as log:
            log.record("one")
        closing = log.close()
        other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        claims = {name: getattr(closing, name) for name in closing.__struct_fields__}
        assert verify_checkpoint(Checkpoint(**claims))
        assert not verify_checkpoint(Checkpoint(**claims | {"key": other}))
        assert not verify_checkpoint(Checkpoint(**claims | {"size": 2}))
        assert not verify_checkpoint(Checkpoint(**claims | {"closed": False}))
        assert not verify_checkpoint(Checkpoint(**claims | {"signature": "xyz"}))
