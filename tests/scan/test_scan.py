"""One scan in this process: what is looked at, what counts, what is told."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drawings import picture
from tutela.bank import Bank
from tutela.cli.items import fingerprinted
from tutela.model import Fingerprint, Tier
from tutela.scan import ScanError, ScanResult, Tally, scan
from tutela.sources import SourceError


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Bank.open(f"sqlite:///{tmp_path / 'bank' / 'bank.db'}", create=True) as bank:
        yield bank


def protect(bank: Bank, path: Path) -> None:
    bank.protect([fp for _, fp in fingerprinted([path]) if isinstance(fp, Fingerprint)], kind="ordinary")


def figure(result: ScanResult, name: str) -> object:
    return next(measure.value for measure in result.contents.measures if measure.name == name)


def test_a_picture_is_looked_at_under_whatever_name_and_counts_as_an_image(bank: Bank, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "holiday.bin", 1)
    picture(tmp_path / "in" / "no-extension", 2, "smaller")
    (tmp_path / "in" / "LICENSE").write_text("not a picture")
    protect(bank, picture(tmp_path / "own" / "a.jpg", 1))
    protect(bank, picture(tmp_path / "own" / "b.jpg", 2))
    result = scan([tmp_path / "in"], tmp_path / "out", bank)
    assert [line.match.tier for line in result.contents.matches] == [Tier.EXACT, Tier.NEAR]
    assert (result.tally.attachments, result.tally.images, result.tally.skipped) == (3, 2, 1)
    assert figure(result, "images_shared") == 2
    assert figure(result, "unhashed_images") == 0


def test_a_document_of_a_chat_that_is_a_picture_is_matched(bank: Bank, tmp_path: Path) -> None:
    export = tmp_path / "export"
    picture(export / "files" / "x.dat", 1)
    message = {
        "id": 1,
        "type": "message",
        "date": "2020-01-01T00:00:00",
        "from_id": "user1",
        "file": "files/x.dat",
        "mime_type": "application/octet-stream",
        "text": "",
    }
    chat = {"name": "A", "type": "public_channel", "id": 7, "messages": [message]}
    (export / "result.json").write_text(json.dumps(chat))
    protect(bank, export / "files" / "x.dat")
    result = scan([export], tmp_path / "out", bank)
    assert (result.tally.matches, result.tally.images, figure(result, "images_shared")) == (1, 1, 1)


def test_a_source_named_twice_counts_once(bank: Bank, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.jpg", 1)
    result = scan([tmp_path / "in", tmp_path / "in"], tmp_path / "out", bank)
    assert (result.tally.posts, figure(result, "messages")) == (1, 1)
    assert [line.posts for line in result.contents.sources] == [1]


@pytest.mark.parametrize(("lang", "title"), [("en", "Report"), ("ru", "Отчёт"), ("es", "Informe")])
def test_a_report_without_a_title_is_called_one_in_its_language(
    bank: Bank, tmp_path: Path, lang: str, title: str
) -> None:
    picture(tmp_path / "in" / "a.jpg", 1)
    assert scan([tmp_path / "in"], tmp_path / "out", bank, lang=lang).contents.title == title


def test_progress_is_told_after_each_post(bank: Bank, tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / "in" / f"{number}.jpg", number)
    told: list[tuple[str, int]] = []

    def progress(source: str, tally: Tally) -> None:
        told.append((source, tally.posts))

    scan([tmp_path / "in"], tmp_path / "out", bank, progress=progress)
    assert told == [("Source 1", 1), ("Source 1", 2), ("Source 1", 3)]


def test_nothing_is_written_where_a_source_or_the_folder_is_refused(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        scan([tmp_path / "nowhere"], tmp_path / "out", bank)
    picture(tmp_path / "in" / "a.jpg", 1)
    with pytest.raises(ScanError):
        scan([tmp_path / "in"], tmp_path / "in" / "out", bank)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "in" / "out").exists()


def test_a_report_around_what_is_read_is_refused(bank: Bank, tmp_path: Path) -> None:
    picture(tmp_path / "out" / "evidence" / "a.jpg", 1)
    with pytest.raises(ScanError, match="written into what is read"):
        scan([tmp_path / "out" / "evidence"], tmp_path / "out", bank)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["evidence"]


def test_no_log_of_an_earlier_run_takes_another_one_s_place(bank: Bank, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.jpg", 1)
    out, earlier = tmp_path / "out", tmp_path / "out" / "earlier"
    for _ in range(3):
        scan([tmp_path / "in"], out, bank)
    (earlier / "custody-0001.ndjson").rename(tmp_path / "kept-elsewhere")
    (earlier / "a-note.txt").write_text("not a log")
    second, third = (earlier / "custody-0002.ndjson").read_bytes(), (out / "custody.ndjson").read_bytes()
    scan([tmp_path / "in"], out, bank)
    assert (earlier / "custody-0002.ndjson").read_bytes() == second
    assert (earlier / "custody-0003.ndjson").read_bytes() == third


def test_two_scans_into_one_folder_do_not_mix(bank: Bank, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.jpg", 1)

    def progress(source: str, tally: Tally) -> None:
        with pytest.raises(ScanError, match="another scan is writing"):
            scan([tmp_path / "in"], tmp_path / "out", bank)

    scan([tmp_path / "in"], tmp_path / "out", bank, progress=progress)
    assert scan([tmp_path / "in"], tmp_path / "out", bank).tally.posts == 1


@pytest.mark.parametrize("name", ["earlier", "custody.ndjson"])
def test_a_log_that_cannot_be_kept_ends_the_scan_before_it_begins(bank: Bank, tmp_path: Path, name: str) -> None:
    picture(tmp_path / "in" / "a.jpg", 1)
    out = tmp_path / "out"
    scan([tmp_path / "in"], out, bank)
    log = (out / "custody.ndjson").read_bytes()
    if name == "earlier":
        (out / name).write_text("a file")
    else:
        (out / name).unlink()
        (out / name).mkdir()
    with pytest.raises(ScanError, match="Choose another --out"):
        scan([tmp_path / "in"], out, bank)
    assert name != "earlier" or (out / "custody.ndjson").read_bytes() == log


def test_a_file_that_vanishes_between_listing_and_reading_is_one_skipped_item(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        picture(tmp_path / "in" / f"{number}.jpg", number)
    gone = tmp_path / "in" / "1.jpg"

    def progress(source: str, tally: Tally) -> None:
        gone.unlink(missing_ok=True)

    monkeypatch.setattr("tutela.fingerprints.compute.AHEAD", 0)
    result = scan([tmp_path / "in"], tmp_path / "out", bank, progress=progress)
    assert result.tally.posts == 3
    assert (result.tally.skipped, result.tally.unreadable) == (1, 1)
