"""Which language a short text is in, or that it cannot be told.

Chat messages are where language guessers fail: a few words, names, links, signs. So what is no language is taken out
first, letters that only one language has decide by themselves, and where the guess is not clear there is none.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "hi", "id", "it", "kk", "pl", "pt", "ru", "tr", "uk")
"""What is told apart, as ISO 639-1. A text in another language may be taken for one of these."""

LETTERS, WORDS = 8, 2
"""A text with fewer letters, or fewer words, is too short to tell."""

SURE = 0.80
"""How sure the guess has to be, of 1."""

_LONGEST = 400  # characters: more tell nothing new
_NO_LANGUAGE = re.compile(r"https?://\S+|\bt\.me/\S+|[@#/]\w+|\w*\d\w*|_+")
_WORD = re.compile(r"[^\W\d_]+")
_ONLY = (
    (re.compile(r"[іїєґІЇЄҐ]"), re.compile(r"[ыэъёәғқңөұүһ]", re.IGNORECASE), "uk"),
    (re.compile(r"[әғқңөұүһӘҒҚҢӨҰҮҺ]"), re.compile(r"[їєґ]", re.IGNORECASE), "kk"),
    (re.compile(r"[ыэъёЫЭЪЁ]"), re.compile(r"[іїєґәғқңөұүһ]", re.IGNORECASE), "ru"),
    (re.compile(r"[ñ¿¡]", re.IGNORECASE), None, "es"),
    (re.compile(r"[ãõ]", re.IGNORECASE), None, "pt"),
    (re.compile(r"ß"), None, "de"),
    (re.compile(r"[ğıİş]"), None, "tr"),
    (re.compile(r"[ąęłżźśńć]", re.IGNORECASE), None, "pl"),
)
"""Letters, letters that must not stand beside them, and the language they speak for among those above."""

_NEED_LETTERS = frozenset({"uk", "kk"})
"""So many of their letters are their own that a text without one is hardly in them."""


def language(text: str) -> str | None:
    """The language of a message, one of `LANGUAGES`; None where it cannot be told."""
    return _told(text[:_LONGEST])


@lru_cache(maxsize=2048)
def _told(text: str) -> str | None:
    words = _WORD.findall(_NO_LANGUAGE.sub(" ", text))
    if len(words) < WORDS or sum(map(len, words)) < LETTERS:
        return None
    plain = " ".join(words)
    for own, foreign, code in _ONLY:
        if own.search(text) and not (foreign and foreign.search(plain)):
            return code
    best = _detector().compute_language_confidence_values(plain)[0]
    code = best.language.iso_code_639_1.name.lower()
    return code if best.value >= SURE and code not in _NEED_LETTERS else None


@lru_cache(maxsize=1)
def _detector() -> "LanguageDetector":
    """The smaller models: they need 35 MB where the larger ones need 360 MB."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [IsoCode639_1.from_str(code.upper()) for code in LANGUAGES]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()
