"""The files in `deploy/` speak of a program that is there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tutela.cli.serve import command

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deploy").iterdir())
COMMANDS = (ROOT / "docs/commands.md").read_text("utf-8")


def test_there_is_a_unit_an_image_and_a_proxy() -> None:
    assert {path.name for path in FILES} == {"tutela.service", "Containerfile", "nginx.conf"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_options_and_variables_are_those_of_the_program(path: Path) -> None:
    text = path.read_text("utf-8")
    known = {option for parameter in command.params for option in parameter.opts}
    for line in re.findall(r"tutela\"?,? \"?serve.*", text):
        assert set(re.findall(r"--[a-z-]+", line)) <= known
    assert [name for name in re.findall(r"TUTELA_[A-Z_]+", text) if f"`{name}`" not in COMMANDS] == []


def test_what_the_image_copies_and_the_page_names_is_there() -> None:
    copied = re.findall(r"^COPY ([^-]\S*)", (ROOT / "deploy/Containerfile").read_text("utf-8"), re.MULTILINE)
    assert copied
    assert [path for path in copied if not (ROOT / path).exists()] == []
    page = (ROOT / "docs/deploy.md").read_text("utf-8")
    assert set(re.findall(r"`deploy/(\S+?)`", page)) == {path.name for path in FILES}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "tutela"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "tutela.service"
    unit.write_text((ROOT / "deploy/tutela.service").read_text("utf-8").replace("/opt/tutela/bin/tutela", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
