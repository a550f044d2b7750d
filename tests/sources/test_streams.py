"""A source's file as one stream: whole lines wherever its pieces end, and errors that say which file it is."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.sources import SourceError
from tutela.sources.streams import MendedFile, head

PIECE = 1 << 16


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("streams") / "lines.ndjson"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 9, PIECE - 2, PIECE - 1, PIECE, 3 * PIECE + 5]), max_size=9))
def test_lines_are_whole_wherever_a_piece_ends(path: Path, sizes: list[int]) -> None:
    *lines, last = [bytes([97 + number]) * size for number, size in enumerate([*sizes, len(sizes) % 2])]
    path.write_bytes(b"\n".join([*lines, last]))
    with MendedFile(path) as file:
        assert list(file.lines()) == [*lines, *([last] if last else [])]


@pytest.mark.parametrize("read", [MendedFile, lambda path: head(path, 9)])
def test_what_cannot_be_read_is_named_with_its_folder(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(SourceError, match=re.escape(ascii(str(tmp_path / "roses" / "b.json")))):
        read(tmp_path / "roses" / "b.json")
