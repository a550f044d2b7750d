"""The words of the page: one TOML file a language under `locales/`, for translators to edit.

Keys are flat. A text may hold `{placeholders}`; a table of texts gives plural forms by CLDR's categories, chosen by
`{n}`. Plural forms are for scripts alone, which ask the browser for the category; a page itself says plain texts.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

LANGUAGES = ("en", "es", "ru", "ar")
"""ISO 639-1 codes, the default first."""

RIGHT_TO_LEFT = frozenset({"ar"})

FOR_SCRIPTS = "live_"
"""How the keys begin whose texts the scripts of the page say."""

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Entry = str | Mapping[str, str]
"""A text, or its plural forms by category."""

_MOST_OFFERS = 32
_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """All texts of one of `LANGUAGES` by key."""
    text = resources.files(__package__).joinpath("locales", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def said(language: str, key: str, **values: str) -> str:
    """One text with its placeholders filled, once: what is put in is not read again."""
    entry = catalogue(language)[key]
    if not isinstance(entry, str):
        raise TypeError(f"{key!r} has plural forms, which only scripts choose among")
    return PLACEHOLDER.sub(lambda found: values[found[1]], entry)


def for_scripts(language: str) -> Mapping[str, Entry]:
    """What the scripts of the page say."""
    return {key: entry for key, entry in catalogue(language).items() if key.startswith(FOR_SCRIPTS)}


def preferred(accepted: str) -> str:
    """The language of ours that an `Accept-Language` header (RFC 9110) likes best; the default where there is none."""
    best, weight = LANGUAGES[0], 0.0
    for offer in accepted.split(",")[:_MOST_OFFERS]:
        found = _RANGE.fullmatch(offer)
        if found is None or (code := found[1].lower()) not in LANGUAGES:
            continue
        if (liked := float(found[2] or 1)) > weight:
            best, weight = code, liked
    return best


def direction(language: str) -> str:
    """``rtl`` or ``ltr``, for the attribute `dir`."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
