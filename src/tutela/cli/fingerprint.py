"""``tutela fingerprint``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.items import fingerprinted
from tutela.cli.output import answer, as_skipped, finish, tell
from tutela.cli.paths import PATH
from tutela.cli.settings import Settings, shared_options
from tutela.model import Skipped

if TYPE_CHECKING:
    from tutela.fingerprints import Result


@click.command("fingerprint")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--parts", is_flag=True, help="Also find key points, and tell how many would be kept.")
@shared_options
def command(settings: Settings, paths: tuple[Path, ...], parts: bool) -> None:
    """Compute the fingerprints of pictures. Stores nothing."""
    from tutela.fingerprints import Detail

    files = unreadable = 0
    started = time.monotonic()
    for path, result in fingerprinted(paths, Detail.PROTECT if parts else Detail.PLAIN):
        files += 1
        answer(settings, _line(path, result), _sentence(path, result))
        unreadable += isinstance(result, Skipped)
    if files > 1:
        tell(_pace(files, time.monotonic() - started))
    finish(settings, unreadable)


def _pace(files: int, seconds: float) -> str:
    rate = files / max(seconds, 0.001)
    return f"{files:,} files, {rate:,.{0 if rate >= 10 else 1}f} a second"


def _line(path: Path, result: "Result") -> dict[str, object]:
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
        "parts": None if result.parts is None else {"count": len(result.parts)},
    }


def _sentence(path: Path, result: "Result") -> str:
    if isinstance(result, Skipped):
        return f"{path}: skipped, {result.reason}"
    pdq = "no pdq" if result.pdq is None else f"pdq {result.pdq.code.hex()} quality {result.pdq.quality}"
    return f"{path}: {result.media} {result.width}×{result.height} sha256 {result.sha256.hex()} {pdq}"
