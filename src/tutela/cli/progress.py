"""A progress line that stays on one line of a terminal, and comes every ten seconds where there is none."""

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tutela.scan import Tally

_TERMINAL_SECONDS = 0.2
_LOG_SECONDS = 10.0


class ProgressLine:
    """Tells on standard error how far long work has come; a context manager that clears its line."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._pause = _TERMINAL_SECONDS if self._terminal else _LOG_SECONDS
        self._started = self._last = time.monotonic()

    def __call__(self, source: str, tally: "Tally") -> None:
        """See `tutela.scan.Progress`."""
        if time.monotonic() - self._last < self._pause:
            return  # before the words are made: posts come by the million
        rate = tally.images / max(time.monotonic() - self._started, 0.001)
        self.show(
            f"{source}: {tally.posts:,} posts, {tally.images:,} images ({rate:,.0f}/s), {tally.matches:,} matches"
        )

    def show(self, text: str) -> None:
        """Shows the text, unless another was shown a moment ago."""
        now = time.monotonic()
        if now - self._last < self._pause:
            return
        self._last = now
        click.echo(f"\r\x1b[K{text}" if self._terminal else text, err=True, nl=not self._terminal)

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
