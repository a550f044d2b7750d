"""The entry: finds the command, turns every end into an exit status (`docs/commands.md`)."""

import importlib
import os
import sys

import click

from tutela import __version__
from tutela.cli.settings import Settings, shared_options
from tutela.model import TutelaError

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads wait by turning in circles; products here are small

INTERRUPTED = 130
"""Exit status after Ctrl-C."""

COMMANDS = {
    "fingerprint": ("tutela.cli.fingerprint", "Compute the fingerprints of pictures."),
    "protect": ("tutela.cli.protect", "Open a case and register the fingerprints of pictures."),
    "withdraw": (
        "tutela.cli.withdraw",
        "Withdraw a case: matching stops at once, and its fingerprints can never be read again.",
    ),
    "match": (
        "tutela.cli.match",
        "Look pictures up in the bank: which protected picture reappears in them, and how sure that is.",
    ),
    "collect": ("tutela.cli.collect", "Read public channels as they are now into a folder that `scan` reads."),
    "scan": ("tutela.cli.scan", "Read sources, look for protected pictures, measure, and write a report."),
    "query": ("tutela.cli.query", "Ask a question in SQL over what a scan observed: one SELECT, read-only."),
    "custody": ("tutela.cli.custody", "Check and open the record of what was done."),
    "bank": ("tutela.cli.bank", "Look after the bank: its key, the allowlist, protections in quarantine."),
    "case": (
        "tutela.cli.case",
        "Look after what was found for cases: what platforms told, and what of it the person may see.",
    ),
    "key": ("tutela.cli.key", "Look after the keys of the service: who may call it, and for what."),
    "serve": ("tutela.cli.serve", "Run the service: the API, HMA's addresses and the public page."),
    "demo": (
        "tutela.cli.demo",
        "Run the main job on an invented ecosystem: seven channels, drawn pictures, some of them protected.",
    ),
}
"""For each command its module and the first sentence of its help, which is told without loading the module."""


class _LazyGroup(click.Group):
    """Loads a command's module only when that command is called, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command = importlib.import_module(module).command
        return command if isinstance(command, click.Command) else None


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@shared_options
@click.version_option(__version__, prog_name="tutela")
def cli(settings: Settings) -> None:
    """Protect pictures without showing them, find copies, measure where they are traded, prove what was done."""


def main() -> None:
    """Runs the command line and ends the process with its exit status."""
    try:
        status = cli.main(prog_name="tutela", standalone_mode=False)
    except TutelaError as error:
        status = _complain(str(error), error.exit_status)
    except click.exceptions.Exit as end:
        status = end.exit_code
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        status = _complain("interrupted; what was acknowledged is kept, run again to go on", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read the output has left
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


def _complain(what: str, status: int) -> int:
    click.echo(f"tutela: {what}", err=True)
    return status
