"""Sentences that code wrote in English, in the reader's language.

The English catalogue is the pattern book: a text under `note_…` with its placeholders recognises a sentence, and the
same key of another catalogue says it. What nothing recognises stays English and is marked so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from markupsafe import Markup, escape

from tutela.report.catalogue import PLACEHOLDER, Entry, catalogue
from tutela.report.wording import Words, clean, words

PREFIX = "note_"

_JOINED = re.compile(r"\s*[;,.]?\s+|\.?\Z")  # what may stand between two sentences
_NUMBER, _DATE, _MONTH = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", r"\d{4}-\d{2}-\d{2}", r"\d{4}-\d{2}"
_KINDS = {
    "n": _NUMBER, "m": _NUMBER, "date": _DATE, "until": _DATE, "month": _MONTH, "last": _MONTH, "code": "[a-z]{2}",
    "how": r"[a-z]+(?: by \d+°)?",
}  # fmt: skip
"""What a placeholder stands for in a sentence that code wrote, by its name."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text in pieces, each with whether it is still English on a page that is not. Prints itself as HTML."""

    pieces: tuple[tuple[str, bool], ...]

    def __str__(self) -> str:
        return "".join(text for text, _ in self.pieces)

    def __bool__(self) -> bool:
        return bool(self.pieces)

    def __html__(self) -> Markup:
        return Markup().join(
            Markup('<span lang="en">{}</span>').format(clean(text)) if foreign else escape(clean(text))
            for text, foreign in self.pieces
        )


@cache
def said(language: str, text: str) -> Said:
    """The text in the language, as far as its sentences are known."""
    speaker = words(language)
    pieces: list[tuple[str, bool]] = []
    while text:
        found = _first(speaker, text)
        if found is None:
            pieces.append((text, language != "en"))
            break
        sentence, end = found
        between = _JOINED.match(text, end)
        glue = between[0] if between else ""
        pieces.append((sentence + glue, False))
        text = text[end + len(glue) :]
    return Said(tuple(pieces))


def english(text: str) -> Said:
    """A text that is English whatever the page's language."""
    return Said(((text, True),)) if text else Said(())


def joined(*texts: str | Said) -> Said:
    """Texts put together, each still marked as it was."""
    return Said(tuple(piece for text in texts for piece in ([(text, False)] if isinstance(text, str) else text.pieces)))


def _first(speaker: Words, text: str) -> tuple[str, int] | None:
    """The longest known sentence that the text begins with, translated, and where it ends."""
    for key, pattern in _patterns():
        if (found := pattern.match(text)) and _JOINED.match(text, found.end()):
            values = {name: _value(speaker, name, value) for name, value in found.groupdict().items()}
            return speaker.say(key, **values), found.end()
    return None


def _value(speaker: Words, name: str, text: str) -> str | int | float:
    match name:
        case "n" | "m":
            return float(text) if set(text) & set(".e") else int(text)
        case "date" | "until":
            return date_said(speaker, text)
        case "month" | "last":
            return speaker.month(text)
        case "code":
            return speaker.say(f"language_{text}") if speaker.has(f"language_{text}") else text
        case _:
            key = "orientation_" + text.replace(" by ", "-").removesuffix("°")
            return speaker.say(key) if speaker.has(key) else text


def date_said(speaker: Words, text: str) -> str:
    """`2 March 2026` for `2026-03-02`; what is no date as it is."""
    found = day_named(text)
    return text if found is None else speaker.day(datetime(found.year, found.month, found.day, tzinfo=UTC))


def day_named(text: str) -> date | None:
    """The day that a text such as `2026-03-02` names, else None."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-03-02") else None
    except ValueError:
        return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The longest first, since a short sentence may begin a longer one."""
    found = [(key, form) for key, entry in catalogue("en").items() if key.startswith(PREFIX) for form in _forms(entry)]
    found.sort(key=lambda pair: (-len(pair[1]), pair))
    return tuple((key, _pattern(form)) for key, form in found)


def _forms(entry: Entry) -> Iterator[str]:
    yield from [entry] if isinstance(entry, str) else entry.values()


def _pattern(form: str) -> re.Pattern[str]:
    pieces = PLACEHOLDER.split(form)  # texts and names in turn
    return re.compile(
        "".join(f"(?P<{piece}>{_KINDS[piece]})" if i % 2 else re.escape(piece) for i, piece in enumerate(pieces))
    )
