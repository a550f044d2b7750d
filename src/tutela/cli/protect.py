"""``tutela protect``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.items import fingerprinted
from tutela.cli.output import answer, as_skipped, finish, listed, plural, tell
from tutela.cli.paths import PATH
from tutela.cli.progress import ProgressLine
from tutela.cli.settings import Settings, shared_options
from tutela.model import Fingerprint, Kind, Skipped

if TYPE_CHECKING:
    from tutela.bank import Registration
    from tutela.fingerprints import Detail


@click.command("protect")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in Kind]), help="What the pictures are.")
@click.option(
    "--parts/--no-parts",
    default=None,
    help="Keep what altered versions are found by. Default: for ordinary pictures only, since a rough picture can be "
    "made from it if the bank and its key are stolen.",
)
@shared_options
def command(settings: Settings, paths: tuple[Path, ...], kind: str, parts: bool | None) -> None:
    """Open a case and register the fingerprints of pictures. Nobody gets to see the pictures, and none is kept.

    The PIN is shown once. Case and PIN together are what withdraws the protection.
    """
    from tutela.fingerprints import Detail

    keep = Kind(kind) is Kind.ORDINARY if parts is None else parts
    readable, skipped = _sorted_out(paths, Detail.PROTECT if keep else Detail.PLAIN)
    if not readable:
        answer(settings, {"case": None, "pin": None, "protections": [], "skipped": skipped})
        from tutela.bank import NothingToProtect

        raise NothingToProtect("no picture could be read, so no case was opened", remedy="Name a picture Tutela reads")
    with settings.open_bank(create=True) as bank:
        registration = bank.register([fingerprint for _, fingerprint in readable], kind=kind, parts=keep)
    answer(settings, _line(registration, kind, readable, skipped), *_sentences(registration))
    finish(settings, len(skipped))


def _sorted_out(
    paths: tuple[Path, ...], detail: "Detail"
) -> tuple[list[tuple[Path, Fingerprint]], list[dict[str, object]]]:
    readable: list[tuple[Path, Fingerprint]] = []
    skipped: list[dict[str, object]] = []
    with ProgressLine() as progress:
        for path, result in fingerprinted(paths, detail):
            if isinstance(result, Skipped):
                tell(f"{path}: skipped, {result.reason}")
                skipped.append({"path": str(path), **(as_skipped(result) or {})})
            else:
                readable.append((path, result))
            progress.show(f"{plural(len(readable), 'picture')} fingerprinted")
    return readable, skipped


def _line(
    registration: "Registration", kind: str, readable: list[tuple[Path, Fingerprint]], skipped: list[dict[str, object]]
) -> dict[str, object]:
    protections = [
        {"id": identifier, "path": str(path), "kind": kind, "has": _has(fingerprint)}
        for identifier, (path, fingerprint) in zip(registration.protections, readable, strict=True)
    ]
    return {
        "case": registration.case,
        "pin": registration.pin,
        "protections": protections,
        "skipped": skipped,
    }


def _has(fingerprint: Fingerprint) -> list[str]:
    return ["sha256", "md5", *(["pdq"] if fingerprint.pdq else []), *(["parts"] if fingerprint.parts else [])]


def _sentences(registration: "Registration") -> list[str]:
    pictures = plural(len(registration.protections), "picture")
    return [
        f"Case {registration.case} protects {pictures}.",
        f"PIN   {registration.pin}",
        f"Write both down: the PIN is shown only now, and {listed(['case', 'PIN'])} together withdraw the protection.",
    ]
