"""``tutela withdraw``."""

import os
import sys

import click

from tutela.cli.output import answer, plural
from tutela.cli.settings import Settings, shared_options

PIN_VARIABLE = "TUTELA_PIN"


@click.command("withdraw")
@click.argument("case")
@shared_options
def command(settings: Settings, case: str) -> None:
    """Withdraw a case: matching stops at once, and its fingerprints can never be read again.

    The PIN comes from a prompt, or from the variable TUTELA_PIN; never from the command line, which others can see.
    """
    with settings.open_bank() as bank:
        pin = os.environ.get(PIN_VARIABLE) or click.prompt("PIN", hide_input=sys.stdin.isatty(), err=True)
        withdrawn = bank.withdraw(case, pin)
    said = f"Withdrawn: {plural(withdrawn, 'protection')}." if withdrawn else "This case was withdrawn before."
    answer(settings, {"case": case.strip().upper(), "withdrawn": withdrawn}, said)
