"""A command starts with what it needs: the modules that are loaded in its process when it ends."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli.conftest import Tutela
from drawings import picture
from tutela.cli.main import COMMANDS, cli

PROGRAM = """
import sys
from tutela.cli.main import main
try:
    main()
finally:
    print("LOADED", *sorted(sys.modules), file=sys.stderr)
"""
HELPS = """
import json, sys
from tutela.cli.main import main
before = set()
for command in json.loads(sys.argv[1]):
    sys.argv = ["tutela", *command.split(), "--help"]
    try:
        main()
    except SystemExit as end:
        assert not end.code, command
    print("LOADED", *sorted(set(sys.modules) - before))
    before = set(sys.modules)
"""
DATABASE = {"tutela.bank", "tutela.store", "alembic", "argon2", "platformdirs", "sqlalchemy"}
SCANNING = {"tutela.measures", "tutela.report", "tutela.scan", "tutela.sources", "ijson", "jinja2"}
PICTURES = {"tutela.fingerprints", "tutela.media"}
SEARCHING = {"tutela.index", "tutela.matching", "numpy"}
DECODING = {"PIL", "pi_heif"}
SEALING = {"tutela.custody", "cryptography"}
FAR = {"tutela.simulate", "numba", "matplotlib", "pandas", "pyarrow", "scipy", "cv2", "unittest"}
"""What no command that runs on a few pictures needs. numba compiles the search of banks that hold thousands."""
EVERYTHING = {*DATABASE, *SCANNING, *PICTURES, *SEARCHING, *DECODING, *SEALING, *FAR}

NOT_FOR = {
    "fingerprint": EVERYTHING - PICTURES,
    "protect": {*SCANNING, *DECODING, *FAR, "platformdirs"},
    "match": {*SCANNING, *DECODING, *FAR, "platformdirs", "alembic"},
    "withdraw": {*SCANNING, *DECODING, *FAR, *PICTURES, "platformdirs", "alembic"},
    "bank info": {*SCANNING, *DECODING, *FAR, *PICTURES, "platformdirs", "alembic"},
    "bank allow": {*SCANNING, *DECODING, *FAR, "platformdirs", "alembic"},
    "scan": {*DECODING, *FAR, "platformdirs", "alembic"},
    "custody verify": EVERYTHING - SEALING,
    "custody open": {*SCANNING, *DECODING, *FAR, *PICTURES, "platformdirs", "alembic"},
}
"""For each command the heavy modules that it must not load; alembic only makes or changes a bank's tables."""


def run(folder: Path, *arguments: object) -> tuple[str, set[str]]:
    """What a successful command says, with a bank of its own below `folder`, and the modules that it has loaded."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments), "--bank", f"sqlite:///{folder / 'bank.db'}"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said, _, modules = ended.stderr.rpartition("LOADED ")
    assert ended.returncode == 0, said
    return ended.stdout, set(modules.split())


def loaded(folder: Path, *arguments: object) -> set[str]:
    """The modules that a successful command has loaded."""
    return run(folder, *arguments)[1]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return picture(tmp_path / "album" / "photo.jpg", 1)


@pytest.fixture(scope="module")
def helps() -> dict[str, set[str]]:
    """The modules that the help of all commands loads, and those that the help of each, one after the other, adds."""
    commands = ["", *COMMANDS]
    ended = subprocess.run(
        [sys.executable, "-c", HELPS, json.dumps(commands)], capture_output=True, text=True, check=True
    )
    lines = [line for line in ended.stdout.splitlines() if line.startswith("LOADED ")]
    return {command: set(line.split()[1:]) for command, line in zip(commands, lines, strict=True)}


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_loads_no_room_and_no_library_of_one(helps: dict[str, set[str]], command: str) -> None:
    """What one help loads is in the process of the next: whichever loads it first is the one that fails."""
    assert helps[command] >= ({COMMANDS[command][0]} if command else {"click"})
    assert helps[command] & EVERYTHING == set()


def test_the_help_of_all_commands_loads_none_of_them(helps: dict[str, set[str]]) -> None:
    assert helps[""] & {module for module, _ in COMMANDS.values()} == set()


def test_the_version_loads_no_room(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--version") & EVERYTHING == set()


def test_no_command_loads_what_it_does_not_need(tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, modules = run(tmp_path, "protect", photo, "--kind", "ordinary", "--no-parts", "--json")
    opened = json.loads(said)
    monkeypatch.setenv("TUTELA_PIN", opened["pin"])
    calls = {
        "fingerprint": (photo,),
        "match": (photo,),
        "bank info": (),
        "bank allow": (photo,),
        "scan": (photo.parent, "--out", tmp_path / "out"),
        "custody verify": (tmp_path / "out",),
        "custody open": (tmp_path / "out",),
        "withdraw": (opened["case"],),
    }
    assert {"protect", *calls} == NOT_FOR.keys()
    found = {"protect": modules}
    for name, arguments in calls.items():
        found[name] = loaded(tmp_path, *name.split(), *arguments)
    assert {name: found[name] & unwanted for name, unwanted in NOT_FOR.items() if found[name] & unwanted} == {}
    everywhere = EVERYTHING - DECODING - FAR - {"platformdirs"}
    assert everywhere - set.union(*found.values()) == set(), "no module has this name any more"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_is_the_first_sentence_of_the_commands_own(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert COMMANDS[name][1] == command.get_short_help_str(limit=1000)


def test_every_command_stands_in_the_help_with_its_whole_sentence() -> None:
    shown = " ".join(cli.get_help(click.Context(cli)).split())
    for name, (_, sentence) in COMMANDS.items():
        assert f" {name} {sentence}" in shown


def test_the_pace_is_told_to_people_where_more_than_one_file_was_read(tutela: Tutela, photo: Path) -> None:
    assert "a second" not in tutela("fingerprint", photo).err
    for options in ((), ("--json",)):
        last = tutela("fingerprint", photo, photo, *options).err.splitlines()[-1]
        assert re.fullmatch(r"2 files, [1-9][\d,]*(\.\d)? a second|2 files, 0\.\d a second", last)
