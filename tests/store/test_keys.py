"""Keys come from a file that only its owner reads, or from the environment."""

import base64
import os
import stat
from pathlib import Path

import pytest

from tutela.store import EnvironmentKeys, FileKeys, KeyMissing, KeySource, KeyWrong, key_source, new_key


@pytest.fixture(autouse=True)
def _no_key_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUTELA_KEY", raising=False)
    monkeypatch.delenv("TUTELA_KEY_FILE", raising=False)


def written(*keys: bytes) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


def test_the_first_key_is_made_with_owner_only_rights(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "bank.key"
    old = os.umask(0)
    try:
        key = FileKeys(path).create()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert FileKeys(path).keys() == [key]


def test_a_key_that_exists_is_never_replaced_by_a_first_one(tmp_path: Path) -> None:
    source = FileKeys(tmp_path / "bank.key")
    key = source.create()
    assert source.create() == key
    assert source.keys() == [key]


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    source = FileKeys(tmp_path / "bank.key")
    source.create()
    source.create()
    source.replace([new_key(), new_key()])
    assert [path.name for path in tmp_path.iterdir()] == ["bank.key"]
    assert stat.S_IMODE((tmp_path / "bank.key").stat().st_mode) == 0o600


def test_without_a_file_there_are_no_keys(tmp_path: Path) -> None:
    assert FileKeys(tmp_path / "bank.key").keys() == []


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"tutela-key/1\nnot base64\n", b"tutela-key/1\nAAAA\n", b"\xff\xfe"]
)
def test_what_is_no_key_file_is_refused_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bank.key"
    path.write_bytes(content)
    with pytest.raises(KeyWrong) as refusal:
        FileKeys(path).keys()
    assert refusal.value.remedy
    assert refusal.value.where == str(path)
    assert refusal.value.exit_status == 4


def test_the_environment_comes_first_then_the_named_file_then_the_file_beside_the_bank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_source(tmp_path / "bank.db").where == str(tmp_path / "bank.key")
    monkeypatch.setenv("TUTELA_KEY_FILE", str(tmp_path / "elsewhere"))
    assert key_source(tmp_path / "bank.db").where == str(tmp_path / "elsewhere")
    monkeypatch.setenv("TUTELA_KEY", written(new_key()))
    assert key_source(tmp_path / "bank.db").where == "TUTELA_KEY"


def test_a_database_server_has_no_file_to_put_a_key_beside() -> None:
    with pytest.raises(KeyMissing, match="TUTELA_KEY"):
        key_source(None)


def test_the_environment_can_hold_a_new_and_an_old_key(monkeypatch: pytest.MonkeyPatch) -> None:
    new, old = new_key(), new_key()
    monkeypatch.setenv("TUTELA_KEY", written(new, old))
    source: KeySource = EnvironmentKeys()
    assert source.keys() == [new, old]
    source.replace([new])
    with pytest.raises(KeyMissing, match="NEW,OLD"):
        source.replace([new_key(), new])


def test_a_bad_key_in_the_environment_is_refused_without_being_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTELA_KEY", "c2VjcmV0")
    with pytest.raises(KeyWrong) as refusal:
        EnvironmentKeys().keys()
    assert "c2VjcmV0" not in str(refusal.value)
