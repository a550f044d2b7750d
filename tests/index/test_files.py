"""A saved set comes back as it was; whatever happened to the file otherwise is a clear error."""

import os
import random
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tutela.index import HammingIndex, IndexFileError

KEY = bytes(range(32))
OTHER = bytes(32)
MANY = 2500
"""Enough for tables."""


def drawn(size: int) -> NDArray[np.uint8]:
    return np.frombuffer(random.Random(size).randbytes(32 * size), dtype=np.uint8).reshape(-1, 32)


def made(size: int) -> HammingIndex:
    index = HammingIndex()
    index.add(range(0, 2 * size, 2), drawn(size))
    return index


def same(left: HammingIndex, right: HammingIndex, size: int) -> bool:
    codes = drawn(size)
    queries = np.concatenate([codes[:50] ^ np.uint8(1), codes[-5:]])
    answers = (index.search(queries, limit) for limit in (31, 60) for index in (left, right))
    return len(left) == len(right) and all(
        np.array_equal(a, b) for one, two in zip(answers, answers, strict=True) for a, b in zip(one, two, strict=True)
    )


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("size", [0, 1, 100, MANY])
def test_what_was_saved_is_loaded(tmp_path: Path, size: int, key: bytes | None) -> None:
    index = made(size)
    index.save(tmp_path / "index", key)
    assert same(HammingIndex.load(tmp_path / "index", key), index, size)


def test_a_path_may_be_text(tmp_path: Path) -> None:
    made(10).save(str(tmp_path / "index"))
    assert same(HammingIndex.load(str(tmp_path / "index")), made(10), 10)
    with pytest.raises(IndexFileError, match="nothing"):
        HammingIndex.load(str(tmp_path / "nothing"))


@pytest.mark.parametrize("key", [None, KEY])
def test_a_loaded_set_can_be_changed_and_saved_again_over_its_own_file(tmp_path: Path, key: bytes | None) -> None:
    path = tmp_path / "index"
    made(MANY).save(path, key)
    index = HammingIndex.load(path, key)
    before = path.read_bytes()
    index.remove([0, 10])
    index.add([1], np.full((1, 32), 7, np.uint8))
    assert path.read_bytes() == before
    index.save(path, key)
    again = HammingIndex.load(path, key)
    assert (0 in again, 1 in again, 2 in again, len(again)) == (False, True, True, MANY - 1)


def test_sealed_nothing_of_a_code_is_readable_and_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    index = HammingIndex()
    code = random.Random(1).randbytes(32)
    index.add(range(MANY), np.frombuffer(code * MANY, dtype=np.uint8).reshape(-1, 32))
    index.save(tmp_path / "plain")
    index.save(tmp_path / "sealed", KEY)
    word = index.arrays()["codes"].tobytes()[:8]
    assert word in (tmp_path / "plain").read_bytes()
    assert word not in (tmp_path / "sealed").read_bytes()
    assert stat.S_IMODE((tmp_path / "sealed").stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 2


def test_a_saved_file_and_its_name_are_on_disk_before_save_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, fsync = [], os.fsync

    def noted(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    made(100).save(tmp_path / "index")
    assert synced == [False, True]


def test_a_removed_code_is_not_in_the_next_file(tmp_path: Path) -> None:
    index = made(MANY)
    code = random.Random(5).randbytes(32)
    index.add([9], np.frombuffer(code, dtype=np.uint8))
    index.remove([9])
    index.save(tmp_path / "index")
    assert code not in (tmp_path / "index").read_bytes()


@pytest.mark.parametrize(("saved", "given"), [(KEY, OTHER), (KEY, None), (None, KEY)])
def test_another_key_is_refused(tmp_path: Path, saved: bytes | None, given: bytes | None) -> None:
    made(MANY).save(tmp_path / "index", saved)
    with pytest.raises(IndexFileError) as refusal:
        HammingIndex.load(tmp_path / "index", given)
    assert refusal.value.exit_status == 4
    assert refusal.value.remedy


@pytest.mark.parametrize("size", [0, 5, 16, 33])
def test_what_is_no_key_of_32_bytes_is_refused_and_nothing_is_written(tmp_path: Path, size: int) -> None:
    made(10).save(tmp_path / "index", KEY)
    before = (tmp_path / "index").read_bytes()
    with pytest.raises(ValueError, match=f"32 bytes, not {size}"):
        HammingIndex.load(tmp_path / "index", bytes(size))
    with pytest.raises(ValueError, match=f"32 bytes, not {size}"):
        made(11).save(tmp_path / "index", bytes(size))
    assert (tmp_path / "index").read_bytes() == before
    assert [*tmp_path.iterdir()] == [tmp_path / "index"]


def test_nobody_is_told_to_delete_what_may_be_the_only_copy(tmp_path: Path) -> None:
    made(10).save(tmp_path / "index", KEY)
    with pytest.raises(IndexFileError) as refusal:
        HammingIndex.load(tmp_path / "index", OTHER)
    assert "elete" not in refusal.value.remedy
    assert "key" in refusal.value.remedy


@pytest.fixture(scope="module", params=[None, KEY], ids=["plain", "sealed"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes | None]:
    path = tmp_path_factory.mktemp("index") / "index"
    made(300).save(path, request.param)
    return path, path.read_bytes(), request.param


@given(data=st.data())
def test_any_altered_byte_and_any_cut_is_found(file: tuple[Path, bytes, bytes | None], data: st.DataObject) -> None:
    path, good, key = file
    place = data.draw(st.integers(0, len(good) - 1))
    if data.draw(st.booleans()):
        changed = good[:place]
    else:
        flip = bytes([good[place] ^ data.draw(st.integers(1, 255))])
        changed = good[:place] + flip + good[place + 1 :]
    path.write_bytes(changed)
    try:
        loaded = HammingIndex.load(path, key)
    except IndexFileError:
        return
    assert _is_filling(good, place), "an altered file was taken for a good one"
    assert same(loaded, made(300), 300)


def _is_filling(good: bytes, place: int) -> bool:
    """Zero bytes between sections carry nothing."""
    return good[place] == 0


@given(st.binary(max_size=300))
def test_what_is_no_index_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(noise)
    with pytest.raises(IndexFileError):
        HammingIndex.load(path)


def test_a_missing_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError, match="cannot be read"):
        HammingIndex.load(tmp_path / "nothing")


def test_tables_that_do_not_belong_to_the_codes_are_refused(tmp_path: Path) -> None:
    """A plain file can be made by anybody; what leads out of the arrays must not be followed."""
    from tutela.index import files

    index = made(MANY)
    (segment,) = index._state.segments
    held = segment.arrays()
    for name, value in (("starts", MANY + 1), ("dead", MANY), ("dead", -1)):
        spoilt = np.full(1, value) if name == "dead" else held[name].copy()
        spoilt.flat[0] = value
        arrays = {**held, name: spoilt}
        files.write(tmp_path / "index", arrays, None)
        with pytest.raises(IndexFileError):
            HammingIndex.load(tmp_path / "index")
    files.write(tmp_path / "index", {**segment.arrays(), "plan": np.ones((2, 3), np.int64)}, None)
    with pytest.raises(IndexFileError):
        HammingIndex.load(tmp_path / "index")


@pytest.mark.parametrize("name", ["hints", "lowers", "uppers"])
@pytest.mark.parametrize("filling", [0, 0xFF])
def test_tables_of_nonsense_lead_nowhere_outside_and_to_nothing_wrong(tmp_path: Path, name: str, filling: int) -> None:
    """Every row that they name is one of a code, and each code is compared before it is reported."""
    from tutela.index import files

    index = made(MANY)
    (segment,) = index._state.segments
    held = segment.arrays()
    nonsense = np.full(held[name].nbytes, filling, np.uint8).view(held[name].dtype).reshape(held[name].shape)
    files.write(tmp_path / "index", {**held, name: nonsense}, None)
    spoilt = HammingIndex.load(tmp_path / "index")
    _, ids, far = spoilt.search(drawn(MANY)[:100], 31)
    assert set(zip(ids.tolist(), far.tolist(), strict=True)) <= {(2 * row, 0) for row in range(100)}
    _, ids, _ = index.search(drawn(MANY)[:100], 31)
    assert len(ids) == 100
