"""``tutela case``."""

from typing import TYPE_CHECKING

import click

from tutela.cli.output import answer
from tutela.cli.settings import TEXT, Settings, shared_options

if TYPE_CHECKING:
    from tutela.casework import Finding


@click.group("case")
@shared_options
def command(settings: Settings) -> None:
    """Look after what was found for cases: what platforms told, and what of it the person may see."""


@command.command("findings")
@click.option("--waiting", is_flag=True, help="Only those that have something to release.")
@shared_options
def findings(settings: Settings, waiting: bool) -> None:
    """List what keys told of their matches, and what of that was released."""
    from tutela.casework import Findings

    with settings.open_bank() as bank:
        for each in Findings(bank.store).all():
            if each.waiting or not waiting:
                answer(settings, _line(each), _sentence(each))


@command.command("release")
@click.argument("finding", type=TEXT)
@shared_options
def release(settings: Settings, finding: str) -> None:
    """Show a finding, and the outcomes that it has now, to the person whose case it is."""
    from tutela.casework import Findings

    with settings.open_bank() as bank:
        released = Findings(bank.store).release(finding)
    answer(settings, _line(released), f"The person sees it now. {_sentence(released)}")


def _line(finding: "Finding") -> dict[str, object]:
    return {
        "id": finding.id,
        "case": finding.case,
        "protection": finding.protection,
        "tier": finding.tier.value,
        "key": finding.reporter,
        "found": finding.found_at.isoformat(),
        "released": finding.released,
        "outcomes": [
            {"verdict": each.verdict, "at": each.at.isoformat(), "released": each.released} for each in finding.outcomes
        ],
    }


def _sentence(finding: "Finding") -> str:
    outcomes = ", ".join(
        each.verdict.replace("_", " ") + ("" if each.released else " (not released)") for each in finding.outcomes
    )
    state = "released" if finding.released else "not released"
    found = f"{finding.id}  case {finding.case}, {finding.tier.value}, told by key {finding.reporter}"
    return f"{found} on {finding.found_at:%Y-%m-%d %H:%M} UTC, {state}: {outcomes}"
