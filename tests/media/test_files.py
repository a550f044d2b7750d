"""A file is read within the limits, or there is a reason."""

import os
from pathlib import Path

import pytest

from tutela.media import Limits, read_file
from tutela.model import SkipCode, Skipped


def code_of(path: Path) -> SkipCode:
    found = read_file(path, Limits(file_bytes=100))
    assert isinstance(found, Skipped)
    return found.code


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_file_within_the_limit_is_read_whole(tmp_path: Path, size: int):
    (tmp_path / "x").write_bytes(b"a" * size)
    assert read_file(tmp_path / "x", Limits(file_bytes=100)) == b"a" * size


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a file that says it is empty and is not")
def test_a_file_that_holds_more_than_it_says_is_read_whole_within_the_limit():
    content = Path("/proc/version").read_bytes()
    assert read_file(Path("/proc/version"), Limits()) == content
    assert isinstance(read_file(Path("/proc/version"), Limits(file_bytes=len(content) - 1)), Skipped)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path):
    (tmp_path / "x").write_bytes(bytes(101))
    assert code_of(tmp_path / "x") == SkipCode.TOO_LARGE


def test_what_is_not_there_is_missing(tmp_path: Path):
    assert code_of(tmp_path / "x") == SkipCode.MISSING


def test_a_folder_a_pipe_a_device_and_an_impossible_name_cannot_be_read(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), Path("a\0b"), tmp_path / ("n" * 300)):
        assert code_of(path) == SkipCode.UNREADABLE
