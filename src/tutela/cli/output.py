"""Answers: JSON lines for programs on standard output, sentences for people on standard error."""

import json
from collections.abc import Mapping, Sequence

import click

from tutela.cli.settings import Settings
from tutela.model import Skipped

UNREADABLE = 3
"""Exit status with ``--strict`` when an item could not be read."""


def answer(settings: Settings, line: Mapping[str, object], *sentences: str) -> None:
    """One result: the line with ``--json``, otherwise the sentences."""
    if settings.json:
        click.echo(json.dumps(line, ensure_ascii=False))
    else:
        for sentence in sentences:
            tell(sentence)


def tell(sentence: str) -> None:
    """A line for people."""
    click.echo(sentence, err=True)


def as_skipped(why: Skipped | None) -> dict[str, str] | None:
    """The `skipped` member of a line."""
    return None if why is None else {"code": why.code.value, "reason": why.reason}


def finish(settings: Settings, unreadable: int, named: Sequence[str] = ()) -> None:
    """Counts what could not be read, naming some of it, and with ``--strict`` ends with status 3 over it."""
    for place in named:
        tell(f"not read: {place}")
    if unreadable:
        tell(f"{plural(unreadable, 'item')} could not be read")
        if settings.strict:
            raise click.exceptions.Exit(UNREADABLE)


def plural(number: int, noun: str, several: str = "") -> str:
    """`1 match`, `2 matches`."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
