"""Protections by number, id and file, with and without columns; compared with a plain dictionary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.matching.columns import Entry, text_words, word_texts
from tutela.matching.roster import Roster
from tutela.model import CaseRef, ProtectionId

FILES = [bytes([first] * 8 + [last] * 24) for first in (0, 1, 255) for last in (0, 7)]
"""Two and two begin alike."""

NAMES = ["", "a", "protect", "protection 1", "protection 2", "protection 2 of the same file", "é" * 13]

steps = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(NAMES), st.sampled_from(FILES)),
    st.tuples(st.just("remove"), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(["compact", "save"])),
)


def entry(name: str, sha256: bytes) -> Entry:
    return Entry(CaseRef(f"TU-{name}"), ProtectionId(name), sha256)


@given(st.lists(steps, max_size=40))
def test_after_any_history_everything_is_found_by_number_id_and_file(history: list[tuple[str, ...]]) -> None:
    roster, oracle = Roster(), dict[int, Entry]()
    for number, (what, *rest) in enumerate(history):
        if what == "compact":
            roster.compact()
        elif what == "save":
            roster = Roster.from_arrays(roster.arrays())
        elif what == "remove":
            for found in [found for found, kept in oracle.items() if kept.protection == rest[0]]:
                roster.remove(found)
                del oracle[found]
        elif rest[0] not in {kept.protection for kept in oracle.values()}:
            oracle[number] = entry(*rest)
            roster.add(number, oracle[number])
    assert len(roster) == len(oracle)
    assert {number: roster.entry(number) for number in range(len(history))} == {
        number: oracle.get(number) for number in range(len(history))
    }
    for name in NAMES:
        assert [roster.number(ProtectionId(name))] == (
            [number for number, kept in oracle.items() if kept.protection == name] or [None]
        )
    for sha256 in FILES:
        assert roster.same_file(sha256) == [number for number, kept in oracle.items() if kept.sha256 == sha256]


@given(st.permutations(range(6)))
def test_a_removed_entry_is_overwritten_in_whatever_order_they_go(order: list[int]) -> None:
    """Also where several begin with the same eight bytes, or are of the same file."""
    hashes = [bytes([1] * 32), *[bytes([2] * 32)] * 3, bytes([2] * 8 + [3] * 24), bytes([4] * 32)]
    filled = Roster()
    for number, sha256 in enumerate(hashes):
        filled.add(number, entry(f"protection {number}", sha256))
    columns = Roster.from_arrays(filled.arrays())._parts[0]
    left = set(range(6))
    for number in order:
        columns.remove(number)
        left.remove(number)
        bytes_left = b"".join(words.T.tobytes() for words in columns.arrays().values())
        for other, sha256 in enumerate(hashes):
            assert (f"protection {other}".encode() in bytes_left) == (other in left)
            alive = any(hashes[kept][:8] == sha256[:8] for kept in left)
            assert (sha256[:8] in bytes_left) == alive


def test_what_is_removed_or_added_while_others_are_put_into_columns_stays_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    roster = Roster()
    for number in range(4):
        roster.add(number, entry(f"p{number}", FILES[number]))
    roster.compact()
    roster.add(4, entry("p4", FILES[4]))
    roster.add(5, entry("p5", FILES[5]))
    joined = roster._joined

    def meanwhile() -> object:
        taken = joined()
        roster.remove(1)
        roster.remove(4)
        roster.add(6, entry("p6", FILES[0]))
        return taken

    monkeypatch.setattr(roster, "_joined", meanwhile)
    roster.compact()
    there = {0, 2, 3, 5, 6}
    assert {number for number in range(8) if roster.entry(number)} == there
    assert {number for number in range(8) if roster.number(ProtectionId(f"p{number}")) == number} == there
    assert roster.same_file(FILES[0]) == [0, 6]
    assert roster.same_file(FILES[4]) == []


@given(st.lists(st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"])), max_size=10))
def test_texts_come_back_from_words(texts: list[str]) -> None:
    assert word_texts(text_words(texts)) == texts
