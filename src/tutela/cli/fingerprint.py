"""``tutela fingerprint``."""

from pathlib import Path

import click

from tutela.cli.items import fingerprinted
from tutela.cli.output import answer, as_skipped, finish
from tutela.cli.settings import Settings, shared_options
from tutela.fingerprints import Result
from tutela.model import Skipped


@click.command("fingerprint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared_options
def command(settings: Settings, paths: tuple[Path, ...]) -> None:
    """Compute the fingerprints of pictures. Stores nothing."""
    unreadable = 0
    for path, result in fingerprinted(paths):
        answer(settings, _line(path, result), _sentence(path, result))
        unreadable += isinstance(result, Skipped)
    finish(settings, unreadable)


def _line(path: Path, result: Result) -> dict[str, object]:
    line: dict[str, object] = dict.fromkeys(("media", "width", "height", "sha256", "md5", "pdq", "parts", "frames"))
    line = {"path": str(path), **line, "provenance": [], "skipped": None}
    if isinstance(result, Skipped):
        return {**line, "skipped": as_skipped(result)}
    pdq = None if result.pdq is None else {"hash": result.pdq.code.hex(), "quality": result.pdq.quality}
    return {
        **line,
        "media": result.media,
        "width": result.width,
        "height": result.height,
        "sha256": result.sha256.hex(),
        "md5": result.md5.hex(),
        "pdq": pdq,
    }


def _sentence(path: Path, result: Result) -> str:
    if isinstance(result, Skipped):
        return f"{path}: skipped, {result.reason}"
    pdq = "no pdq" if result.pdq is None else f"pdq {result.pdq.code.hex()} quality {result.pdq.quality}"
    return f"{path}: {result.media} {result.width}×{result.height} sha256 {result.sha256.hex()} {pdq}"
