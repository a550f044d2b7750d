"""A bank opens with its own key only; a wrong or missing one never makes a new bank; keys can be replaced."""

import base64
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from samples import fingerprint
from tutela.bank import Bank
from tutela.store import FileKeys, KeyMissing, KeyWrong, Store, new_key, tables


def contents(folder: Path, url: str) -> dict[str, object]:
    """All files, and what a server's database holds."""
    held: dict[str, object] = {path.name: path.read_bytes() for path in folder.iterdir()}
    if not url.startswith("sqlite"):
        with closing(Store.open(url, create=None)) as store, store.read() as connection:
            rows = {name: connection.execute(sa.select(table)).all() for name, table in tables.metadata.tables.items()}
        held["bank.db"] = rows
    return held


def test_the_key_is_made_on_first_use_for_its_owner_only(bank: Bank, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "bank.key").stat().st_mode) == 0o600


def test_without_its_key_a_bank_is_refused_and_no_new_one_made(bank: Bank, url: str, tmp_path: Path) -> None:
    bank.close()
    (tmp_path / "bank.key").unlink()
    before = contents(tmp_path, url)
    with pytest.raises(KeyMissing) as refusal:
        Bank.open(url, create=True)
    assert refusal.value.exit_status == 4
    assert refusal.value.remedy
    assert contents(tmp_path, url) == before


def test_with_another_bank_s_key_it_is_refused(bank: Bank, url: str, tmp_path: Path) -> None:
    bank.protect([fingerprint(1)], kind="ordinary")
    bank.close()
    FileKeys(tmp_path / "bank.key").replace([new_key()])
    before = contents(tmp_path, url)
    with pytest.raises(KeyWrong) as refusal:
        Bank.open(url, create=True)
    assert refusal.value.exit_status == 4
    assert contents(tmp_path, url)["bank.db"] == before["bank.db"]


def test_a_key_without_a_bank_is_taken_for_the_new_one(url: str, tmp_path: Path) -> None:
    """What a crash between the two leaves behind."""
    key = FileKeys(tmp_path / "bank.key").create()
    with Bank.open(url, create=True) as bank:
        bank.protect([fingerprint(1)], kind="ordinary")
    assert FileKeys(tmp_path / "bank.key").keys() == [key]


def test_after_rotation_everything_opens_with_the_new_key_and_nothing_with_the_old(
    bank: Bank, url: str, tmp_path: Path
) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    pseudonym_key, custody_key = bank.pseudonym_key(), bank.custody_key()
    old = FileKeys(tmp_path / "bank.key").keys()
    bank.rotate_key()
    bank.close()
    new = FileKeys(tmp_path / "bank.key").keys()
    assert len(new) == 1
    assert new != old
    with Bank.open(url) as again:
        assert again.match(fingerprint(1))
        assert (again.pseudonym_key(), again.custody_key()) == (pseudonym_key, custody_key)
        assert again.withdraw(registration.case, registration.pin) == 1
    FileKeys(tmp_path / "bank.key").replace(old)
    with pytest.raises(KeyWrong):
        Bank.open(url)


def test_a_process_that_was_open_meanwhile_goes_on_with_the_new_key(bank: Bank, url: str) -> None:
    with Bank.open(url) as elsewhere:
        elsewhere.protect([fingerprint(1)], kind="ordinary")
        bank.rotate_key()
        bank.rotate_key()
        elsewhere.protect([fingerprint(2)], kind="ordinary")
    with Bank.open(url) as again:
        assert again.match(fingerprint(1))
        assert again.match(fingerprint(2))


def test_a_rotation_that_was_interrupted_is_finished_by_the_next(bank: Bank, url: str, tmp_path: Path) -> None:
    source = FileKeys(tmp_path / "bank.key")
    source.replace([new_key(), *source.keys()])
    waiting = source.keys()[0]
    bank.rotate_key()
    assert source.keys() == [waiting]


def test_a_key_in_the_environment_is_replaced_in_two_steps(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (base64.b64encode(new_key()).decode() for _ in range(2))
    monkeypatch.setenv("TUTELA_KEY", old)
    with Bank.open(url, create=True) as bank:
        bank.protect([fingerprint(1)], kind="ordinary")
        with pytest.raises(KeyMissing, match="NEW,OLD"):
            bank.rotate_key()
        monkeypatch.setenv("TUTELA_KEY", f"{new},{old}")
        bank.rotate_key()
    monkeypatch.setenv("TUTELA_KEY", new)
    with Bank.open(url) as bank:
        assert bank.match(fingerprint(1))


def test_two_banks_give_the_same_person_different_names(addresses: Callable[[], str]) -> None:
    keys = []
    for _ in range(2):
        with Bank.open(addresses(), create=True) as bank:
            keys.append(bank.pseudonym_key())
    assert keys[0] != keys[1]
