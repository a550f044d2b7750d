"""Cheap looks at a text, shared by all that reads it: nearly every message has nothing to be read and ends here."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from tutela.texts.words import having, lexicon, meaning

LONGEST = 50_000
"""Characters of a text that are read; no chat message is longer."""

_DIGITS = "0123456789٠١٢٣٤٥٦٧٨٩.,"
_DIGIT = re.compile("[0-9٠-٩۰-۹０-９𝟎-𝟿]")
_LETTERED = re.compile(r"\b[RNQ][1-9](?:\d|[ ,.]\d{3}|[km]\b)|\b\d\d?p\b")
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]")
_ACCENTED = re.compile("[à-üأإآ]")
_ACCENTS = str.maketrans("áàâãäéèêëíìîïóòôõöúùûüñçأإآ", "aaaaaeeeeiiiiooooouuuuncااا")
_BEHIND = ("", ",", ".", "!", "?", ":", ")", "»")
_BEFORE = ("", "(", "«", '"')
_BESIDE = "".join(_BEFORE + _BEHIND)
ARABIC_PREFIXES = ("", "ال", "و", "ب", "ل", "لل", "بال")
"""What is written onto the words of a list without changing them."""


def spellings(words: Iterable[str]) -> frozenset[str]:
    """The words with the signs that stand beside words in a text, so that its pieces can be compared as they are."""
    found: set[str] = set()
    for word in words:
        prefixes = ARABIC_PREFIXES if "\u0621" <= word[:1] <= "\u064a" else ("",)
        found.update(f"{sign}{head}{word}{tail}" for sign in _BEFORE for head in prefixes for tail in _BEHIND)
    return frozenset(found)


def bare(words: Iterable[str]) -> Iterator[str]:
    """Pieces of a text without the signs beside them, and Arabic ones also without what is written onto them.

    The other way round than `spellings`: for lists that are long and seldom asked for.
    """
    for word in words:
        core = word.strip(_BESIDE)
        yield core
        if "\u0621" <= core[:1] <= "\u064a":
            yield from (core.removeprefix(prefix) for prefix in ARABIC_PREFIXES if prefix)


def marked(*marks: str) -> frozenset[str]:
    """Every spelling of the words, and of the longest words of the phrases, that the word lists give such a mark.

    Phrases with digits are left out.
    """
    single = meaning(lambda sense: not sense.marks.isdisjoint(marks))
    spaced = [
        phrase
        for phrase, sense in lexicon().spaced()
        if not sense.marks.isdisjoint(marks) and "".join(phrase) not in single
    ]
    return frozenset(single | {max(each, key=len) for each in spaced if not any(word.isdecimal() for word in each)})


@cache
def number_words() -> frozenset[str]:
    """Words that say how many or how much."""
    return having("number", "times", "worth")


@cache
def money_words() -> frozenset[str]:
    """Words and signs for currencies."""
    codes = frozenset(word.lower() for word, sense in lexicon().exact.items() if sense.currency)
    return having("currency", "worth") | codes


@cache
def _money_pieces() -> frozenset[str]:
    return spellings(money_words())


@lru_cache(maxsize=4)
def pieces(text: str) -> list[str]:
    """The text in lower case and without accents, cut at its spaces."""
    return plain(text).split()


@lru_cache(maxsize=4)
def has_digit(text: str) -> bool:
    """Whether a digit stands in the text."""
    return _DIGIT.search(text) is not None


def has_number(text: str) -> bool:
    """Whether a digit or a number word stands in the text."""
    if has_digit(text):
        return True
    words = number_words()
    return not words.isdisjoint(pieces(text)) or not words.isdisjoint(cut(text))


def may_offer(text: str) -> bool:
    """Whether a number and a currency stand in the text at all."""
    words = pieces(text)
    if not _money_pieces().isdisjoint(words):
        return has_number(text)
    if not has_digit(text):
        return False
    mixed = [word for word in words if not word.isalpha()]
    if not money_words().isdisjoint(cut(" ".join(mixed))) or _LETTERED.search(text) is not None:
        return True
    return not _money_pieces().isdisjoint([word.strip(_DIGITS) for word in mixed])  # `900ج.م`


def cut(text: str) -> list[str]:
    """Its runs of letters, and every sign by itself, in lower case and without accents."""
    return _WORD.findall(plain(text))


def plain(text: str) -> str:
    """In lower case and without the commonest accents."""
    plain = text.lower()
    return plain if plain.isascii() or _ACCENTED.search(plain) is None else plain.translate(_ACCENTS)
