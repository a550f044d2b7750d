"""Catalogues of texts, of the page and of the report: each entry is a text or its plural forms."""

import re
from collections.abc import Iterator, Mapping

Entry = str | Mapping[str, str]


def forms(entry: Entry) -> Iterator[str]:
    """The text, or each of its forms."""
    yield from [entry] if isinstance(entry, str) else entry.values()


def placeholders(entry: Entry, written: re.Pattern[str]) -> set[str]:
    """The names of what is put into an entry."""
    return {name for form in forms(entry) for name in written.findall(form)}
