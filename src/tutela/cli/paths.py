"""Paths on the command line."""

from pathlib import Path
from typing import Any

import click


class NamedPath(click.Path):
    """A path that is not empty: a variable that nobody set must not stand for the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuses an empty path as wrong usage."""
        if not str(value):
            self.fail("this path is empty (a variable that is not set?); the current folder is `.`", param, ctx)
        return super().convert(value, param, ctx)


PATH = NamedPath(path_type=Path)
