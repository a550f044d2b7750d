"""``tutela withdraw``."""

import os
import sys

import click

from tutela.cli.output import answer, plural
from tutela.cli.settings import TEXT, Settings, shared_options

PIN_VARIABLE = "TUTELA_PIN"


@click.command("withdraw")
@click.argument("case", type=TEXT)
@shared_options
def command(settings: Settings, case: str) -> None:
    """Withdraw a case: matching stops at once, and its fingerprints can never be read again.

    The PIN comes from a prompt, or from the variable TUTELA_PIN; never from the command line, which others can see.
    """
    from tutela.bank.pins import tidy_case

    with settings.open_bank() as bank:
        withdrawn = bank.withdraw(case, _pin())
    said = f"Withdrawn: {plural(withdrawn, 'protection')}." if withdrawn else "This case was withdrawn before."
    answer(settings, {"case": tidy_case(case), "withdrawn": withdrawn}, said)


def _pin() -> str:
    try:
        return TEXT(os.environ.get(PIN_VARIABLE) or click.prompt("PIN", hide_input=sys.stdin.isatty(), err=True))
    except click.BadParameter as error:
        raise click.BadParameter(error.message, param_hint="PIN") from None
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.UsageError(f"no PIN was given: set {PIN_VARIABLE}, or write it on standard input") from None
