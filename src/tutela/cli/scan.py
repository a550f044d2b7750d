"""``tutela scan``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.output import answer, finish, plural
from tutela.cli.paths import PATH
from tutela.cli.progress import ProgressLine
from tutela.cli.settings import Settings, shared_options

if TYPE_CHECKING:
    from tutela.scan import ScanResult


LANGUAGES = ("en", "ru", "es")
"""Those of `tutela.report`, which would take long to load for a help text."""

language_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the report's page."
)


@click.command("scan")
@click.argument("sources", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH, help="Folder for the report.")
@click.option("--title", default="", help="Title of the report. It names no channel.")
@click.option("--no-cache", is_flag=True, help="Read exports anew, and keep nothing of this reading for another scan.")
@language_option
@shared_options
def command(settings: Settings, sources: tuple[Path, ...], out: Path, title: str, lang: str, *, no_cache: bool) -> None:
    """Read sources, look for protected pictures, measure, and write a report.

    A source is a folder of media, a Telegram Desktop export, a Telethon dump or generic NDJSON.
    """
    from tutela.scan import scan

    with settings.open_bank(create=True) as bank, ProgressLine() as progress:
        result = scan(sources, out, bank, title=title, lang=lang, progress=progress, keep=not no_cache)
    answer(settings, line(result, out), *sentences(result, out))
    finish(settings, result.tally.unreadable, result.tally.named)


def line(result: "ScanResult", out: Path) -> dict[str, object]:
    """The command's JSON line."""
    return {
        "report": str(out / "report.html"),
        "measures": len(result.contents.measures),
        "posts": result.tally.posts,
        "attachments": result.tally.attachments,
        "matches": result.tally.matches,
        "skipped": result.tally.skipped,
    }


def sentences(result: "ScanResult", out: Path) -> list[str]:
    """The same for people."""
    tally = result.tally
    known = f" ({tally.recalled:,} known from an earlier scan)" if tally.recalled else ""
    read = f"{plural(tally.posts, 'post')}, {plural(tally.images, 'image')}{known}"
    return [
        f"{read}, {plural(tally.matches, 'match', 'matches')}, {tally.skipped:,} skipped",
        *(f"skipped {entry.count:,}: {entry.reason}" for entry in result.contents.skipped),
        f"Report: {out / 'report.html'}",
    ]
