"""What every command can be told: which bank, how to answer, how strict to be."""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tutela.bank import Bank

VARIABLE = "TUTELA_BANK"


class Text(click.types.StringParamType):
    """A text that can be written down: bytes of the command line that are no text would break wherever they land."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuses anything else as wrong usage, without repeating it."""
        text = super().convert(value, param, ctx)
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail("this is no text", param, ctx)
        return text


TEXT = Text()


@dataclass(frozen=True, slots=True)
class Settings:
    """`bank` is a URL, None for the default. Given before or after the command's name, the later one counts."""

    bank: str | None = None
    json: bool = False
    strict: bool = False

    def open_bank(self, *, create: bool = False) -> "Bank":
        """The bank these settings speak of. Raises `StoreError`."""
        from tutela.bank import Bank

        return Bank.open(self.bank or default_bank(), create=create)

    def open_demo_bank(self, world: Path) -> "Bank":
        """The bank that was named, else the world's own, which goes when the world goes. Raises `StoreError`.

        Never the one of the environment: people's cases may be in there.
        """
        from tutela.bank import Bank
        from tutela.store.engine import sqlite_url

        return Bank.open(self.bank or sqlite_url(world / "bank" / "bank.db"), create=True)


def default_bank() -> str:
    """What the variable TUTELA_BANK says, else an SQLite file in the user's data folder."""
    if address := os.environ.get(VARIABLE):
        return address
    import platformdirs

    from tutela.store.engine import sqlite_url

    return sqlite_url(platformdirs.user_data_path("tutela") / "bank.db")


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--bank``, ``--json`` and ``--strict``, and hands the command its `Settings` as `settings`."""

    @click.option("--bank", type=TEXT, metavar="URL", help=f"The bank: sqlite:///PATH (or ${VARIABLE}).")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
    @click.option("--strict", is_flag=True, help="Exit with 3 when an item could not be read.")
    @functools.wraps(command)
    def wrapped(bank: str | None, as_json: bool, strict: bool, **options: Any) -> Any:
        context = click.get_current_context()
        settings = context.find_object(Settings) or Settings()
        settings = replace(
            settings,
            bank=bank or settings.bank,
            json=as_json or settings.json,
            strict=strict or settings.strict,
        )
        context.obj = settings
        return command(settings=settings, **options)

    return wrapped
