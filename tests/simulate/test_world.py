"""The invented ecosystem from end to end: every planted copy is found, nothing else, and nothing private leaks."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tutela.bank import Bank
from tutela.cli.items import fingerprinted
from tutela.custody import verify
from tutela.fingerprints import Detail
from tutela.model import Fingerprint, Tier
from tutela.report import query
from tutela.scan import ScanResult, scan
from tutela.simulate import PublishedWorld, SimulateError, World, simulate, simulate_published
from tutela.simulate.ecosystem import ALTERATIONS, MONTHS, PLANS, PROTECTED, UNFINDABLE, Picture, _picture, ecosystem
from tutela.simulate.pictures import ALTERED, EDITS

SEED = 7
pytestmark = pytest.mark.whole


@pytest.fixture(scope="module", autouse=True)
def _three_months() -> Iterator[None]:
    """The story in three of its months and with a third of its drawings, so that the protected ones are as often
    posted as in seven."""

    def picture(fate: random.Random) -> Picture:
        chosen = _picture(fate)
        return replace(chosen, drawing=chosen.drawing // 3)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tutela.simulate.ecosystem.MONTHS", MONTHS[::3])
        patch.setattr("tutela.simulate.ecosystem._picture", picture)
        yield


@dataclass(frozen=True)
class Demo:
    world: World
    out: Path
    bank: Path
    first: ScanResult
    second: ScanResult
    pins: list[str]
    withdrawn: str


def owned(folder: Path) -> list[Fingerprint]:
    return [result for _, result in fingerprinted([folder]) if isinstance(result, Fingerprint)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    world = simulate(folder / "world", SEED)
    with Bank.open(f"sqlite:///{folder / 'bank' / 'bank.db'}", create=True) as bank:
        opened = []
        for owner, kind in zip(world.owners, ("ordinary", "intimate", "ordinary"), strict=True):
            results = fingerprinted([owner], detail=Detail.PROTECT if kind == "ordinary" else None)
            opened.append(bank.protect([fp for _, fp in results if isinstance(fp, Fingerprint)], kind=kind))
        bank.withdraw(*opened[-1])
        first = scan([world.channels], folder / "out", bank)
        second = scan([world.channels], folder / "out", bank)
        pins = [pin for _, pin in opened]
        yield Demo(world, folder / "out", folder / "bank", first, second, pins, opened[-1][0])


def outputs(demo: Demo) -> Iterator[tuple[str, str]]:
    for path in demo.out.rglob("*"):
        if path.is_file():
            yield path.name, _said(path, demo.out)


def _said(path: Path, out: Path) -> str:
    """Of a packed table what it says."""
    if path.suffix == ".parquet":
        return repr(query(out, f"SELECT * FROM {path.stem}").rows)
    return path.read_text("utf-8")


def value(demo: Demo, name: str) -> object:
    return next(measure.value for measure in demo.first.contents.measures if measure.name == name)


def places(demo: Demo, *tiers: Tier) -> Counter[object]:
    """Where matches of these tiers were found, and how often."""
    found = [line for line in demo.first.contents.matches if line.match.tier in tiers]
    return Counter((line.channel, line.post, line.attachment) for line in found)


def test_every_case_is_in_the_story() -> None:
    messages = [message for chat in ecosystem(SEED) for message in chat.messages]
    pictures = [message.picture for message in messages if message.picture]
    protected = {(picture.drawing, picture.edit) for picture in pictures if picture.drawing < PROTECTED}
    assert {edit for _, edit in protected} == {*EDITS, ALTERED}
    assert {drawing for drawing, _ in protected} == set(range(PROTECTED))
    assert len({picture.drawing for picture in pictures}) > 4 * PROTECTED, "most drawings belong to nobody"
    assert {(picture.included, picture.damaged) for picture in pictures} == {
        (True, False),
        (False, False),
        (True, True),
    }
    assert any(message.forwarded for message in messages)
    assert any(message.album for message in messages)
    assert any(message.poll for message in messages)


def test_every_planted_copy_is_found_once_and_nothing_else(demo: Demo) -> None:
    whole = places(demo, Tier.EXACT, Tier.NEAR)
    assert demo.world.planted > 80
    assert len(whole) == demo.world.planted
    assert set(whole.values()) == {1}


def test_every_altered_picture_is_found_once_and_nothing_else(demo: Demo) -> None:
    """None that was made from an intimate or a withdrawn picture, none that was made from nothing protected."""
    altered = places(demo, Tier.DERIVED)
    assert demo.world.altered == len(ALTERATIONS) == 6
    assert len(altered) == demo.world.altered
    assert set(altered.values()) == {1}
    assert not set(altered) & set(places(demo, Tier.EXACT, Tier.NEAR))


def test_altered_pictures_stand_beside_the_planted_copies_and_are_none_of_them() -> None:
    posted = [
        (m.picture.drawing, place)
        for place, chat in enumerate(ecosystem(SEED))
        for m in chat.messages
        if m.picture and m.picture.edit == ALTERED
    ]
    assert sorted(posted) == sorted(ALTERATIONS + UNFINDABLE)
    assert ALTERED not in EDITS


def test_what_was_withdrawn_matches_nothing(demo: Demo) -> None:
    assert demo.withdrawn not in {line.match.case for line in demo.first.contents.matches}


def test_the_figures_are_those_of_the_story(demo: Demo) -> None:
    chats = ecosystem(SEED)
    messages = [message for chat in chats for message in chat.messages]
    shared = [message for message in messages if message.picture]
    readable = [m for chat in chats if chat is not chats[4] for m in chat.messages if m.picture and m.picture.included]
    hashed = [m for m in readable if m.picture and not m.picture.damaged]
    assert value(demo, "channels") == 7
    assert value(demo, "messages") == sum(not message.joined for message in messages)
    assert value(demo, "memberships") == sum(plan.members[-1] or 0 for plan in PLANS) == 101_080
    assert value(demo, "images_shared") == len(shared)
    assert value(demo, "forwarded_images") == sum(message.forwarded is not None for message in shared)
    assert value(demo, "unhashed_images") == len(shared) - len(hashed)
    drawings = {(m.picture.drawing, m.picture.edit == ALTERED) for m in hashed if m.picture}
    assert len(drawings) <= value(demo, "unique_images") <= 2 * len(drawings)  # a mirrored drawing is another code


def test_the_account_s_contacts_and_private_chats_are_refused(demo: Demo) -> None:
    assert demo.first.contents.sources[-1].refused == {"contacts": 1, "personal_chat": 1}


def test_the_broken_export_is_repaired_and_that_is_counted(demo: Demo) -> None:
    assert demo.first.contents.sources[3].repairs > 0
    assert demo.first.contents.sources[3].damaged == 0


def test_the_second_scan_recalls_every_picture_but_derived_ones_and_says_the_same(demo: Demo) -> None:
    """What was found to be derived is read again: the parts of pictures that are looked up are not kept."""
    readable = demo.first.tally.images - sum(
        line.count for line in demo.first.contents.skipped if line.code.value in ("not-included", "missing")
    )
    assert demo.first.tally.recalled == 0
    assert demo.second.tally.recalled == readable - demo.world.altered
    assert demo.second.contents.measures == demo.first.contents.measures
    assert demo.second.contents.matches == demo.first.contents.matches


def test_the_output_verifies(demo: Demo) -> None:
    assert verify(demo.out).problems == ()


def test_no_name_number_path_or_pin_is_in_any_output(demo: Demo) -> None:
    numbers = {str(plan.number) for plan in PLANS} | {str(m.author) for c in ecosystem(SEED) for m in c.messages}
    for name, text in outputs(demo):
        words = set(re.findall(r"\w+", text))
        assert not words & numbers, name
        assert not words & set(demo.pins), name
        assert "Person " not in text, name
        assert not re.search(r"Channel \d", text), name
        assert "Lunch at noon" not in text, name
        assert str(demo.world.channels) not in text, name
        assert "write to the desk" not in text, name


def test_no_fingerprint_of_a_picture_is_in_any_output(demo: Demo) -> None:
    secrets = set()
    for _, fp in fingerprinted(list(demo.world.owners)):
        assert isinstance(fp, Fingerprint)
        secrets |= {fp.sha256.hex(), fp.md5.hex(), fp.pdq.code.hex() if fp.pdq else ""}
    assert len(secrets) >= 2 * PROTECTED
    for name, text in outputs(demo):
        assert not any(secret in text for secret in secrets), name


def test_no_distance_is_in_what_may_be_handed_on(demo: Demo) -> None:
    """Whoever tries edits until one gets past would read there how near the last one came."""
    near = [line.match for line in demo.first.contents.matches if line.match.distance is not None]
    assert len(near) > 20
    assert not any(
        re.search(r"\d", match.why.replace("90°", "").replace("180°", "").replace("270°", "")) for match in near
    )
    handed_on = {name: text for name, text in outputs(demo) if name != "matches.ndjson"}
    assert {"report.html", "report.json", "custody.ndjson"} <= set(handed_on)
    for name, text in handed_on.items():
        told = text.split('id="dictionary"')[0]  # which says what the columns of matches.ndjson mean
        assert "distance" not in told, name
        assert "differs in" not in told, name
        assert "inliers" not in told, name


def test_no_imagery_is_in_any_output(demo: Demo) -> None:
    for name, text in outputs(demo):
        assert "data:image" not in text, name
        assert "<img" not in text, name


def test_an_ecosystem_on_disk_is_kept_and_a_half_one_written_anew(tmp_path: Path) -> None:
    world = simulate(tmp_path, SEED)
    kept = (world.channels / "1-hub" / "result.json").stat().st_mtime_ns
    assert simulate(tmp_path, SEED) == world
    assert (world.channels / "1-hub" / "result.json").stat().st_mtime_ns == kept
    (tmp_path / "story.json").unlink()
    assert simulate(tmp_path, SEED) == world
    assert (world.channels / "1-hub" / "result.json").stat().st_mtime_ns != kept


def test_matches_name_the_post_by_its_pseudonym_only(demo: Demo) -> None:
    lines = [json.loads(line) for line in (demo.out / "matches.ndjson").read_text().splitlines()]
    assert len(lines) == demo.world.planted + demo.world.altered
    assert all(line["channel"].startswith("ch-") and line["post"].startswith("po-") for line in lines)


Writing = Callable[[Path], World | PublishedWorld]


@pytest.fixture(params=[simulate, simulate_published])
def writing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Writing:
    """Each way to write a world, with less in it."""
    monkeypatch.setattr("tutela.simulate.world.drawn", lambda drawing, edit: b"drawn")
    monkeypatch.setattr("tutela.simulate.published.IMAGES", (80, 80, 80, 80))
    writing: Writing = request.param
    return writing


def test_a_folder_with_somebody_s_files_is_left_as_it_is(writing: Writing, tmp_path: Path) -> None:
    for name in ("holiday.png", "story.json"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text("years of work")
        with pytest.raises(SimulateError, match="holds files that no demo wrote"):
            writing(folder)
        assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(name, "years of work")]


def test_what_is_no_folder_is_refused(writing: Writing, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SimulateError, match="cannot be used"):
        writing(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_empty_folder_is_taken(writing: Writing, tmp_path: Path) -> None:
    assert writing(tmp_path).channels.is_dir()


@pytest.mark.parametrize("torn", [b"", b'{"edi', b"\xff", b"[]", b'{"edition": 1, "seed": 2020}'])
def test_a_torn_story_is_told_anew(writing: Writing, tmp_path: Path, torn: bytes) -> None:
    world, kept = writing(tmp_path), (tmp_path / "story.json").read_bytes()
    (tmp_path / "story.json").write_bytes(torn)
    (tmp_path / "channels" / "left-over").touch()
    assert writing(tmp_path) == world
    assert (tmp_path / "story.json").read_bytes() == kept
    assert not (tmp_path / "channels" / "left-over").exists()


def test_a_world_that_was_interrupted_is_written_anew(
    writing: Writing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tutela.simulate.world._readings", interrupt)
        patched.setattr("tutela.simulate.published._readings", interrupt)
        with pytest.raises(KeyboardInterrupt):
            writing(tmp_path)
    assert (tmp_path / "channels").is_dir()
    assert not (tmp_path / "story.json").exists()
    assert writing(tmp_path).channels.is_dir()
    assert (tmp_path / "story.json").exists()
