"""What a scan remembers of files: the same answer while nothing changed, none once something did."""

import os
from pathlib import Path

import pytest

from databases import only_sqlite
from samples import fingerprint
from tutela.bank import Bank
from tutela.model import SkipCode, Skipped

DAMAGED = Skipped(SkipCode.DAMAGED, "damaged")


def picture(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"bytes")
    return path


def test_a_file_that_did_not_change_is_recalled_also_by_the_next_run(bank: Bank, url: str, tmp_path: Path) -> None:
    memory, path = bank.memory("a/1"), picture(tmp_path)
    memory.remember(memory.key(path) or b"", fingerprint(1))
    assert memory.recall(memory.key(path) or b"") == fingerprint(1)
    memory.flush()
    with Bank.open(url) as again:
        recalled = again.memory("a/1")
        assert recalled.recall(recalled.key(path) or b"") == fingerprint(1)


@pytest.mark.parametrize("change", ["size", "time", "inode", "algorithm", "gone"])
def test_a_changed_file_is_read_again(bank: Bank, tmp_path: Path, change: str) -> None:
    memory, path = bank.memory("a/1"), picture(tmp_path)
    memory.remember(memory.key(path) or b"", fingerprint(1))
    state = path.stat()
    match change:
        case "size":
            path.write_bytes(b"other bytes")
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        case "time":
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
        case "inode":
            path.rename(tmp_path / "kept")
            path.write_bytes(b"other")
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        case "algorithm":
            memory = bank.memory("a/2")
        case "gone":
            path.unlink()
            assert memory.key(path) is None
            return
    assert memory.recall(memory.key(path) or b"") is None


def test_a_reason_that_may_pass_is_tried_again(bank: Bank) -> None:
    memory = bank.memory("a/1")
    memory.remember(b"k" * 32, DAMAGED)
    memory.remember(b"s" * 32, Skipped(SkipCode.TOO_SLOW, "too slow"))
    assert memory.recall(b"k" * 32) == DAMAGED
    assert memory.recall(b"s" * 32) is None


@only_sqlite  # what a file holds; what a server keeps, no client can see
def test_no_path_and_no_fingerprint_lies_readable_on_disk(bank: Bank, tmp_path: Path) -> None:
    memory, path = bank.memory("a/1"), picture(tmp_path)
    memory.remember(memory.key(path) or b"", fingerprint(1))
    memory.flush()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("bank.*"))
    assert b"photo.jpg" not in stored
    assert fingerprint(1).sha256 not in stored


def test_thousands_are_remembered(bank: Bank) -> None:
    memory = bank.memory("a/1")
    keys = [number.to_bytes(32, "big") for number in range(1000)]
    for number, key in enumerate(keys):
        memory.remember(key, fingerprint(number))
    memory.flush()
    assert bank.inventory().remembered == 1000
    assert all(memory.recall(key) == fingerprint(number) for number, key in enumerate(keys))
