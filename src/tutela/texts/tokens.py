"""Texts as tokens: numbers, words with their senses, signs, and the breaks between clauses, lines and sentences."""

import re
from decimal import Decimal
from functools import cache

import msgspec

from tutela.model import Bound, Unit
from tutela.texts.forms import form
from tutela.texts.words import NOTHING, Sense, fold, lexicon, remembered

LINE, SENTENCE, SOFT = 3, 2, 1
"""How strongly a break parts what stands on its sides."""

_DIGITS = (
    r"\d(?<!\d/\d)\d{0,2}(?:[ \u00a0\u202f\u2009]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?"
    r"|\d+(?:[.,'’٬٫]\d+)*(?:[.,][-–—](?!\d))?"
)
_PHONE = r"\+(?=(?:[ \u00a0()-]*\d){10})\d[\d \u00a0()-]*\d"
_SCAN = (
    rf"(?P<skip>https?://\S+|www\.\S+|t\.me/\S+|@\w+|\d\ufe0f?\u20e3|{_PHONE})"
    rf"|(?P<num>{_DIGITS})"
    r"|(?P<sign>(?:us|r|j|au?|ca?|mx|nz|hk|s|nt|col|ar)\$)"
    r"|(?P<letter>(?-i:[RNQ])(?<![^\W_].)(?=[1-9](?:\d|[ ,.]\d{3}|[km]\b))|(?-i:p)(?<=\d.)(?!\w))"
    r"|(?P<word>[^\W\d_][^\W\d_\u0300-\u036f\u064b-\u0652\u0640]*(?:[\u0300-\u036f\u064b-\u0652\u0640]+[^\W\d_]*)*)"
    r"|(?P<line>\n\s*)"
    r"|(?P<dots>[.…]{2,}|…|_{2,}|-{2,}|={2,}|[-–—=~]*>+)"
    r"|(?P<mark>[^\s\w\ufe0f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u20e3])"
)
_PREFIXES = ("وال", "بال", "ولل", "لل", "ال", "و", "ب", "ل")
_ARABIC = re.compile(r"[\u0621-\u064a]{3,}")
_PLAIN_SIGNS = frozenset("'’\"`«»“”„(){}[]*_~^<&%°#@+-–—−=:/\\.$€£₽₴")
LETTERS = {"R": "ZAR", "N": "NGN", "Q": "GTQ", "p": "GBP/100"}
"""Single letters that are a currency tight beside a number; pence are hundredths."""

_DIGITS_AT_MOST, _TELLING_AT_MOST = 9, 7
"""Longer whole numbers, and more digits before the zeros at their end, have telephones, cards and accounts."""

_LONG, _SHORT = 7, 4
"""Letters of words that are no abbreviations, and of known words that are none."""

_REMARK = frozenset({"plain", "plain.words"})
_ENDS = frozenset("!?;|؟؛।•●▪▫◾◽■□➖┃│‖")
_COMMAS = frozenset(",،、，")


class Token(msgspec.Struct, eq=False, gc=False):
    """A piece of a text. `kind` is num, word, sign or break; later also money, time or item.

    `value` is a number's, an amount's or a quantity's; `level` a break's; `tight` says that no space stands before it.
    """

    kind: str
    start: int
    end: int
    text: str
    sense: Sense = NOTHING
    value: Decimal | None = None
    level: int = 0
    tight: bool = False
    code: str = ""
    unit: Unit | None = None
    days: float | None = None
    bound: Bound | None = None

    def has(self, mark: str) -> bool:
        """Whether the word lists know it as that."""
        return mark in self.sense.marks


@cache
def _scanner() -> re.Pattern[str]:
    return re.compile(_SCAN, re.IGNORECASE)


def tokens(text: str) -> list[Token]:
    """The tokens of a text, in its order. Links, handles, telephone numbers and keycaps are none."""
    found: list[Token] = []
    end = 0
    for match in _scanner().finditer(text):
        kind = match.lastgroup
        start = match.start()
        if kind == "word":
            folded, meaning = known(match[0])
            found.append(Token("word", start, match.end(), folded, meaning, None, 0, start == end and start > 0))
        elif kind != "skip":
            found.append(_token(text, kind or "mark", match, tight=start == end and start > 0))
        end = match.end()
    return _phrases(_lettered(found))


def _lettered(found: list[Token]) -> list[Token]:
    """Single letters tight beside a number as currencies, if the text says no other: `R250`, `N3,800`, `40p`."""
    letters = [token for token in found if token.kind == "letter"]
    if letters:
        said = {token.sense.currency for token in found} - {None}
        for token in letters:
            alone, pence = said <= {LETTERS[token.text]}, token.text == "p"
            token.kind = "sign" if alone or pence else "word"
            if alone or pence:
                token.sense = Sense(currency=LETTERS[token.text])
    return found


def _token(text: str, kind: str, match: re.Match[str], *, tight: bool) -> Token:
    start, end = match.span()
    if kind == "num":
        return Token("num", start, end, match[0], value=digits(match[0]), tight=tight)
    if kind == "letter":
        return Token("letter", start, end, match[0], tight=tight)
    if kind in {"word", "sign"}:
        folded, meaning = known(match[0])
        return Token("word", start, end, folded, meaning, tight=tight)
    if kind == "line":
        return Token("break", start, end, "\n", level=LINE)
    if kind == "dots":
        return Token("sign", start, end, "=", lexicon().single["="], tight=tight)
    return _mark(text, match[0], start, end, tight=tight)


def _mark(text: str, sign: str, start: int, end: int, *, tight: bool) -> Token:
    if sign in _COMMAS:
        return Token("break", start, end, sign, level=SOFT)
    if sign in _ENDS:
        return Token("break", start, end, sign, level=SENTENCE)
    if sign == ".":
        ends = end == len(text) or (text[end].isspace() and not _goes_on(text, start))
        return Token("break" if ends else "sign", start, end, sign, level=SENTENCE if ends else 0, tight=tight)
    meaning = lexicon().single.get(sign, NOTHING)
    if meaning is NOTHING and sign not in _PLAIN_SIGNS:
        return Token("break", start, end, sign, level=SOFT)
    return Token("sign", start, end, sign, meaning, tight=tight)


def _goes_on(text: str, point: int) -> bool:
    """Whether a point behind a word ends an abbreviation: a small letter follows, or a point stands before it too."""
    if not text[point - 1 : point].isalpha():
        return False
    after = text[point + 2 : point + 3]
    if after.isdigit():
        return _leads_amount(text[max(0, point - _LONG) : point].split())
    if after.islower() and _is_whole_word(text, point):
        return False
    return after.islower() or (after != "" and after in "$€£₽₴₸") or (point > 1 and text[point - 2] == ".")


def _leads_amount(words: list[str]) -> bool:
    """Whether the last word is a short currency with no number before it: `Fr. 25`, not `25 Fr. 3 left`."""
    if len(words[-1]) >= _SHORT or known(words[-1])[1].currency is None:
        return False
    return len(words) == 1 or not words[-2][-1].isdigit()


def _is_whole_word(text: str, point: int) -> bool:
    """Whether the word before a point is too long for an abbreviation, or a known time or thing."""
    word = text[max(0, point - _LONG) : point]
    if word.isalpha():
        return True
    sense = known(word.split()[-1])[1]
    return len(word.split()[-1]) >= _SHORT and (sense.days is not None or sense.unit is not None)


@remembered(16384)
def known(word: str) -> tuple[str, Sense]:
    """A word folded, and what the word lists know of it; Arabic prefixes are taken off where the whole is not known."""
    words = lexicon()
    folded = fold(word)
    found = words.exact.get(word) or words.exact.get(word.lower()) or words.single.get(folded)
    if found is not None:
        return folded, found
    if _ARABIC.match(folded):
        for prefix in _PREFIXES:
            rest = words.single.get(folded[len(prefix) :]) if folded.startswith(prefix) else None
            if rest is not None:
                marks = {"prefix.for"} if prefix[0] in "لب" else set()
                return folded, Sense(marks=frozenset(marks)).merged(rest)
    if (compound := _compound(folded)) is not None:
        return folded, compound
    mark = form(word.lower())
    return folded, NOTHING if mark is None else Sense(marks=frozenset({mark}))


_LAST = re.compile(
    "[a-z]{3,}?(bild|bilder|bildern|foto|fotos|video|videos|clip|clips|post|posts|abo|abos|zugang|mitgliedschaft|munzen"
    "|kurs|kurse|rechnung|rechnungen)"
)


def _compound(folded: str) -> Sense | None:
    """What the last part of a German compound is known as: `Werbevideos` are videos."""
    match = _LAST.fullmatch(folded)
    return None if match is None else lexicon().single.get(match[1])


@remembered(4096)
def digits(text: str) -> Decimal | None:
    """The number that digits with separators stand for.

    None where they are a date, a version, or so many that they may be the number of a telephone, a card or an account:
    such a number must not get into anything that is published.
    """
    number = _number(text)
    return None if number is None or _names_somebody(text, number) else number


def _names_somebody(text: str, number: Decimal) -> bool:
    decimals = max(0, -int(number.as_tuple().exponent))
    written = sum(sign.isdecimal() for sign in text) - decimals
    return written > _DIGITS_AT_MOST or len(str(int(number)).rstrip("0")) > _TELLING_AT_MOST


def _number(text: str) -> Decimal | None:
    plain = "".join(str(int(sign)) if sign.isdigit() and sign.isdecimal() else sign for sign in text[:40])
    if len(text) > 24:
        return None
    plain = re.sub(r"[\s'’٬]|[.,]?[-–—]$", "", plain)
    if plain.count("٫") == 1 and plain.replace("٫", "").isdecimal():
        return Decimal(plain.replace("٫", "."))
    marks = [sign for sign in plain if sign in ".,"]
    if not marks:
        return Decimal(plain) if plain.isdecimal() else None
    groups = re.split(r"[.,]", plain)
    if len(marks) == 1:
        thousands = len(groups[1]) == 3 and 1 <= len(groups[0]) <= 3 and groups[0][0] != "0"
        return Decimal("".join(groups)) if thousands else Decimal(f"{groups[0]}.{groups[1]}")
    inner = groups[1:] if marks[0] == marks[-1] else groups[1:-1]
    if len(set(marks[:-1])) > 1 or len(groups[0]) > 3 or any(len(group) != 3 for group in inner):
        return None
    if marks[0] == marks[-1]:
        return Decimal("".join(groups))
    return Decimal("".join(groups[:-1]) + "." + groups[-1])


def _phrases(found: list[Token]) -> list[Token]:
    """Neighbouring tokens that the word lists know as one phrase, joined."""
    phrases = lexicon().phrases
    texts = tuple([token.text for token in found])
    joined: list[Token] = []
    place = 0
    while place < len(found):
        token, length = found[place], 1
        priced = bool(joined) and joined[-1].sense.currency is not None
        for ending, meaning in phrases.get(texts[place : place + 2], ()):
            end = place + 2 + len(ending)
            if texts[place + 2 : end] == ending and not (priced and _hides(meaning, found[place:end])):
                length = end - place
                phrase = " ".join(texts[place:end])
                token = Token("word", token.start, found[end - 1].end, phrase, meaning, tight=token.tight)
                break
        joined.append(token)
        place += length
    return joined


def _hides(meaning: Sense, words: list[Token]) -> bool:
    """Whether a remark hides a thing: behind a price, `por mensaje` is what the price is for."""
    return meaning.marks <= _REMARK and any(word.sense.unit is not None for word in words)
