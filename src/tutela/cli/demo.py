"""``tutela demo``."""

import hmac
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.items import fingerprinted
from tutela.cli.output import answer, finish, plural, tell
from tutela.cli.paths import PATH, NamedPath
from tutela.cli.progress import ProgressLine
from tutela.cli.scan import language_option, line, sentences
from tutela.cli.settings import Settings, shared_options
from tutela.model import Fingerprint, Pseudonym, Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutela.bank import Bank
    from tutela.report import MatchLine
    from tutela.simulate import World

FOLDER = NamedPath(path_type=Path, file_okay=False)

Place = tuple[Pseudonym, Pseudonym, int]
"""Channel, post and attachment."""


@click.command("demo")
@click.option("--out", default="demo-report", show_default=True, type=PATH, help="Folder for the report.")
@click.option("--data", default="demo-data", show_default=True, type=FOLDER, help="Folder for the invented channels.")
@click.option("--preset", type=click.Choice(["2020"]), help="The figures published about 2020, without pictures.")
@language_option
@shared_options
def command(settings: Settings, out: Path, data: Path, preset: str | None, lang: str) -> None:
    """Run the main job on an invented ecosystem: seven channels, drawn pictures, some of them protected."""
    if preset is not None:
        from tutela.cli import published

        published.run(settings, out, data, lang)
        return
    from tutela.custody import verify
    from tutela.scan import scan
    from tutela.scan.folder import prepare
    from tutela.simulate import simulate

    folder = data / "world"
    prepare(out, [folder])
    tell("Drawing pictures and writing seven invented channels …")
    world = simulate(folder)
    with settings.open_demo_bank(folder) as bank:
        _protect(bank, world, folder / "protected")
        with ProgressLine() as progress:
            result = scan([world.channels], out, bank, title="Seven invented channels", lang=lang, progress=progress)
    whole, altered = _places(result.contents.matches)
    found = f"{len(whole)} of {world.planted} planted copies found"
    remade = f"{len(altered)} of {world.altered} altered pictures found"
    checked = verify(out)
    custody = f"Custody log: {plural(checked.events, 'event')}, {'verified' if checked.ok else 'NOT verified'}"
    said = {**line(result, out), "planted": world.planted, "altered": world.altered}
    answer(settings, said, found, remade, custody, *sentences(result, out))
    finish(settings, 0)


def _places(matches: "Sequence[MatchLine]") -> tuple[set[Place], set[Place]]:
    """Where whole copies of protected pictures were found, and where nothing but pictures made from one."""
    whole, altered = (
        {(m.channel, m.post, m.attachment) for m in matches if (m.match.tier is Tier.DERIVED) is derived}
        for derived in (False, True)
    )
    return whole, altered - whole


def _protect(bank: "Bank", world: "World", notes: Path) -> None:
    """Each owner protects pictures, once in each bank; the last one thinks better of it and withdraws.

    Parts are kept of ordinary pictures alone, so altered copies of those alone can be found.
    """
    from tutela.durable import replace
    from tutela.simulate.folder import read_whole

    name = hmac.digest(bank.pseudonym_key(), b"tutela.demo/1", "sha256")[:16].hex()
    notes.mkdir(mode=0o700, exist_ok=True)
    note = notes / f"{name}.json"
    cases = read_whole(note, dict[str, tuple[str, str]]) or {}
    for owner, kind in zip(world.owners, ("ordinary", "intimate", "ordinary"), strict=True):
        if owner.name not in cases:
            cases[owner.name] = _opened(bank, owner, kind)
            replace(note, json.dumps(cases).encode())  # before the withdrawal, which may be interrupted
    case, pin = cases[world.owners[-1].name]
    if bank.withdraw(case, pin):
        tell(f"Case {case} is withdrawn again: nothing of it may match.")


def _opened(bank: "Bank", owner: Path, kind: str) -> tuple[str, str]:
    """Reference and PIN."""
    from tutela.fingerprints import Detail

    results = fingerprinted([owner], detail=Detail.PROTECT) if kind == "ordinary" else fingerprinted([owner])
    fingerprints = [result for _, result in results if isinstance(result, Fingerprint)]
    case, pin = bank.protect(fingerprints, kind=kind)
    tell(f"Case {case} protects {plural(len(fingerprints), 'picture')}.")
    return case, pin
