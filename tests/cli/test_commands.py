"""What the commands answer: the contract that other programs build on."""

import hashlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.conftest import Tutela
from drawings import picture
from tutela.bank import Bank
from tutela.simulate import World
from tutela.simulate.world import OWNERS

FINGERPRINT = {
    *("path", "media", "width", "height", "sha256", "md5"),
    *("pdq", "parts", "frames", "provenance", "skipped"),
}
MATCH = {
    *("case", "protection", "tier", "transform", "distance"),
    *("inliers", "confidence", "copied", "altered", "why"),
}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return picture(tmp_path / "photo.jpg", 1)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    return path


def test_fingerprint_answers_one_line_for_each_file(tutela: Tutela, photo: Path, broken: Path) -> None:
    ended = tutela("fingerprint", photo, broken, "--json")
    assert ended.status == 0
    good, bad = ended.lines
    assert set(good) == set(bad) == FINGERPRINT
    data = photo.read_bytes()
    assert (good["sha256"], good["md5"]) == (hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest())
    assert (good["media"], good["width"], good["height"]) == ("image/jpeg", 480, 360)
    assert re.fullmatch(r"[0-9a-f]{64}", good["pdq"]["hash"])
    assert 0 <= good["pdq"]["quality"] <= 100
    assert (good["provenance"], good["skipped"]) == ([], None)
    assert bad["path"] == str(broken)
    assert bad["skipped"]["code"] == "damaged"
    assert bad["sha256"] is bad["pdq"] is None


def test_a_folder_stands_for_the_files_in_it(tutela: Tutela, tmp_path: Path) -> None:
    for name in ("b.jpg", "a/c.jpg", ".hidden/d.jpg"):
        picture(tmp_path / "album" / name, 1)
    ended = tutela("fingerprint", tmp_path / "album", "--json")
    assert [Path(line["path"]).name for line in ended.lines] == ["c.jpg", "b.jpg"]


def test_protect_answers_case_pin_and_protections(tutela: Tutela, photo: Path, broken: Path) -> None:
    ended = tutela("protect", photo, broken, "--kind", "ordinary", "--json")
    line = ended.line
    assert ended.status == 0
    assert set(line) == {"case", "pin", "protections", "skipped"}
    (protection,) = line["protections"]
    assert set(protection) == {"id", "path", "kind", "has"}
    assert (protection["path"], protection["kind"]) == (str(photo), "ordinary")
    assert protection["has"] == ["sha256", "md5", "pdq", "parts"]
    assert [entry["path"] for entry in line["skipped"]] == [str(broken)]


def test_match_finds_exact_and_near_copies(tutela: Tutela, photo: Path, tmp_path: Path) -> None:
    case = tutela("protect", photo, "--kind", "intimate", "--json").line["case"]
    mirrored, other = picture(tmp_path / "m.jpg", 1, "mirrored"), picture(tmp_path / "o.jpg", 2)
    exact, near, none = tutela("match", photo, mirrored, other, "--json").lines
    assert set(exact) == {"path", "sha256", "matches", "skipped"}
    (match,) = exact["matches"]
    assert set(match) == MATCH
    assert (match["case"], match["tier"], match["distance"], match["confidence"]) == (case, "exact", None, 1.0)
    (match,) = near["matches"]
    assert (match["tier"], match["transform"]) == ("near", "mirrored")
    assert match["distance"] <= 31
    assert none["matches"] == []


def test_withdraw_takes_the_pin_from_the_environment(
    tutela: Tutela, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tutela("protect", photo, "--kind", "ordinary", "--json").line
    monkeypatch.setenv("TUTELA_PIN", made["pin"])
    assert tutela("withdraw", made["case"].lower(), "--json").line == {"case": made["case"], "withdrawn": 1}
    assert tutela("match", photo, "--json").line["matches"] == []


def test_withdraw_asks_for_the_pin(tutela: Tutela, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tutela("protect", photo, "--kind", "ordinary", "--json").line
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{made['pin']}\n"))
    ended = tutela("withdraw", made["case"])
    assert (ended.status, ended.out) == (0, "")
    assert "Withdrawn" in ended.err


def test_without_a_pin_withdraw_says_how_to_give_one(
    tutela: Tutela, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tutela("protect", photo, "--kind", "ordinary", "--json").line
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    ended = tutela("withdraw", made["case"])
    assert ended.status == 2
    assert "TUTELA_PIN" in ended.err


def test_a_wrong_pin_is_refused(tutela: Tutela, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tutela("protect", photo, "--kind", "ordinary", "--json").line
    monkeypatch.setenv("TUTELA_PIN", "0")
    ended = tutela("withdraw", made["case"], "--json")
    assert (ended.status, ended.out) == (2, "")
    assert "do not belong together" in ended.err


def test_nothing_readable_opens_no_case(tutela: Tutela, broken: Path) -> None:
    ended = tutela("protect", broken, "--kind", "ordinary", "--json")
    assert ended.status == 2
    assert ended.line["case"] is None
    assert ended.line["skipped"]


def test_strict_ends_with_3_where_an_item_could_not_be_read(tutela: Tutela, photo: Path, broken: Path) -> None:
    assert tutela("fingerprint", photo, "--strict").status == 0
    assert tutela("fingerprint", photo, broken, "--strict").status == 3
    assert tutela("protect", photo, broken, "--kind", "ordinary", "--strict").status == 3
    assert tutela("match", "nowhere.jpg", "--strict").status == 3


def test_options_stand_before_or_after_the_command(tutela: Tutela, photo: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'other.db'}"
    tutela("--bank", address, "--json", "protect", photo, "--kind", "ordinary")
    assert tutela("match", photo, "--bank", address, "--json").line["matches"]


def test_without_json_standard_output_stays_empty(tutela: Tutela, photo: Path) -> None:
    for command in (("fingerprint", photo), ("protect", photo, "--kind", "ordinary"), ("match", photo)):
        ended = tutela(*command)
        assert (ended.status, ended.out) == (0, "")
        assert ended.err
        assert "\x1b" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("protect", "a.jpg"),
        ("protect", "a.jpg", "--kind", "holiday"),
        ("scan", "x"),
        ("custody", "verify", "x", "--key", "hello"),
        ("protect", "a.jpg", "--kind", "ordinary", "--parts"),
        ("scan", "nowhere", "--out", "out"),
    ],
)
def test_wrong_usage_ends_with_2(tutela: Tutela, arguments: tuple[str, ...]) -> None:
    ended = tutela(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err


@pytest.mark.parametrize("arguments", [("protect", ""), ("fingerprint", "a.jpg", ""), ("scan", "x", "--out", "")])
def test_an_empty_path_is_not_the_current_folder(tutela: Tutela, arguments: tuple[str, ...]) -> None:
    ended = tutela(*arguments)
    assert ended.status == 2
    assert "this path is empty" in ended.err


def test_an_unusable_bank_ends_with_4(tutela: Tutela, photo: Path, tmp_path: Path) -> None:
    assert tutela("match", photo).status == 4
    tutela("protect", photo, "--kind", "ordinary")
    (tmp_path / "bank" / "bank.key").unlink()
    for command in (("match", photo), ("protect", photo, "--kind", "ordinary"), ("bank", "info")):
        ended = tutela(*command)
        assert (ended.status, ended.out) == (4, "")
        assert "bank.key" in ended.err


def test_the_allowlist_and_the_inventory(tutela: Tutela, photo: Path) -> None:
    tutela("protect", photo, "--kind", "ordinary")
    entry = tutela("bank", "allow", photo, "--json").line["id"]
    assert tutela("match", photo, "--json").line["matches"] == []
    assert [line["id"] for line in tutela("bank", "allowed", "--json").lines] == [entry]
    assert tutela("bank", "info", "--json").line["allowed"] == 1
    assert tutela("bank", "disallow", entry).status == 0
    assert tutela("match", photo, "--json").line["matches"]
    assert tutela("bank", "disallow", entry).status == 2


def test_the_key_is_replaced(tutela: Tutela, photo: Path, tmp_path: Path) -> None:
    tutela("protect", photo, "--kind", "ordinary")
    before = (tmp_path / "bank" / "bank.key").read_text()
    assert tutela("bank", "rotate-key", "--json").line == {"rotated": True}
    assert (tmp_path / "bank" / "bank.key").read_text() != before
    assert tutela("match", photo, "--json").line["matches"]


def test_quarantine_is_listed_and_an_unknown_release_refused(tutela: Tutela, photo: Path) -> None:
    tutela("protect", photo, "--kind", "ordinary")
    assert tutela("bank", "quarantine", "--json").lines == []
    assert tutela("bank", "release", "nothing").status == 2


def test_help_is_there_for_every_command(tutela: Tutela) -> None:
    for command in ("", "fingerprint", "protect", "withdraw", "match", "scan", "custody", "bank", "demo"):
        ended = tutela(*command.split(), "--help")
        assert ended.status == 0
        assert "Usage: tutela" in ended.out


def test_the_version_is_told(tutela: Tutela) -> None:
    from tutela import __version__

    assert __version__ in tutela("--version").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("withdraw", "\udcff"),
        ("bank", "disallow", "\udcff"),
        ("bank", "release", "\udcff"),
        ("case", "release", "\udcff"),
        ("key", "create", "\udcff", "--role", "match"),
        ("key", "create", "us", "--role", "match", "--group", "\udcff"),
        ("key", "revoke", "\udcff"),
        ("query", "SELECT '\udcff'"),
        ("bank", "info", "--bank", "sqlite:///\udcff.db"),
    ],
)
def test_what_is_no_text_is_wrong_usage(tutela: Tutela, photo: Path, arguments: tuple[str, ...]) -> None:
    tutela("protect", photo, "--kind", "ordinary")
    ended = tutela(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert "this is no text" in ended.err


def test_a_pin_that_is_no_text_is_refused(tutela: Tutela, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tutela("protect", photo, "--kind", "ordinary", "--json").line
    monkeypatch.setenv("TUTELA_PIN", "12\udcff")
    ended = tutela("withdraw", made["case"])
    assert (ended.status, "PIN: this is no text" in ended.err) == (2, True)


def test_the_bank_lies_where_the_path_says(
    tutela: Tutela, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signs that mean something in an address mean nothing in a path."""
    monkeypatch.setenv("TUTELA_BANK", f"sqlite:///{tmp_path}/q%3Fq/bank.db")
    assert tutela("protect", photo, "--kind", "ordinary").status == 0
    assert tutela("match", photo, "--json").line["matches"]
    made = {path.name for path in (tmp_path / "q?q").iterdir()}
    assert {"bank.db", "bank.key"} <= made <= {"bank.db", "bank.key", "bank.db.index"}
    monkeypatch.delenv("TUTELA_BANK")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "x?y%41#z"))
    assert tutela("protect", photo, "--kind", "ordinary").status == 0
    assert (tmp_path / "x?y%41#z" / "tutela" / "bank.db").stat().st_size > 0
    assert {path.name for path in tmp_path.iterdir()} == {"photo.jpg", "q?q", "x?y%41#z"}


OWN = "sqlite:///demo-data/world/bank/bank.db"


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of the demo's world one picture for each owner, each posted once."""

    def simulated(folder: Path) -> World:
        owners = tuple(picture(folder / "owners" / name / "a.jpg", n).parent for n, name in enumerate(OWNERS))
        for number in range(len(owners)):
            picture(folder / "channels" / f"{number}.jpg", number)
        return World(folder / "channels", owners, planted=2, altered=0, posts=3)

    monkeypatch.setattr("tutela.simulate.simulate", simulated)


def held(tutela: Tutela, bank: str) -> tuple[int, int, int]:
    """Cases, withdrawn ones and protections."""
    line = tutela("bank", "info", "--bank", bank, "--json").line
    return line["cases"], line["withdrawn"], line["protections"]


@pytest.mark.usefixtures("_small")
def test_the_demo_keeps_a_bank_of_its_own(tutela: Tutela, tmp_path: Path) -> None:
    """Not the one of the environment: people's cases may be in there."""
    for _ in range(2):
        ended = tutela("demo", "--json")
        assert (ended.status, ended.line["matches"]) == (0, 2)
        assert held(tutela, OWN) == (2, 1, 2)
    assert not (tmp_path / "bank").exists()


@pytest.mark.usefixtures("_small")
def test_the_demo_protects_in_a_bank_whatever_else_happened_there(
    tutela: Tutela, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = "sqlite:///other.db"
    made = tutela("protect", photo, "--kind", "ordinary", "--bank", bank, "--json").line
    monkeypatch.setenv("TUTELA_PIN", made["pin"])
    tutela("withdraw", made["case"], "--bank", bank)
    for _ in range(2):
        assert "2 of 2 planted copies found" in tutela("demo", "--bank", bank).err
        assert held(tutela, bank) == (2, 2, 2)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("step", ["protect", "withdraw"])
def test_a_demo_that_was_interrupted_protects_the_rest(
    tutela: Tutela, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, before = list[object](), getattr(Bank, step)

    def interrupted(bank: Bank, *arguments: object, **options: object) -> object:
        if len(done) == (step == "protect"):
            raise KeyboardInterrupt
        done.append(arguments)
        return before(bank, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Bank, step, interrupted)
        assert tutela("demo").status == 130
    assert "2 of 2 planted copies found" in tutela("demo").err
    assert held(tutela, OWN) == (2, 1, 2)


@pytest.mark.parametrize("preset", [(), ("--preset", "2020")])
def test_the_demo_looks_first_at_where_it_would_write(tutela: Tutela, tmp_path: Path, preset: tuple[str, ...]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    ended = tutela("demo", *preset, "--out", "mine")
    assert (ended.status, "thesis.txt" in ended.err) == (2, True)
    assert tutela("demo", *preset, "--data", "mine/thesis.txt").status == 2
    assert tutela("demo", *preset, "--data", "data", "--out", "data").status == 2
    assert (
        tutela("demo", *preset, "--data", "data", "--out", f"data/{preset[-1] if preset else 'world'}/in").status == 2
    )
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "thesis.txt"]


@pytest.mark.parametrize("preset", [(), ("--preset", "2020")])
def test_the_demo_leaves_folders_that_it_did_not_write(tutela: Tutela, tmp_path: Path, preset: tuple[str, ...]) -> None:
    holiday = picture(tmp_path / "Pictures" / (preset[-1] if preset else "world") / "holiday.png", 1)
    ended = tutela("demo", *preset, "--data", "Pictures")
    assert (ended.status, "choose another --data" in ended.err.lower()) == (2, True)
    assert holiday.exists()


def test_python_runs_the_package() -> None:
    command = [sys.executable, "-m", "tutela", "--version"]
    assert "tutela" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
