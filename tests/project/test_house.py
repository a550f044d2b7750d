"""Rules of the house that no tool checks."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TEXTS = [
    *(path for folder in ("src", "tests", "bench", "docs", "scripts", ".ci") for path in (ROOT / folder).rglob("*")),
    *ROOT.glob("*.md"),
    *(ROOT / name for name in ("Makefile", "pyproject.toml")),
]

BANNED = {"pickle", "marshal", "shelve", "dill", "tempfile"}


def readable() -> list[tuple[Path, str]]:
    kinds = {".py", ".md", ".toml", ".css", ".jinja", ".txt", ""}
    kept = [path for path in TEXTS if path.is_file() and path.suffix in kinds and path != Path(__file__)]
    return [(path, path.read_text("utf-8")) for path in kept if not {"_build", "__pycache__"} & set(path.parts)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_module_is_read_in_one_sitting_and_validates_without_assert(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    nodes = list(ast.walk(ast.parse(text)))
    assert not any(isinstance(node, ast.Assert) for node in nodes)
    assert not unsafe(nodes)


def unsafe(nodes: Sequence[ast.AST]) -> set[str]:
    """What runs text as code, reads a format that does, or may leave media on the disk."""
    called = {_plain(node.func) for node in nodes if isinstance(node, ast.Call)}
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    rooms = {name.partition(".")[0] for name in imported}
    return called & {"eval", "exec", "builtins.eval", "builtins.exec"} | rooms & BANNED


def _plain(called: ast.expr) -> str:
    return ast.unparse(called) if isinstance(called, ast.Name | ast.Attribute) else ""


@pytest.mark.parametrize(
    "text",
    [
        *("import pickle", "import os, tempfile as t", "from pickle import loads", "import multiprocessing, marshal"),
        *("from tempfile import NamedTemporaryFile", "eval('1')", "builtins.eval('1')", "x = [exec(y) for y in z]"),
    ],
)
def test_the_guard_itself_catches_what_it_is_for(text: str) -> None:
    assert unsafe(list(ast.walk(ast.parse(text))))


def test_nothing_names_a_machine() -> None:
    for path, text in readable():
        assert not re.search(r"/work/|/root/|/home/[a-z]+/", text), path


def test_every_error_of_the_program_is_a_tutela_error() -> None:
    """So that `except TutelaError` at the entry explains all of them."""
    from tutela.model import TutelaError

    import_all()
    seen = set()
    pending = list(TutelaError.__subclasses__())
    while pending:
        kind = pending.pop()
        seen.add(kind)
        pending += kind.__subclasses__()
    named = {
        node.name
        for path in SOURCES
        if path.name == "errors.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    } - {"TutelaError"}
    assert named <= {kind.__name__ for kind in seen}
    assert all(kind.exit_status in (2, 4) for kind in seen)


def import_all() -> None:
    import importlib

    for path in SOURCES:
        if path.name == "errors.py":
            importlib.import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
