"""Bounds and ranges of amounts: `up to 5 €`, `5-10 €`, `not less than 20 €`, `from 40 down to 30 €`."""

from decimal import Decimal

from msgspec.structs import replace

from tutela.model import Bound
from tutela.texts.tokens import Token
from tutela.texts.words import MINUTE

DASHES = frozenset("-–—−~")
_LESS = frozenset({"less", "under", "below", "weniger", "unter", "menos", "meno", "اقل", "ниже", "нижче"}) | frozenset(
    {"меньше", "менее", "дешевле", "менше", "дешевше"}
)
_MORE = frozenset({"more", "over", "mehr", "uber", "mas", "mais", "piu", "اكثر"}) | frozenset(
    {"больше", "более", "свыше", "дороже", "більше", "понад", "дорожче"}
)
_FALL = Decimal(10)
"""No price falls to less than one in so many."""

_ANY = Decimal("inf")
_REACH = 5
"""So many tokens before a bound may lie between it and its negation."""


def bounded(found: list[Token]) -> list[Token]:
    """The tokens with ranges and bounds read into their amounts."""
    return _turned(_with_bounds(_ranges(found)))


def _ranges(found: list[Token]) -> list[Token]:
    """`5-10 €`, `from 5 to 10 €`, `$5-$10`: the lower amount, as the least."""
    read: list[Token] = []
    place = 0
    while place < len(found):
        token = found[place]
        if token.kind == "money" and len(read) >= 2 and (low := _lower(read, token)) is not None:
            starts = len(read) >= 3 and read[-3].has("join.range_from")
            start = read[-3].start if starts else read[-2].start
            rises = starts and len(read) > 3 and read[-4].has("join.rises")
            del read[-3 if starts else -2 :]
            if not rises:  # `goes from $15 to $19`: the new price
                token = replace(token, start=start, value=low, bound=Bound.AT_LEAST)
        elif token.kind == "money" and place + 2 < len(found) and found[place + 1].text in DASHES:
            upper = found[place + 2]
            if upper.kind == "num" and found[place + 1].tight and upper.tight and _above(token, upper):
                token = replace(token, end=upper.end, bound=Bound.AT_LEAST)
                place += 2
        if token.kind == "money" and _is_fall(read, token):
            token = replace(token, start=read[-3].start)
            del read[-3:]
        read.append(token)
        place += 1
    return read


def _is_fall(read: list[Token], token: Token) -> bool:
    """Whether a higher amount before is the old price: `from 40 to 30 €`; not in `lote de 2500 a 4 €`, a count."""
    if len(read) < 3 or not read[-3].has("join.range_from"):
        return False
    old, joiner = read[-2], read[-1]
    joins = (joiner.has("join.range_to") and not joiner.has("join.and")) or joiner.text == "por"
    same = old.kind == "num" or (old.kind == "money" and old.code == token.code)
    return joins and same and _above(token, old, _FALL)


def _lower(read: list[Token], upper: Token) -> Decimal | None:
    """The lower end of the range that ends with `upper`, where there is one."""
    joiner, low = read[-1], read[-2]
    if low.kind not in {"num", "money"} or low.value is None or (low.kind == "money" and low.code != upper.code):
        return None
    starts = len(read) >= 3 and read[-3].has("join.range_from")
    tight = joiner.text in DASHES and joiner.tight and (upper.tight or starts)
    if not (tight or joiner.text in {"to", "bis", "до", "الي"} or (starts and joiner.has("join.range_to"))):
        return None
    return low.value if _above(low, upper) else None


def _above(low: Token, upper: Token, most: Decimal = _ANY) -> bool:
    """Whether one amount is above another, by a factor of `most` at the most."""
    return low.value is not None and upper.value is not None and 0 < low.value < upper.value <= most * low.value


def _with_bounds(found: list[Token]) -> list[Token]:
    """Money with the words around it that make it the most or the least."""
    read: list[Token] = []
    place = 0
    while place < len(found):
        token = found[place]
        if token.kind == "money" and token.bound is None:
            token = _bound_before(read, token)
            after = found[place + 1] if place + 1 < len(found) else None
            if token.bound is None and after is not None and _bounds_after(found, place + 1):
                token = replace(token, end=after.end, bound=_bound(after, "_after"))
                place += 1
        read.append(token)
        place += 1
    return read


def _turned(found: list[Token]) -> list[Token]:
    """Bounds that a negation turns round: `not go for less than 20 €` is at least, `больше 400 не дам` at most."""
    for place, token in enumerate(found):
        if token.kind != "money" or token.bound is None or not token.text:
            continue
        words = token.text.split()
        less, more = not _LESS.isdisjoint(words), not _MORE.isdisjoint(words)
        if not (less or more):
            continue
        if _negated(found[max(0, place - _REACH) : place][::-1]) or _negated(found[place + 1 : place + 1 + _REACH]):
            found[place] = replace(token, bound=Bound.AT_LEAST if less else Bound.AT_MOST)
    return found


def _negated(near: list[Token]) -> bool:
    """Whether a negation comes before the next break or amount."""
    for piece in near:
        if piece.kind == "break" or piece.kind == "money":
            return False
        if piece.has("negation"):
            return True
    return False


def _bound(token: Token, when: str = "") -> Bound | None:
    if token.has(f"bound.at_most{when}"):
        return Bound.AT_MOST
    return Bound.AT_LEAST if token.has(f"bound.at_least{when}") else None


def _bounds_after(found: list[Token], place: int) -> bool:
    """Words like `max` belong to the money before them unless a number follows; `+` only without a space."""
    after = found[place + 1] if place + 1 < len(found) else None
    if found[place].text == "+":
        return found[place].tight and (after is None or after.kind != "num")
    return _bound(found[place], "_after") is not None and (after is None or after.kind not in {"num", "money"})


def _bound_before(read: list[Token], token: Token) -> Token:
    skipped = 1 if read and read[-1].text in {":", "(", "a", "в", "al", "di"} and len(read) > 1 else 0
    if len(read) <= skipped:
        return token
    word = read[-1 - skipped]
    bound = _bound(word)
    minutes = word.sense.days == MINUTE and len(read) > skipped + 1 and read[-2 - skipped].kind == "num"
    if bound is None or minutes:
        return token
    negated = _negated(read[-4 - skipped : -1 - skipped][::-1])
    if negated and bound == Bound.AT_LEAST and word.text not in {"from", "от", "від", "da", "ab", "من", "desde"}:
        bound = Bound.AT_MOST
    del read[-1 - skipped :]
    return replace(token, start=word.start, bound=bound, text=word.text)
