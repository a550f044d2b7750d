"""The cheapest look of all, at many texts at once: which can state a price, promise a reward or hint at a minor.

It may say yes where nothing is found then, never no where something would be: whatever the other looks of this room
(`looks.py`) take for a word, this one finds too, since it cuts finer and folds more. A word is compared by a
polynomial hash, which the running sum over all texts gives for each of them by one subtraction.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import IntFlag
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tutela.texts import looks, signals
from tutela.texts.looks import ARABIC_PREFIXES, plain
from tutela.texts.tokens import LETTERS
from tutela.texts.words import having

_SPACE, _SIGN, _DIGIT, _LETTER, _BEGINS_YEARS = range(5)
_CODES = 0x20000  # no word or sign that counts has a code point beyond these
_AT_ONCE = 1 << 17  # characters: what is made of them stays in the processor's cache
_BASE = 0x9E3779B97F4A7C15  # any odd number: it has an inverse among those of 64 bits
_MIXER, _SHIFT = np.uint64(0x9FB21C651E98DF25), np.uint64(64 - 17)
_ONE, _EIGHT = ord("1"), ord("8")


class Said(IntFlag):
    """What stands in a text."""

    DIGIT = 1
    NUMBER = 2
    MONEY = 4
    DEED = 8
    THING = 16
    AGE = 32
    MINOR = 64


class Candidates(NamedTuple):
    """The positions of the texts in which something may be found."""

    offers: frozenset[int]
    rewards: frozenset[int]
    signals: frozenset[int]


def candidates(texts: Sequence[str]) -> Candidates:
    """Which texts have to be read for what."""
    said = np.concatenate([np.zeros(0, np.uint8), *(_said(some) for some in _portions(texts))])
    numbered = said & (Said.DIGIT | Said.NUMBER) != 0
    money, deed, thing, age, minor = ((said & each) != 0 for each in list(Said)[2:])
    return Candidates(_places(numbered & money), _places(numbered & deed & thing), _places(minor | (numbered & age)))


def _places(where: NDArray[np.bool_]) -> frozenset[int]:
    return frozenset(np.flatnonzero(where).tolist())


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts again, as many at a time as have so many characters together; a very long one by itself."""
    first = length = 0
    for place, text in enumerate(texts):
        if length and length + len(text) >= _AT_ONCE:
            yield texts[first:place]
            first, length = place, 0
        length += len(text) + 1
    if first < len(texts):
        yield texts[first:]


def _said(texts: Sequence[str]) -> NDArray[np.uint8]:
    """What stands in each text, as `Said`."""
    codes = _codes(texts)
    starts = np.cumsum([0, *(len(text) + 2 for text in texts[:-1])])
    found = np.zeros(len(texts), np.uint8)
    for places, meaning in (_signs(codes), _words(codes), _ages(codes)):
        np.bitwise_or.at(found, np.searchsorted(starts, places, side="right") - 1, meaning)
    return found


_Codes = NDArray[np.uint32]
_Sighted = tuple[NDArray[np.intp], NDArray[np.uint8]]


def _codes(texts: Iterable[str]) -> _Codes:
    """The code points of all texts, two ends of lines behind each: signs that are so far apart say nothing together."""
    joined = "\n\n".join([*texts, ""])
    return np.frombuffer(joined.encode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass"), np.uint32)


def _signs(codes: _Codes) -> _Sighted:
    """Where digits and signs that mean something stand."""
    meaning = _lexicon().signs.take(codes, mode="clip")
    places = np.flatnonzero(meaning)
    return places, meaning[places]


def _words(codes: _Codes) -> _Sighted:
    """Where words begin that mean something."""
    known = _lexicon()
    starts, hashes = _hashes(codes)
    likely = np.flatnonzero(known.likely[_slots(hashes)])
    places = np.minimum(np.searchsorted(known.words, hashes[likely]), len(known.words) - 1)
    same = known.words[places] == hashes[likely]
    return starts[likely[same]], known.meanings[places[same]]


def _ages(codes: _Codes) -> _Sighted:
    """Digits that a word for years can be written close to, and the number 18."""
    kinds = _alphabet().kinds.take(codes, mode="clip")
    digits = np.flatnonzero(kinds == _DIGIT)
    after, second = kinds[digits + 1], kinds[digits + 2]
    aged = (after == _BEGINS_YEARS) | ((after < _DIGIT) & (second == _BEGINS_YEARS))
    adult = (codes[digits] == _ONE) & (codes[digits + 1] == _EIGHT)
    return digits, (aged * Said.AGE | adult * Said.MINOR).astype(np.uint8)


def _hashes(codes: _Codes) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """Where words begin, and the hash of each: the sum of its letters, each times a power of the base."""
    alphabet, powers = _alphabet(), _powers(max(18, len(codes).bit_length()))
    letter = alphabet.kinds.take(codes, mode="clip") >= _LETTER
    edges = np.flatnonzero(np.diff(letter, prepend=False))
    starts, ends = edges[::2], edges[1::2]
    sums = np.cumsum(alphabet.folded.take(codes, mode="clip") * powers.up[: len(codes)])
    before = np.where(starts > 0, sums[starts - 1], 0)
    return starts, (sums[ends - 1] - before) * powers.down[starts]


def _slots(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    return ((hashes * _MIXER) >> _SHIFT).astype(np.intp)


class _Powers(NamedTuple):
    """Those of the base from the first on, and their inverses."""

    up: NDArray[np.uint64]
    down: NDArray[np.uint64]


@cache
def _powers(bits: int) -> _Powers:
    inverse = pow(_BASE, -1, 1 << 64)
    up, down = (np.cumprod(np.full(1 << bits, base, np.uint64), dtype=np.uint64) for base in (_BASE, inverse))
    return _Powers(up, down)


class _Alphabet(NamedTuple):
    """By code point: the sort of a character, and the letter that it is compared as."""

    kinds: NDArray[np.uint8]
    folded: NDArray[np.uint64]


@cache
def _alphabet() -> _Alphabet:
    characters = [chr(code) for code in range(_CODES)]
    folded = [ord(plain(sign)[0]) for sign in characters]
    return _Alphabet(np.array([_kind(sign) for sign in characters], np.uint8), np.array(folded, np.uint64))


def _kind(sign: str) -> int:
    if sign.isdecimal():
        return _DIGIT
    if sign.isalnum():
        return _BEGINS_YEARS if sign.lower() in signals.YEARS_BEGIN else _LETTER
    return _SPACE if sign.isspace() or sign == "_" else _SIGN


class _Lexicon(NamedTuple):
    """By code point what a sign means.

    Of the words, by some bits of their hash whether there may be one; their hashes in order; what each means.
    """

    signs: NDArray[np.uint8]
    likely: NDArray[np.bool_]
    words: NDArray[np.uint64]
    meanings: NDArray[np.uint8]


@cache
def _lexicon() -> _Lexicon:
    kinds = _alphabet().kinds
    signs = np.where(kinds == _DIGIT, Said.DIGIT, 0).astype(np.uint8)
    meant: dict[int, int] = {}
    for meaning, listed in _listed().items():
        codes = _codes(_cores(listed))
        single = codes[kinds.take(codes, mode="clip") == _SIGN]
        signs[single] |= meaning
        for word in _hashes(codes)[1].tolist():
            meant[word] = meant.get(word, 0) | meaning
    words = np.array(sorted(meant), np.uint64)
    likely = np.zeros(1 << (64 - int(_SHIFT)), np.bool_)
    likely[_slots(words)] = True
    return _Lexicon(signs, likely, words, np.array([meant[word] for word in words.tolist()], np.uint8))


def _listed() -> dict[int, frozenset[str]]:
    return {
        int(Said.NUMBER): looks.number_words(),
        int(Said.MONEY): looks.money_words() | {letter.lower() for letter in LETTERS},
        int(Said.DEED): having("deed"),
        int(Said.THING): having("unit"),
        int(Said.AGE): signals.aged_words(),
        int(Said.MINOR): signals.named_words(),
    }


def _cores(words: Iterable[str]) -> set[str]:
    """The longest run of letters of each word, or its first sign; Arabic ones with what is written onto them."""
    found: set[str] = set()
    for word in words:
        if runs := looks.cut(word):
            core = max(runs, key=len)
            arabic = "\u0621" <= core[:1] <= "\u064a"
            found.update(f"{prefix}{core}" for prefix in (ARABIC_PREFIXES if arabic else ("",)))
    return found
