"""The documentation is complete by test: a command, option, setting, skip code or room without its words fails."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tutela.cli.main import cli
from tutela.model import SkipCode

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def commands(group: click.Group, name: str = "tutela") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        assert command is not None
        yield f"{name} {each}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {each}")


@pytest.mark.parametrize(("name", "command"), list(commands(cli)))
def test_every_command_and_option_is_in_the_page_of_commands(name: str, command: click.Command) -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    assert re.search(rf"^#+ `{name}", page, re.MULTILINE), f"{name} has no heading in docs/commands.md"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert any(f"`{option}" in page for option in parameter.opts), f"{name} {parameter.opts}"


def test_every_setting_from_the_environment_is_in_the_page_of_commands() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    settings = set(re.findall(r'"(TUTELA_[A-Z_]+)"', sources))
    page = (DOCS / "commands.md").read_text("utf-8")
    assert settings
    assert {name for name in settings if f"`{name}`" not in page} == set()


def test_every_reason_for_skipping_is_explained() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    assert [code.value for code in SkipCode if f"`{code.value}`" not in page] == []


def test_every_code_of_an_error_is_in_the_page_of_the_api() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "src" / "tutela" / "web").rglob("*.py"))
    codes = set(re.findall(r'^    code = "([a-z_]+)"', sources, re.MULTILINE))
    page = (DOCS / "api.md").read_text("utf-8")
    assert len(codes) > 10
    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_every_room_is_in_the_architecture_page() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    rooms = [path.name for path in (ROOT / "src" / "tutela").iterdir() if (path / "__init__.py").exists()]
    assert len(rooms) > 10
    assert [room for room in rooms if f"`{room}`" not in page] == []


def test_every_page_is_reached_from_the_index() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    pages = [path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")]
    listed = "decisions/*" in index
    missing = [page for page in pages if page != "index" and not (page.startswith("decisions/") and listed)]
    assert [page for page in missing if page not in index] == []


def test_links_between_pages_lead_somewhere() -> None:
    for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        if "_build" in path.parts:
            continue
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name} → {target}"
