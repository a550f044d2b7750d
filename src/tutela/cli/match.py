"""``tutela match``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.items import fingerprinted
from tutela.cli.output import answer, as_skipped, finish
from tutela.cli.paths import PATH
from tutela.cli.settings import Settings, shared_options
from tutela.model import Match, Skipped

if TYPE_CHECKING:
    from tutela.fingerprints import Result


@click.command("match")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@shared_options
def command(settings: Settings, paths: tuple[Path, ...]) -> None:
    """Look pictures up in the bank: which protected picture reappears in them, and how sure that is."""
    from tutela.fingerprints import Detail

    unreadable = 0
    with settings.open_bank() as bank:
        detail = Detail.LOOKUP if bank.wants_parts() else Detail.PLAIN
        for path, result in fingerprinted(paths, detail):
            matches = [] if isinstance(result, Skipped) else bank.match(result)
            answer(settings, _line(path, result, matches), *_sentences(path, result, matches))
            unreadable += isinstance(result, Skipped)
    finish(settings, unreadable)


def _line(path: Path, result: "Result", matches: list[Match]) -> dict[str, object]:
    from tutela.matching.fields import match_fields

    skipped = result if isinstance(result, Skipped) else None
    return {
        "path": str(path),
        "sha256": None if isinstance(result, Skipped) else result.sha256.hex(),
        "matches": [match_fields(match) for match in matches],
        "skipped": as_skipped(skipped),
    }


def _sentences(path: Path, result: "Result", matches: list[Match]) -> list[str]:
    if isinstance(result, Skipped):
        return [f"{path}: skipped, {result.reason}"]
    found = [f"{path}: {match.tier.value} match with case {match.case}. {match.why}" for match in matches]
    return found or [f"{path}: no match"]
