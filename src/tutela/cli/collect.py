"""``tutela collect``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutela.cli.output import answer, finish, plural, tell
from tutela.cli.paths import PATH, NamedPath
from tutela.cli.progress import ProgressLine
from tutela.cli.settings import Settings, shared_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tutela.collect import Collected, Window

API_ID = "TUTELA_TELEGRAM_API_ID"
API_HASH = "TUTELA_TELEGRAM_API_HASH"
SESSION = "TUTELA_TELEGRAM_SESSION"
_API_IDS = click.IntRange(1, 2**31 - 1)


@click.group("collect")
@shared_options
def command(settings: Settings) -> None:
    """Read public channels as they are now into a folder that `scan` reads."""


@command.command("telegram")
@click.argument("channels", nargs=-1, required=True, metavar="CHANNEL...")
@click.option("--out", required=True, type=PATH, help="Folder for the dumps.")
@click.option("--api-id", type=_API_IDS, envvar=API_ID, help=f"Your application's api_id (or ${API_ID}).")
@click.option(
    "--session", type=NamedPath(path_type=Path, dir_okay=False), envvar=SESSION, help=f"Session file (or ${SESSION})."
)
@click.option("--recheck-days", default=7, show_default=True, type=click.IntRange(0), help="Ask again for these days.")
@click.option(
    "--recheck-messages", default=200, show_default=True, type=click.IntRange(0), help="And for so many in any case."
)
@shared_options
def telegram(
    settings: Settings,
    channels: tuple[str, ...],
    out: Path,
    api_id: int | None,
    session: Path | None,
    recheck_days: int,
    recheck_messages: int,
) -> None:
    """Read public channels and groups of Telegram: messages and member counts, no media.

    A CHANNEL is @handle or t.me/handle. Run again, it goes on where it was and notes what was edited or deleted.
    """
    from tutela.collect import Window, public_handle

    handles = [public_handle(text, where=f"channel {number}") for number, text in enumerate(channels, 1)]
    api_hash = os.environ.get(API_HASH)
    if api_id is None or not api_hash:
        raise click.UsageError(f"Set {API_ID} and {API_HASH}, your own from https://my.telegram.org (docs/collect.md).")
    access = (session or _default_session(), api_id, api_hash)
    unread = _collect(settings, handles, out, access, Window(recheck_days, recheck_messages))
    finish(settings, unread)


def line(found: "Collected") -> dict[str, object]:
    """The JSON line of a channel."""
    return {
        "channel": found.number,
        "state": found.state.value,
        "members": found.members,
        "new": found.new,
        "edited": found.edited,
        "deleted": found.deleted,
        "stopped": found.why,
    }


def sentence(found: "Collected") -> str:
    """The same for people."""
    if found.why is not None:
        return f"channel {found.number}: {found.why}"
    members = "" if found.members is None else f", {plural(found.members, 'member')}"
    read = f"{plural(found.new, 'new message')}, {found.edited:,} edited, {found.deleted:,} deleted"
    return f"channel {found.number}: {found.state.value.replace('_', ' ')}{members}; {read}"


def _collect(
    settings: Settings, handles: "Sequence[str]", out: Path, access: tuple[Path, int, str], window: "Window"
) -> int:
    """Reads, answers for each channel when it is done, and counts those that were not read to their end."""
    import asyncio

    from tutela.collect import Folder, collect
    from tutela.collect.login import logged_in
    from tutela.collect.patience import Patience
    from tutela.collect.telegram import Telegram

    async def run() -> int:
        unread = 0
        patience = Patience(tell)
        with Folder(out) as folder, ProgressLine() as progress:
            show = _shown(progress)
            async with logged_in(*access, patience) as client:
                async for found in collect(handles, folder, Telegram(client, patience), window=window, progress=show):
                    unread += found.why is not None
                    answer(settings, line(found), sentence(found))
        return unread

    return asyncio.run(run())


def _shown(progress: ProgressLine) -> "Callable[[Collected], None]":
    return lambda so_far: progress.show(f"channel {so_far.number}: {plural(so_far.new, 'new message')}")


def _default_session() -> Path:
    import platformdirs

    return platformdirs.user_data_path("tutela") / "telegram.session"
