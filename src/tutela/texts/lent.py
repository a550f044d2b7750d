"""Currencies that are said once for several prices: `35 euro, or 60 for two`, `45 instead of 40 €`."""

from collections.abc import Iterable

from tutela.texts.bounds import DASHES, bounded
from tutela.texts.shares import is_content
from tutela.texts.tokens import Token
from tutela.texts.words import Sense

_ENDS = frozenset(f"join.{kind}" for kind in ("or", "and", "per", "each", "everything", "slash", "instead", "both"))
_AT = frozenset({"a", "at", "auf", "zu", "по", "в", "ab", "from", "+", "="}) | DASHES
_NO_PRICE = frozenset({"join.dozen", "join.single"})
_FAR = 8
"""So many times dearer or cheaper is no second price of the same list."""

_LENT = Sense(marks=frozenset({"lent"}))
_CENTS = 3
_NEAR = 5
"""So many tokens of a list's line are looked back at."""

_DATE = 31
"""Numbers up to here may be hours, days or people."""


def lent(found: list[Token]) -> list[Token]:
    """The tokens, of which numbers where prices stand are amounts in the currency that is said once."""
    paid = [token for token in found if token.kind == "money"]
    code = _only(token.code for token in paid) if paid else _only(_apart(found))
    if not code:
        return found
    said, lends = None, False
    for place, token in enumerate(found):
        said = token if token.kind == "money" else said
        if token.kind != "num" or not place:
            continue
        near = paid[0] if paid and said is None and _is_of_next(found, place) else said
        if _is_price(found, place, near) if paid else _is_bare(found, place):
            found[place] = Token("money", token.start, token.end, "", _LENT, token.value, code=code, tight=token.tight)
            lends = True
    return bounded(found) if lends else found


def _is_of_next(found: list[Token], place: int) -> bool:
    """Whether the currency comes with the next price: `ab 38, large ones ab 60 €`, `45 instead of 40 €`."""
    return _is_instead(found, place + 1) or found[place - 1].has("bound")


def _is_instead(found: list[Token], place: int) -> bool:
    return place < len(found) and found[place].has("join.instead")


def _only(codes: Iterable[str]) -> str:
    """The one currency among them, if there is one."""
    different = set(codes)
    return different.pop() if len(different) == 1 else ""


def _apart(found: list[Token]) -> list[str]:
    """The currencies that are named where no amount has them: `all in €`, `45, euros of course`."""
    return [token.sense.currency for token in found if token.sense.currency and "/" not in token.sense.currency]


def _is_bare(found: list[Token], place: int) -> bool:
    """Whether a number without any currency stands where a price does, or is written as one: `eggs 3.80`."""
    number = found[place]
    if not number.value or 1900 <= number.value < 2100 or number.tight or number.has("join.single"):
        return False
    cents = len(number.text) > _CENTS and number.text[-_CENTS] in ".,"
    return cents or _stands(found, place) or _is_told(found, place)


def _stands(found: list[Token], place: int) -> bool:
    """Whether a number stands where a price does."""
    return _ends(found, place + 1) and _leads(found, place)


def _is_loose(found: list[Token], place: int) -> bool:
    """Whether a number ends a part of the text behind a word and counts nothing, as far as is said: `members 90`."""
    before = found[place - 1]
    ends = _is_cut(found, place + 1) or (_says_nothing(found[place + 1]) and _is_cut(found, place + 2))
    return ends and before.kind == "word" and not before.has("join") and before.sense.days is None


def _says_nothing(token: Token) -> bool:
    return token.has("plain.words") and token.sense.days is None and token.sense.unit is None


def _is_told(found: list[Token], place: int) -> bool:
    """Whether the currency is what comes behind the next comma: `would you take 55? euro, that is`."""
    near = range(place, min(place + _NEAR, len(found)))
    cut = next((at for at in near if found[at].kind == "break"), len(found))
    told = cut + 1 < len(found) and found[cut + 1].sense.currency is not None
    return told and (_says_nothing(found[place + 1]) or found[place + 1].kind == "break")


def _is_price(found: list[Token], place: int, said: Token | None) -> bool:
    """Whether a number stands where a price does, and may be one beside the price that was said."""
    number, other = found[place], said.value if said is not None else None
    if not number.value or not other or not other / _FAR <= number.value <= other * _FAR:
        return False
    if 1900 <= number.value < 2100 or number.tight or not _NO_PRICE.isdisjoint(number.sense.marks):
        return False
    return _stands(found, place) or _is_loose(found, place)


def _ends(found: list[Token], place: int) -> bool:
    """Whether nothing that would be counted stands there."""
    if place >= len(found):
        return True
    after = found[place]
    return after.kind == "break" or after.text == ")" or not _ENDS.isdisjoint(after.sense.marks)


def _leads(found: list[Token], place: int) -> bool:
    """Whether a price follows the word before: `for`; `at`, a colon or a dash, if the number is no date or hour.

    Right behind an amount it is a quantity: `12 € for four`.
    """
    before = found[place - 1]
    if place > 1 and found[place - 2].kind == "money":
        return False
    dated = (found[place].value or 0) <= _DATE
    if _is_listed(found, place) or (_is_instead(found, place + 1) and not dated):
        return True
    return before.has("join.for") or ((before.text in _AT or before.text == ":") and not dated)


def _is_listed(found: list[Token], place: int) -> bool:
    """Whether a number stands behind a thing and before a comma, as the amount before: `skirts 8 €, hats 10`."""
    cuts = [at for at in range(max(0, place - _NEAR), place) if found[at].kind == "break"]
    if not cuts or not is_content(found[place - 1]) or found[cuts[-1]].text == "\n":
        return False
    paid = found[cuts[-1] - 1]
    return paid.kind == "money" and cuts[-1] > 1 and is_content(found[cuts[-1] - 2]) and _is_cut(found, place + 1)


def _is_cut(found: list[Token], place: int) -> bool:
    return place >= len(found) or found[place].kind == "break"
