"""The verifier: whatever was done to a log is found, and whatever a log is made of, it answers."""

import json
import os
from collections.abc import Callable, Sequence
from itertools import permutations, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custody.conftest import KEY, NOON, event, joined, plain, seal, stamp, ticking
from tutela.custody import LOG_NAME, CustodyLog, Problem, Signer, Verification, verify

OTHER_KEY = bytes(range(1, 33))
Judge = Callable[[bytes], Verification]
Write = Callable[[Path, Sequence[str]], bytes]


@pytest.fixture(scope="module")
def log(write: Write, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three events and two checkpoints: the lines that everything here is done to."""
    return write(tmp_path_factory.mktemp("log") / LOG_NAME, ["scan.opened", "scan.read", "|", "scan.ended"])


def whats(verification: Verification) -> str:
    return "; ".join(problem.what for problem in verification.problems)


def test_the_log_that_is_tampered_with_below_is_sound(log: bytes, judged: Judge, signer: Signer) -> None:
    verification = judged(log)
    assert (verification.ok, verification.events, verification.problems) == (True, 3, ())
    assert verification.key == signer.public_key.hex()


def test_a_flipped_bit_is_found_in_whichever_byte(log: bytes, judged: Judge) -> None:
    """Each byte in another bit than the one before it, and each letter in its case, which reading hex forgives."""
    bits = {(at, at % 8) for at in range(len(log))} | {(at, 5) for at in range(len(log)) if log[at : at + 1].isalpha()}
    flipped = {place: log[: place[0]] + bytes([log[place[0]] ^ 1 << place[1]]) + log[place[0] + 1 :] for place in bits}
    assert [place for place, bent in flipped.items() if judged(bent).ok] == []


def edges(log: bytes) -> list[int]:
    """Where lines begin and end: before and behind each line end, and at the start."""
    return [0, *(at + behind for at in range(len(log)) if log[at : at + 1] == b"\n" for behind in (0, 1))]


def test_every_byte_that_is_taken_out_or_put_in_is_found(log: bytes, judged: Judge) -> None:
    """What is put in changes from place to place; at the edges of lines it is everything in turn."""
    kinds = (b"\n", b" ", b"0", b"\x00")
    shorter = [log[:at] + log[at + 1 :] for at in range(len(log))]
    puts = {*((at, kinds[at % 4]) for at in range(len(log) + 1)), *product(edges(log), kinds)}
    assert not any(judged(bent).ok for bent in (*shorter, *(log[:at] + byte + log[at:] for at, byte in puts)))


def test_every_cut_is_found_at_whichever_byte(log: bytes, judged: Judge) -> None:
    """What stands before it is left or what stands behind it, by turns; at the edges of lines each of the two."""
    cuts = {*((at, at % 2) for at in range(1, len(log))), *product(edges(log), (0, 1))} - {(0, 1), (len(log), 0)}
    assert not any(judged(log[at:] if behind else log[:at]).ok for at, behind in cuts)


def test_every_other_order_of_the_lines_is_found(log: bytes, judged: Judge) -> None:
    """All 119 of them, the swapping of neighbours among them."""
    lines = log.splitlines(keepends=True)
    others = [b"".join(order) for order in permutations(lines) if list(order) != lines]
    assert len(others) == 119
    assert not any(judged(other).ok for other in others)


def test_every_set_of_lines_that_is_taken_out_is_found(log: bytes, judged: Judge) -> None:
    lines = log.splitlines(keepends=True)
    for kept in product([True, False], repeat=len(lines)):
        content = b"".join(line for line, stays in zip(lines, kept, strict=True) if stays)
        assert judged(content).ok is all(kept)


def test_every_line_that_stands_twice_is_found(log: bytes, judged: Judge) -> None:
    """At whichever place the second one stands."""
    lines = log.splitlines(keepends=True)
    for line, place in product(lines, range(len(lines) + 1)):
        assert not judged(b"".join([*lines[:place], line, *lines[place:]])).ok


def test_a_foreign_event_is_found_wherever_it_stands(log: bytes, judged: Judge) -> None:
    """Even one with the number and the time that fit there."""
    lines = log.splitlines(keepends=True)
    for place in range(len(lines) + 1):
        for seq in range(5):
            foreign = plain(event(seq, act="foreign")) + b"\n"
            assert not judged(b"".join([*lines[:place], foreign, *lines[place:]])).ok


def test_the_end_cannot_be_cut_off_and_the_log_closed_again_without_the_key(log: bytes, judged: Judge) -> None:
    """What an administrator without the key would do: drop the last event and turn the checkpoint into the last."""
    lines = log.splitlines()
    ended = json.loads(lines[2]) | {"closed": True}
    assert "the signature does not hold" in whats(judged(joined([*lines[:2], plain(ended)])))


@pytest.mark.parametrize("expected", [None, KEY, OTHER_KEY])
def test_a_log_that_was_signed_anew_is_found_where_the_key_is_known(
    log: bytes, scratch: Path, judged: Judge, expected: bytes | None
) -> None:
    """Without the key, nobody can tell; the answer then names the key for the reader to compare."""
    events = [line for line in log.splitlines() if b'"type":"event"' in line]
    forged = [events[0].replace(b"scan.opened", b"scan.forged"), *events[1:]]
    scratch.write_bytes(joined([*forged, seal(forged, key=OTHER_KEY)]))
    verification = verify(scratch, public_key=expected and Signer(expected).public_key)
    assert verification.ok is (expected != KEY)
    assert verification.key == Signer(OTHER_KEY).public_key.hex()
    assert (whats(verification) == "is signed with another key than the one expected") is (expected == KEY)


THREE = [plain(event(seq)) for seq in range(3)]
CLOSED = seal(THREE)
RULES = {
    "no event is recorded": [seal([])],
    "event 3 stands where 2 should": [*THREE[:2], plain(event(3))],
    "event 1 stands where 2 should": [*THREE[:2], plain(event(1, at=stamp(9)))],
    "is dated before the line above it": [*THREE[:2], plain(event(2, at=stamp(0)))],
    "does not cover exactly the events above it": [*THREE, seal(THREE, size=2)],
    "the events above it are not those signed": [*THREE, seal(THREE[::-1])],
    "checkpoint 1 where 0 should be": [*THREE, seal(THREE, number=1)],
    "checkpoint 0 where 1 should be": [*THREE, seal(THREE, closed=False), CLOSED],
    "the signature does not hold": [*THREE, plain(json.loads(CLOSED) | {"signature": "0" * 128})],
    "is signed with another key than those above it": [
        *THREE, seal(THREE, closed=False, key=OTHER_KEY), seal(THREE, number=1),
    ],
    "comes after the closing checkpoint": [*THREE, CLOSED, plain(event(3, at=stamp(3599)))],
    "not closed: the run was interrupted or the end was cut off": [*THREE, seal(THREE, closed=False)],
}  # fmt: skip


@pytest.mark.parametrize("what", RULES)
def test_each_rule_has_its_own_words(judged: Judge, what: str) -> None:
    """Each log is signed as it stands, so that no other check stands in for the one that is meant."""
    lines = RULES[what]
    resealed = lines if b'"type":"checkpoint"' in b"".join(lines) else [*lines, seal(lines)]
    assert what in {problem.what for problem in judged(joined(resealed)).problems}


def seals_only(line: bytes) -> bytes:
    """A log of this one event line, signed as it stands."""
    return joined([line, seal([line])])


LINE = plain(event(0, facts={"a": 1, "b": "é"}))


@pytest.mark.parametrize(
    "other",
    [
        LINE.replace(b":1", b":1.0"),
        LINE.replace(b":1", b": 1"),
        LINE.replace(b":1", b":1e0"),
        LINE.replace(b"\\u00e9", "é".encode()),
        LINE.replace(b"\\u00e9", b"\\u00E9"),
        LINE.replace(b'"a":1,', b'"a":2,"a":1,'),
        LINE.replace(b".000000Z", b"Z"),
        LINE.replace(b".000000Z", b".000000+00:00"),
        LINE.replace(b"T12:00:00.000000Z", b"T13:00:00.000000+01:00"),
        LINE.replace(b"T12", b"t12"),
        LINE + b" ",
        LINE + b"\r",
        b"\xef\xbb\xbf" + LINE,
        LINE.replace(b'"seq":0', b'"seq":0,"seq2":0'),
        LINE.replace(b'"seq":0', b'"seq":-0'),
        b"{%b}" % b",".join(LINE[1:-1].split(b",")[::-1]),
        json.dumps(json.loads(LINE)).encode(),
    ],
)
def test_one_content_has_one_form(judged: Judge, other: bytes) -> None:
    """Two ways to write one event would be two leaves: every other way is refused, though the signature holds."""
    assert judged(seals_only(LINE)).ok
    assert other != LINE
    assert not judged(seals_only(other)).ok


@pytest.mark.parametrize("bad", ["a" * 63, "A" * 64, "g" * 64, ("a" * 64) + "\n"])
def test_a_commitment_is_64_hex_digits(judged: Judge, bad: str) -> None:
    assert judged(seals_only(plain(event(0, commitment="a" * 64)))).ok
    assert not judged(seals_only(plain(event(0, commitment=bad)))).ok


def sized(size: int) -> bytes:
    """An event line of that many bytes."""
    facts = {"f": ""}
    while (room := size - len(plain(event(0, facts=facts))) - 10) >= 0:
        facts[f"f{len(facts):03}"] = "x" * (190 if 200 < room < 210 else min(room, 200))
    return plain(event(0, facts=facts))


def test_the_longest_line_is_read_and_one_more_byte_is_not(judged: Judge) -> None:
    assert judged(seals_only(sized(65_535))).ok
    assert "is longer than 65536 bytes" in whats(judged(seals_only(sized(65_536))))


def test_of_a_thousand_problems_a_hundred_are_listed(judged: Judge) -> None:
    problems = judged(b"?\n" * 1000).problems
    assert len(problems) == 101
    assert problems[-1] == Problem("log", "there are more problems than the 100 listed")


def test_problems_name_their_line(judged: Judge) -> None:
    assert judged(joined([*THREE[:2], b"?", THREE[2], CLOSED])).problems[0].where == "line 3"


def test_the_answer_as_json_is_what_the_command_prints(judged: Judge) -> None:
    answer = judged(joined(THREE)).as_json()
    assert json.loads(json.dumps(answer)) == answer
    assert list(answer) == ["ok", "events", "root", "key", "problems"]
    assert answer["problems"] == [
        {"where": LOG_NAME, "what": "not closed: the run was interrupted or the end was cut off"}
    ]


HOSTILE = {
    "nothing": b"",
    "a line end": b"\n",
    "NUL": b"\x00" * 5000,
    "not UTF-8": b'{"type":"\xff\xfe"}\n',
    "half a character": b'{"act":"\\udc80"}\n',
    "a line without end": b"x" * 1_000_000,
    "a deep list": b"[" * 60_000 + b"\n",
    "a deep object": b'{"facts":' * 7_000 + b"\n",
    "a deep fact": b'{"type":"event","facts":{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}}\n",
    "a large number": b'{"type":"event","seq":' + b"9" * 60_000 + b"}\n",
    "no such date": plain(event(0, at="2026-02-30T12:00:00.000000Z")) + b"\n",
    "the year 0": plain(event(0, at="0000-01-01T00:00:00.000000Z")) + b"\n",
    "the first instant, further east": plain(event(0, at="0001-01-01T00:00:00.000000+23:59")) + b"\n",
    "the last instant, further west": plain(event(0, at="9999-12-31T23:59:59.999999-23:59")) + b"\n",
    "another type": b'{"type":"other"}\n',
    "no type": b"{}\n",
    "terminal codes": b"\x1b[2J\x1b]0;owned\x07\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_log_gets_an_answer(judged: Judge, name: str) -> None:
    verification = judged(HOSTILE[name])
    assert not verification.ok
    assert verification.problems
    assert all(problem.what.isprintable() and len(problem.what) <= 300 for problem in verification.problems)


def test_a_log_without_line_ends_is_not_read_into_memory(tmp_path: Path) -> None:
    """A gigabyte of nothing, as a hole in the file: the verifier stops after one line's length."""
    path = tmp_path / LOG_NAME
    with path.open("wb") as file:
        file.truncate(2**30)
    assert whats(verify(path)).startswith("is longer than 65536 bytes; nothing after it was read")


@settings(deadline=None)  # files on a busy machine
@given(st.binary(max_size=400))
@example(b"\r\n" * 3)
def test_any_bytes_get_an_answer(judged: Judge, content: bytes) -> None:
    assert not judged(content).ok


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
lines = st.builds(
    lambda base, changes: json.dumps(base | changes).encode(),
    st.sampled_from([event(0), json.loads(CLOSED)]),
    st.dictionaries(st.sampled_from([*event(0), *json.loads(CLOSED)]), json_values, max_size=3),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # files on a busy machine
@given(st.lists(lines | st.binary(max_size=30), max_size=4))
def test_anything_that_looks_like_a_log_gets_an_answer(judged: Judge, made: list[bytes]) -> None:
    assert not judged(joined(made)).ok


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: None])
def test_what_is_no_file_is_not_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A pipe would hold the verifier for ever, a device would feed it for ever."""
    make(tmp_path / "log")
    assert whats(verify(tmp_path / "log")).startswith("cannot be read")


def test_a_file_that_may_not_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", denied)
        verification = verify(tmp_path)
    assert whats(verification) == "cannot be read (Permission denied)"


def test_a_log_under_another_name_verifies_alone(write: Write, tmp_path: Path, signer: Signer) -> None:
    write(tmp_path / "elsewhere.txt", ["scan.opened"])
    assert verify(tmp_path / "elsewhere.txt", public_key=signer.public_key).ok


def test_an_inner_checkpoint_that_is_false_is_found(tmp_path: Path, signer: Signer, judged: Judge) -> None:
    """Though the closing one covers the same events and holds."""
    path = tmp_path / LOG_NAME
    with CustodyLog.create(path, signer, now=ticking().__next__) as log:
        log.record("one")
        log.checkpoint()
        log.record("two")
    lines = path.read_bytes().splitlines()
    assert json.loads(lines[1])["at"] == f"{NOON:%Y-%m-%dT%H:%M:01.000000Z}"
    lines[1] = lines[1].replace(b"12:00:01", b"12:00:02")
    assert "the signature does not hold" in whats(judged(joined(lines)))
