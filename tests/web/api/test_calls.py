"""The record of calls: whole over days, and over a disk that was full for a while."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tutela.custody import CustodyError, Signer, verify
from tutela.web import calls
from tutela.web.calls import CallLog
from waiting import until


def recorded(folder: Path) -> Counter[tuple[str, str, int]]:
    found: Counter[tuple[str, str, int]] = Counter()
    for path in folder.iterdir():
        for line in map(json.loads, path.read_text().splitlines()):
            if line["type"] == "event" and "count" in line["facts"]:
                facts = line["facts"]
                found[line["act"], facts["key"], facts["status"]] += facts["count"]
    return found


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "WRITE_SECONDS", 0.02)


def test_each_key_s_calls_are_counted_and_its_days_told(tmp_path: Path) -> None:
    used: list[tuple[set[str], date]] = []
    log = CallLog(tmp_path / "calls", Signer(bytes(32)), lambda keys, day: used.append((keys, day)))
    log.start()
    for _ in range(300):
        log.note("api.lookup", "one", 200)
        log.note("api.lookup", "none", 401)
    until(lambda: recorded(tmp_path / "calls").total() == 600)
    log.note("api.lookup", "one", 200)
    log.close()
    assert recorded(tmp_path / "calls") == {("api.lookup", "one", 200): 301, ("api.lookup", "none", 401): 300}
    assert used == [({"one"}, datetime.now(UTC).date())]


def test_a_new_day_has_a_log_of_its_own_that_goes_on_from_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [0]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(days=days[0])

    monkeypatch.setattr(calls, "datetime", Clock)
    log = CallLog(tmp_path / "calls", Signer(bytes(32)), lambda keys, day: None)
    log.start()
    log.note("api.lookup", "one", 200)
    until(lambda: recorded(tmp_path / "calls").total() == 1)
    days[0] = 1
    until(lambda: len(list((tmp_path / "calls").iterdir())) == 2)
    log.note("api.lookup", "one", 200)
    log.close()
    first, second = sorted((tmp_path / "calls").iterdir())
    assert verify(first).ok
    assert verify(second).ok
    assert json.loads(second.read_text().splitlines()[0])["act"] == "log.continued"
    assert recorded(tmp_path / "calls").total() == 2


def test_what_could_not_be_written_for_a_while_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = CallLog(tmp_path / "calls", Signer(bytes(32)), lambda keys, day: None)
    log.start()
    full = [True]
    real = calls.CustodyLog.record

    def record(self: calls.CustodyLog, act: str, facts: object) -> object:
        if full[0]:
            raise CustodyError("is the disk full?")
        return real(self, act, facts)  # type: ignore[arg-type]

    monkeypatch.setattr(calls.CustodyLog, "record", record)
    log.note("api.lookup", "one", 200)
    until(lambda: "could not be recorded" in caplog.text)
    full[0] = False
    until(lambda: recorded(tmp_path / "calls").total() == 1)
    log.close()
    assert recorded(tmp_path / "calls") == {("api.lookup", "one", 200): 1}


def test_a_folder_that_cannot_be_made_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "calls").write_text("in the way")
    with pytest.raises(CustodyError, match="folder"):
        CallLog(tmp_path / "calls", Signer(bytes(32)), lambda keys, day: None).start()


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    used: list[set[str]] = []
    log = CallLog(None, Signer(bytes(32)), lambda keys, day: used.append(keys))
    log.start()
    log.note("api.lookup", "one", 200)
    log.close()
    assert list(tmp_path.iterdir()) == []
    assert used == [{"one"}]
