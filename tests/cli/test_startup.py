"""A command starts with what it needs: the modules that are loaded in its process when it ends."""

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
DATABASE = {"tutela.bank", "tutela.store", "alembic", "argon2", "platformdirs", "sqlalchemy"}
SCANNING = {"tutela.measures", "tutela.report", "tutela.scan", "tutela.sources", "ijson", "jinja2"}
PICTURES = {"tutela.media", "numba", "numpy", "pi_heif"}
DRAWING = {"tutela.simulate", "PIL"}
EVERYTHING = {*DATABASE, *SCANNING, *PICTURES, *DRAWING, "tutela.custody", "cryptography"}


def loaded(folder: Path, *arguments: object) -> set[str]:
    """The modules that a successful command has loaded, with a bank of its own below `folder`."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments), "--bank", f"sqlite:///{folder / 'bank.db'}"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said, _, modules = ended.stderr.rpartition("LOADED ")
    assert ended.returncode == 0, said
    return set(modules.split())


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return picture(tmp_path / "album" / "photo.jpg", 1)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_loads_no_room_and_no_library_of_one(tmp_path: Path, command: str) -> None:
    modules = loaded(tmp_path, *command.split(), "--help")
    assert "click" in modules
    assert modules & EVERYTHING == set()


def test_the_help_of_all_commands_loads_none_of_them(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--help") & {module for module, _ in COMMANDS.values()} == set()


def test_the_version_loads_no_room(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--version") & EVERYTHING == set()


def test_fingerprinting_loads_neither_bank_nor_scan_and_decodes_elsewhere(tmp_path: Path, photo: Path) -> None:
    modules = loaded(tmp_path, "fingerprint", photo)
    assert "tutela.fingerprints" in modules
    assert modules & {*DATABASE, *SCANNING, *DRAWING, "tutela.custody", "cryptography", "numba", "pi_heif"} == set()


def test_protecting_and_matching_load_the_bank_but_nothing_of_a_scan(tmp_path: Path, photo: Path) -> None:
    for command in (("protect", photo, "--kind", "ordinary"), ("match", photo), ("bank", "info")):
        modules = loaded(tmp_path, *command)
        assert "sqlalchemy" in modules
        assert modules & {*SCANNING, *DRAWING, "platformdirs"} == set()


def test_a_scan_decodes_and_draws_nothing_in_its_own_process(tmp_path: Path, photo: Path) -> None:
    modules = loaded(tmp_path, "scan", photo.parent, "--out", tmp_path / "out")
    assert "tutela.scan" in modules
    assert modules & {*DRAWING, "pi_heif", "platformdirs"} == set()


def test_verifying_loads_the_record_and_nothing_else(tmp_path: Path, photo: Path) -> None:
    loaded(tmp_path, "scan", photo.parent, "--out", tmp_path / "out")
    modules = loaded(tmp_path, "custody", "verify", tmp_path / "out")
    assert "tutela.custody" in modules
    assert modules & (EVERYTHING - {"tutela.custody", "cryptography"}) == set()


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
