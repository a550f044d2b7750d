"""``tutela custody``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.output import answer, plural, tell
from tutela.cli.paths import PATH
from tutela.cli.settings import Settings, shared_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tutela.custody import Event

NOT_OK = 1
"""Exit status of ``custody verify`` when anything does not hold."""


@click.group("custody")
@shared_options
def command(settings: Settings) -> None:
    """Check and open the record of what was done."""


@command.command("verify")
@click.argument("path", type=PATH)
@click.option("--key", metavar="HEX", help="The public key that must have signed, 64 hex digits.")
@shared_options
def verify_command(settings: Settings, path: Path, key: str | None) -> None:
    """Verify an output folder or a log offline: every event, every signature, every file. Exit 1 when not ok."""
    from tutela.custody import verify

    try:
        public_key = None if key is None else bytes.fromhex(key)
    except ValueError:
        raise click.BadParameter("a public key is 64 hex digits", param_hint="--key") from None
    verification = verify(path, public_key=public_key)
    verdict = "OK" if verification.ok else "NOT OK"
    answer(
        settings,
        verification.as_json(),
        *(f"{problem.where}: {problem.what}" for problem in verification.problems),
        f"{verdict}: {plural(verification.events, 'event')}, root {verification.root or 'none'}",
        f"signed with key {verification.key or 'none'}",
    )
    if not verification.ok:
        raise click.exceptions.Exit(NOT_OK)


@command.command("open")
@click.argument("path", type=PATH)
@shared_options
def open_command(settings: Settings, path: Path) -> None:
    """Show what a log only commits to, as far as this bank kept it: places on disk, posts and cases of matches."""
    from tutela.custody import verify_opening

    opened = 0
    with settings.open_bank() as bank:
        for event in _events(path):
            opening = None if event.commitment is None else bank.opening(bytes.fromhex(event.commitment))
            if opening is None or not verify_opening(opening.commitment, opening.salt, opening.detail):
                continue
            detail = json.loads(opening.detail)
            opened += 1
            line = {"seq": event.seq, "act": event.act, "detail": detail, "salt": opening.salt.hex()}
            answer(settings, line, f"event {event.seq} {event.act}: {json.dumps(detail, ensure_ascii=False)}")
    if not opened:
        tell("this bank opens none of the log's commitments")


def _events(path: Path) -> "Iterator[Event]":
    """The events of a log, or of the log in an output folder. Raises `CustodyError`, which names the line."""
    from tutela.custody import LOG_NAME, CustodyError, Event, parse_line

    log = path / LOG_NAME if path.is_dir() else path
    try:
        with click.open_file(str(log), "rb") as file:
            for number, raw in enumerate(file, 1):
                try:
                    entry = parse_line(raw.removesuffix(b"\n"))
                except CustodyError as error:
                    raise CustodyError(error.what, where=f"{log}, line {number}") from error
                if isinstance(entry, Event):
                    yield entry
    except OSError as error:
        raise CustodyError(f"cannot be read ({error.strerror})", where=str(log)) from error
