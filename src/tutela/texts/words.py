"""The vocabulary of chat commerce: `wordlists/*.toml`, one file for each language, read once and merged.

Chats mix languages, so a word is looked up in all of them at once; what it means is settled by its neighbours.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain, product
from sys import intern
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from tutela.model import Deed, Unit

LANGUAGES = ("en", "ru", "uk", "es", "pt", "it", "de", "ar")
"""Languages with a file of words. Where two give one word a different value, the earlier wins."""

DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "quarter": 90.0, "halfyear": 180.0, "year": 365.0}
"""Days in the units of time that are counted."""

_GROUP = re.compile(r"\(([^()]*)\)")
_PIECE = re.compile(r"\d+|[a-z]{1,3}\$|[^\W\d_]+|[^\w\s]")
_HAMZA = frozenset("أإ")
"""Single letters that abbreviations differ by: `د.أ` are Jordan's dinars, `د.إ` dirhams of the Emirates."""
_ARABIC = str.maketrans({"ة": "ه", "ى": "ي", "ـ": None, "٫": ".", "٬": ","})
_OTHER_TIMES = {
    "day2": 2.0,
    "week2": 14.0,
    "month2": 60.0,
    "year2": 730.0,
    "fortnight": 15.0,
    "decade": 10.0,
    "ever": -1.0,
    "minute": -2.0,
    "weekend": -3.0,
    "halfhour": 1 / 48,
    "halfday": 0.5,
}
EVER, MINUTE, WEEKEND = (_OTHER_TIMES[name] for name in ("ever", "minute", "weekend"))
"""In the place of days: for ever, too short to count, and two days if a price stands beside it."""


class Sense(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What a word can mean. `count` is how many of its unit the word itself says (a dual says two)."""

    marks: frozenset[str] = frozenset()
    currency: str | None = None
    number: Decimal | None = None
    times: Decimal | None = None
    worth: tuple[Decimal, str] | None = None
    unit: Unit | None = None
    count: int | None = None
    days: float | None = None
    deed: Deed | None = None

    def merged(self, other: "Sense") -> "Sense":
        """Both meanings; where they differ, the own value."""
        if self is NOTHING or other is NOTHING:
            return other if self is NOTHING else self
        own = {name: getattr(self, name) for name in self.__struct_fields__ if name != "marks"}
        values = {name: value if value is not None else getattr(other, name) for name, value in own.items()}
        return Sense(marks=self.marks | other.marks, **values)


NOTHING = Sense()
Phrase = tuple[str, ...]
Endings = tuple[tuple[Phrase, Sense], ...]


_LONGEST_WORD = 40
"""Letters: longer words are in no list."""

_T = TypeVar("_T")
_K = TypeVar("_K")


def remembered(size: int, longest: int = _LONGEST_WORD) -> Callable[[Callable[[str], _T]], Callable[[str], _T]]:
    """Remembers what a function gave for the last `size` strings of at most `longest` characters.

    Longer ones are read each time: whoever posts them must not fill the memory.
    """

    def decorated(read: Callable[[str], _T]) -> Callable[[str], _T]:
        kept = lru_cache(maxsize=size)(read)
        return lambda text: kept(text) if len(text) <= longest else read(text)

    return decorated


@remembered(16384)
def fold(word: str) -> str:
    """The word without case and accents, in one spelling."""
    if word.isascii() or word in _HAMZA:
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold()).translate(_ARABIC)
    return plain if plain.isalpha() else "".join([sign for sign in plain if not unicodedata.combining(sign)])


def expand(words: str) -> Iterator[str]:
    """The words of a list: `like(,s)` is like, likes; several brackets multiply; an underscore stands for a space."""
    for word in words.split():
        spaced = word.replace("_", " ")
        if "(" not in word:
            yield spaced.strip()
            continue
        parts = [part.split(",") if place % 2 else [part] for place, part in enumerate(_GROUP.split(spaced))]
        for form in product(*parts):
            yield "".join(form).strip()


class Vocabulary(NamedTuple):
    """`single` words, folded; `exact` ones, as written; how `phrases` with the same first two words end, longest first.

    `spelled` has the words as they are written, in lower case, so that a text can be looked at before it is folded.
    """

    single: dict[str, Sense]
    exact: dict[str, Sense]
    phrases: dict[Phrase, Endings]
    spelled: dict[str, Sense]

    def spaced(self) -> Iterator[tuple[Phrase, Sense]]:
        """All phrases."""
        return ((pair + ending, sense) for pair, found in self.phrases.items() for ending, sense in found)


def vocabulary(tables: Iterable[dict[str, Any]]) -> Vocabulary:
    """The vocabulary that the tables of several languages make together."""
    single: dict[str, Sense] = {}
    exact: dict[str, Sense] = {}
    phrases: dict[Phrase, Sense] = {}
    spelled: dict[str, Sense] = {}
    parted, merged = cache(_parted), cache(Sense.merged)  # lists share most of their words and senses
    for table in tables:
        for sense, words in _senses(table):
            for word in expand(words):
                if " " not in word:
                    _add(spelled, intern(word), sense, merged)
                pieces = tuple(chain.from_iterable(map(parted, word.lstrip("!").split(" "))))
                if word.startswith("!"):
                    exact[word[1:]] = sense.merged(exact.get(word[1:], NOTHING))
                elif len(pieces) == 1:
                    _add(single, pieces[0], sense, merged)
                elif pieces:
                    _add(phrases, pieces, sense, merged)
    return Vocabulary(single, exact, _by_first(phrases), spelled)


def _add(words: dict[_K, Sense], word: _K, sense: Sense, merged: Callable[[Sense, Sense], Sense]) -> None:
    known = words.get(word)
    words[word] = sense if known is None else merged(known, sense)


def _parted(part: str) -> Phrase:
    """The words of an entry between two spaces, folded."""
    folded = fold(part)
    if folded.isalpha():
        return (intern(folded),)
    written = _PIECE.findall(part)
    return tuple(map(intern, _PIECE.findall(folded) if _HAMZA.isdisjoint(written) else map(fold, written)))


def _by_first(phrases: dict[Phrase, Sense]) -> dict[Phrase, Endings]:
    """Most phrases end as many others do: each ending, and each choice of them, is kept once."""
    first: dict[Phrase, list[tuple[Phrase, Sense]]] = {}
    kept: dict[tuple[Phrase, int], tuple[Phrase, Sense]] = {}
    for phrase, sense in sorted(phrases.items(), key=lambda item: -len(item[0])):
        ending = kept.setdefault((phrase[2:], id(sense)), (phrase[2:], sense))
        first.setdefault(phrase[:2], []).append(ending)
    choices: dict[tuple[int, ...], Endings] = {}
    return {pair: choices.setdefault(tuple(map(id, endings)), tuple(endings)) for pair, endings in first.items()}


def _senses(table: dict[str, Any]) -> Iterator[tuple[Sense, str]]:
    """Each list of words in a file with what it means."""
    for section, lists in table.items():
        if section == "unit":
            for count, units in lists.items():
                yield from _units(units, 1 if count == "one" else None)
            continue
        for name, words in lists.items():
            yield _sense(section, name), words


def _units(units: dict[str, str], count: int | None) -> Iterator[tuple[Sense, str]]:
    for unit, words in units.items():
        yield Sense(unit=Unit(unit), count=count), words


def _sense(section: str, name: str) -> Sense:
    match section:
        case "currency":
            return Sense(currency=name)
        case "capital":
            return NOTHING
        case "number":
            return Sense(number=Decimal(name))
        case "times":
            return Sense(times=Decimal(name))
        case "worth" | "worth_times":
            amount, code = name.split()
            return Sense(worth=(Decimal(amount), code), marks=frozenset({section}))
        case "dual":
            return Sense(unit=Unit(name), count=2)
        case "time":
            return Sense(days=DAYS.get(name, _OTHER_TIMES.get(name)))
        case "subscription":
            return Sense(unit=Unit.ACCESS, count=1, days=DAYS[name])
        case "deed":
            return Sense(deed=Deed(name))
        case _:
            return Sense(marks=frozenset({section, f"{section}.{name}"}))


def _tables() -> Iterator[dict[str, Any]]:
    import tomllib  # here, and not above: whoever reads no text need not wait for them
    from importlib import resources

    folder = resources.files(__package__).joinpath("wordlists")
    for name in ("common", *LANGUAGES):
        yield tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8"))


def _list(words: str) -> list[str]:
    return words.split()


_GERMAN_SMALL = _list(
    "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn "
    "achtzehn neunzehn"
)
_GERMAN_TENS = _list("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig")
_ITALIAN_SMALL = _list(
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove"
)
_ITALIAN_TENS = _list("venti trenta quaranta cinquanta sessanta settanta ottanta novanta")


def german(number: int) -> str:
    """A number from 0 to 999 as one German word, without umlauts."""
    if number >= 100:
        head = "ein" if number < 200 else _GERMAN_SMALL[number // 100]
        return head + "hundert" + (german(number % 100) if number % 100 else "")
    if number < 20:
        return _GERMAN_SMALL[number]
    ones = "" if number % 10 == 0 else ("ein" if number % 10 == 1 else _GERMAN_SMALL[number % 10]) + "und"
    return ones + _GERMAN_TENS[number // 10 - 2]


def italian(number: int) -> str:
    """A number from 0 to 999 as one Italian word, without accents."""
    if number >= 100:
        head = "" if number < 200 else _ITALIAN_SMALL[number // 100]
        return head + "cento" + (italian(number % 100) if number % 100 else "")
    if number < 20:
        return _ITALIAN_SMALL[number]
    ten, one = _ITALIAN_TENS[number // 10 - 2], number % 10
    return (ten[:-1] if one in (1, 8) else ten) + (_ITALIAN_SMALL[one] if one else "")


_GERMAN_PACKS = {
    "dreier": 3, "vierer": 4, "funfer": 5, "sechser": 6, "achter": 8, "zehner": 10, "zwolfer": 12, "zwanziger": 20,
    "funfziger": 50, "hunderter": 100,
}  # fmt: skip
_GERMAN_PACKED = _list("pack packung set beutel dose kasten tute karton box block trager")


def _compounds() -> dict[str, Sense]:
    """Numbers that are written as one word, alone or with what holds so many."""
    numbers: dict[str, Sense] = {}
    for head, number in _GERMAN_PACKS.items():
        numbers |= {head + pack: Sense(number=Decimal(number)) for pack in _GERMAN_PACKED}
    for number in range(2, 20):
        numbers[german(number) + "einhalb"] = Sense(number=number + Decimal("0.5"))
    for number in range(2, 1000):
        sense = Sense(number=Decimal(number))
        numbers[german(number)] = numbers[italian(number)] = sense
        numbers[german(number) + "tausend"] = numbers[italian(number) + "mila"] = Sense(number=Decimal(1000 * number))
        if number < 100:
            numbers["hundert" + german(number)] = Sense(number=Decimal(100 + number))
    return numbers


@cache
def lexicon() -> Vocabulary:
    """The words of all languages; read and merged at the first call, which takes some 0.3 s."""
    tables = list(_tables())
    found = vocabulary(tables)
    for word, sense in _compounds().items():
        found.spelled[word] = sense
        known = found.single.get(word, NOTHING)
        found.single[word] = known if known.number is not None else known.merged(sense)
    for code in tables[0]["capital"]["codes"].split():
        found.exact[code] = replace(NOTHING, currency=code)
    return found


def meaning(is_meant: Callable[[Sense], bool]) -> set[str]:
    """Every spelling of a word of such a sense; each sense, of which there are far fewer, is asked about once."""
    found: set[str] = set()
    for words in (lexicon().single, lexicon().spelled):
        senses = {id(sense): sense for sense in words.values()}
        meant = {key for key, sense in senses.items() if is_meant(sense)}
        found.update([word for word, sense in words.items() if id(sense) in meant])
    return found


@cache
def having(*fields: str) -> frozenset[str]:
    """Every spelling of a word whose sense has one of these fields."""
    found = meaning(lambda sense: any(getattr(sense, field) is not None for field in fields))
    return frozenset(found | {word[:-1] + "ة" for word in found if word.endswith("ه")})
