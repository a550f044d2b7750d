"""Words in a text that somebody may be under age: for a person to look at. Never a verdict; no picture is judged."""

import re
from collections.abc import Sequence
from functools import cache

from tutela.model import MinorSignal, Sign
from tutela.texts.amounts import numbers
from tutela.texts.looks import LONGEST, has_digit, has_number, marked, pieces, spellings
from tutela.texts.tokens import SENTENCE, Token, tokens
from tutela.texts.words import fold

OF_AGE = 18
"""Ages from here on are no signal."""

_YOUNG = 10  # below it, "5 years" is rather how long something lasted: somebody must be named beside it
_GRADES = range(5, 12)
_NEAR = 5
_FOR_A_WHILE = frozenset(
    {
        "на",
        "за",
        "через",
        "течение",
        "течении",
        "ближайшие",
        "следующие",
        "спустя",
        "próximos",
        "últimos",
        "nächsten",
        "letzten",
        "prossimi",
        "ultimi",
        "последние",
        "последних",
        "більше",
        "более",
        "больше",
        "около",
        "протягом",
        "in",
        "for",
        "over",
        "since",
        "ago",
    }
)
_BOUNDS = ("bound.at_least", "bound.at_most")


YEARS_BEGIN = "yлрjasгс"
"""What words for years begin with that are written close to an age."""

_JOINED = re.compile(rf"\d[-\s–]?[{YEARS_BEGIN}]", re.IGNORECASE)
_TEEN = re.compile(r"(?<![\d.,:])(?:1[0-7]|[1-9]|[١۱][٠-٧۰-۷]|[١-٩۱-۹])(?!\d)")


@cache
def _years() -> frozenset[str]:
    return spellings(word for word in marked("age.strong", "age.years") if len(word) > 1)


@cache
def named_words() -> frozenset[str]:
    """Words for minors and for school."""
    return marked("minor.words", "minor.careful", "school.words")


@cache
def _named() -> frozenset[str]:
    return spellings(named_words())


@cache
def aged_words() -> frozenset[str]:
    """Words beside which a number can be an age or a grade."""
    long = frozenset(word for word in marked("age.strong", "age.years", "age.bare") if len(word) > 1)
    return long | marked("school.grades")


@cache
def _aged() -> frozenset[str]:
    return spellings(aged_words())


def _may_state(text: str, words: list[str]) -> bool:
    """Whether an age or a grade can be stated at all."""
    if has_digit(text):
        return (not _aged().isdisjoint(words) or _JOINED.search(text) is not None) and _TEEN.search(text) is not None
    return not _years().isdisjoint(words) and has_number(text)


def minor_signals(text: str) -> tuple[MinorSignal, ...]:
    """Stated ages under 18, words for minors, and school in the context of a person, in the text's order.

    Ages of things and lengths of time are none, nor is `18+`. No text makes it fail.
    """
    words = pieces(text)
    if _named().isdisjoint(words) and "18" not in text and not _may_state(text, words):
        return ()
    found = numbers(tokens(text[:LONGEST]))
    signals = [signal for place in range(len(found)) if (signal := _signal(found, place)) is not None]
    return tuple(signals)


def _signal(found: Sequence[Token], place: int) -> MinorSignal | None:
    piece = found[place]
    if piece.kind == "num":
        return _age(found, place) or _grade(found, place)
    if piece.kind != "word":
        return None
    if piece.has("minor.words") and not _negated(found, place):
        return MinorSignal(Sign.WORD, piece.start, piece.end)
    if piece.has("minor.careful") and not _negated(found, place) and _stands_alone(found, place):
        return MinorSignal(Sign.WORD, piece.start, piece.end)
    return MinorSignal(Sign.SCHOOL, piece.start, piece.end) if piece.has("school.words") else None


def _beside(found: Sequence[Token], place: int) -> list[Token]:
    """The pieces of the same sentence close to a place."""
    ahead: list[Token] = []
    for piece in found[place + 1 : place + 1 + _NEAR]:
        if piece.kind == "break" and piece.level >= SENTENCE:
            break
        ahead.append(piece)
    behind: list[Token] = []
    for piece in reversed(found[max(0, place - _NEAR) : place]):
        if piece.kind == "break" and piece.level >= SENTENCE:
            break
        behind.append(piece)
    return behind[::-1] + ahead


def _age(found: Sequence[Token], place: int) -> MinorSignal | None:
    """A stated age: the number, the word for years behind it, and who or what is so old."""
    number = found[place]
    if number.value is None or not 1 <= number.value < OF_AGE or number.value != number.value.to_integral_value():
        return None
    behind = [piece for piece in found[place + 1 : place + 4] if piece.text not in {"-", "–", "'"}]
    years = behind[0] if behind else None
    before = found[place - 1] if place else None
    near = _beside(found, place)
    people = any(piece.has("age.people") for piece in near)
    if any(piece.has("age.things") for piece in near) and not people:
        return None
    bounded = before is not None and (any(before.has(bound) for bound in _BOUNDS) or before.text in _FOR_A_WHILE)
    told = before is not None and (before.has("age.before") or _told_before(found, place))
    if years is not None and years.has("age.strong"):
        certain = years.has("age.certain") or number.value >= _YOUNG or people or told
        wanted = certain and (people or not bounded)
    elif years is not None and years.has("age.years"):
        wanted = told or people
    else:
        years, wanted = None, told and before is not None and _is_bare_age(found, place, before)
    if not wanted:
        return None
    return MinorSignal(Sign.STATED_AGE, number.start, years.end if years is not None else number.end)


def _told_before(found: Sequence[Token], place: int) -> bool:
    return any(piece.has("age.before") for piece in found[max(0, place - 3) : place])


def _is_bare_age(found: Sequence[Token], place: int, before: Token) -> bool:
    """`aged 15`, `I'm 14.`: the number ends its clause, and is no small one."""
    after = found[place + 1] if place + 1 < len(found) else None
    value = found[place].value
    ends = after is None or after.kind == "break" or after.has("join.and")
    return before.has("age.bare") and ends and value is not None and value >= _YOUNG


def _grade(found: Sequence[Token], place: int) -> MinorSignal | None:
    """`9 класс`, `10th grade`, `9. Klasse`."""
    value = found[place].value
    if value is None or value not in _GRADES:
        return None
    for ahead in found[place + 1 : place + 4]:
        if ahead.has("school.grades"):
            return MinorSignal(Sign.SCHOOL, found[place].start, ahead.end)
        if ahead.kind == "word" and len(ahead.text) > 2:
            return None
    return None


def _negated(found: Sequence[Token], place: int) -> bool:
    return any(piece.has("negation") for piece in found[max(0, place - 2) : place])


def _stands_alone(found: Sequence[Token], place: int) -> bool:
    """`a minor` ends its clause or is somebody; `a minor bug` is neither."""
    after = found[place + 1] if place + 1 < len(found) else None
    before = found[place - 1] if place else None
    alone = after is None or after.kind == "break" or after.has("plain") or after.has("age.people")
    return alone and before is not None and fold(before.text) in {"a", "is", "the", "are"}
