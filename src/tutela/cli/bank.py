"""``tutela bank``."""

from dataclasses import asdict
from pathlib import Path

import click

from tutela.cli.items import fingerprinted
from tutela.cli.output import answer, as_skipped, finish
from tutela.cli.paths import PATH
from tutela.cli.settings import TEXT, Settings, shared_options
from tutela.model import ProtectionId, Skipped


@click.group("bank")
@shared_options
def command(settings: Settings) -> None:
    """Look after the bank: its key, the allowlist, protections in quarantine."""


@command.command("info")
@shared_options
def info(settings: Settings) -> None:
    """How much the bank holds."""
    with settings.open_bank() as bank:
        counts = asdict(bank.inventory())
    answer(settings, counts, *(f"{name}: {count:,}" for name, count in counts.items()))


@command.command("rotate-key")
@shared_options
def rotate_key(settings: Settings) -> None:
    """Replace the bank's key by a new one. The old key opens nothing afterwards."""
    with settings.open_bank() as bank:
        bank.rotate_key()
    answer(settings, {"rotated": True}, "The bank has a new key. Back up bank and key together.")


@command.command("backup")
@click.argument("target", type=PATH)
@shared_options
def backup(settings: Settings, target: Path) -> None:
    """Copy the bank to a new file while it is in use. The key is not in it."""
    with settings.open_bank() as bank:
        bank.back_up(target)
    answer(settings, {"backup": str(target)}, f"Copied to {target}. It opens with the bank's key only: keep that too.")


@command.command("allow")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@shared_options
def allow(settings: Settings, paths: tuple[Path, ...]) -> None:
    """Put pictures on the allowlist: logos, stock photographs, whatever must never match."""
    unreadable = 0
    with settings.open_bank(create=True) as bank:
        for path, result in fingerprinted(paths):
            skipped = result if isinstance(result, Skipped) else None
            entry = None if isinstance(result, Skipped) else bank.allow(result)
            line = {"path": str(path), "id": entry, "skipped": as_skipped(skipped)}
            answer(settings, line, f"{path}: {f'skipped, {skipped.reason}' if skipped else f'allowed as {entry}'}")
            unreadable += skipped is not None
    finish(settings, unreadable)


@command.command("allowed")
@shared_options
def allowed(settings: Settings) -> None:
    """List the allowlist."""
    with settings.open_bank() as bank:
        for entry, at in bank.allowed():
            answer(settings, {"id": entry, "added": at.isoformat()}, f"{entry} since {at:%Y-%m-%d %H:%M} UTC")


@command.command("disallow")
@click.argument("entry", type=TEXT)
@shared_options
def disallow(settings: Settings, entry: str) -> None:
    """Take a picture off the allowlist."""
    from tutela.bank import AllowedId

    with settings.open_bank() as bank:
        bank.disallow(AllowedId(entry))
    answer(settings, {"id": entry, "removed": True}, "Taken off the allowlist.")


@command.command("quarantine")
@shared_options
def quarantine(settings: Settings) -> None:
    """List protections that matched much unrelated material and wait for a decision."""
    with settings.open_bank() as bank:
        for entry in bank.quarantined():
            line = {"protection": entry.protection, "case": entry.case, "since": entry.since.isoformat()}
            answer(settings, line, f"{entry.protection} of case {entry.case} since {entry.since:%Y-%m-%d %H:%M} UTC")


@command.command("release")
@click.argument("protection", type=TEXT)
@shared_options
def release(settings: Settings, protection: str) -> None:
    """Let a protection in quarantine match again."""
    with settings.open_bank() as bank:
        bank.release(ProtectionId(protection))
    answer(settings, {"protection": protection, "released": True}, "It matches again.")
