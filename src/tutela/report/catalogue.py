"""The words of the page in each language: one TOML file a language under `locales/`, for translators to edit.

Keys are flat. A text holds `{placeholders}`; a table of texts gives plural forms by CLDR's categories (`one`, `few`,
`many`, `other`), and `none` where zero is said in words. What is put in stays as it is: a text is no program.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from tutela.report.errors import ReportError

LANGUAGES = ("en", "ru", "es")
"""ISO 639-1 codes of the languages that a report can be written in."""

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Entry = str | Mapping[str, str]
"""A text, or its plural forms by category."""


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """The texts of one language by key. Raises `ReportError` for a language that there is no file for."""
    if language not in LANGUAGES:
        remedy = f"choose one of {', '.join(LANGUAGES)}"
        raise ReportError("there is no catalogue for the language", where=repr(language), remedy=remedy)
    text = resources.files(__package__).joinpath("locales", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def category(language: str, number: int | float) -> str:
    """The plural category of a number by the rules of CLDR 45, fractions included."""
    return _RULES[language](abs(number))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, once: what is put in is not read again."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _english(number: int | float) -> str:
    return "one" if number == 1 else "other"


def _russian(number: int | float) -> str:
    if number != int(number):
        return "other"
    tens, units = int(number) % 100, int(number) % 10
    if units == 1 and tens != 11:
        return "one"
    return "few" if 2 <= units <= 4 and not 12 <= tens <= 14 else "many"


def _spanish(number: int | float) -> str:
    if number == 1:
        return "one"
    return "many" if number and number == int(number) and int(number) % 1_000_000 == 0 else "other"


_RULES: Mapping[str, Callable[[int | float], str]] = {"en": _english, "ru": _russian, "es": _spanish}
