"""A text as the pieces that rules are made of: numbers, amounts, times, things, words, signs, breaks."""

from functools import lru_cache

from tutela.texts.amounts import as_coin, money, numbers
from tutela.texts.figures import uncounted
from tutela.texts.lent import lent
from tutela.texts.looks import LONGEST
from tutela.texts.shares import is_content
from tutela.texts.tokens import LINE, SENTENCE, Token, tokens
from tutela.texts.units import items, times
from tutela.texts.words import Sense

_REMARKS = frozenset({"plain.remark", "plain.given"})
_HEADS = _REMARKS | {"negation"}
_NAMELESS = Sense(marks=frozenset({"plain"}))


@lru_cache(maxsize=4)
def read(text: str) -> tuple[Token, ...]:
    """The pieces of a text, in its order."""
    return tuple(_remarked(items(_sold_stars(times(lent(uncounted(money(numbers(tokens(text[:LONGEST]))))))))))


def clauses(found: tuple[Token, ...], *, level: int = SENTENCE) -> list[list[Token]]:
    """The pieces between breaks of that level."""
    parts: list[list[Token]] = [[]]
    for piece in found:
        if piece.kind == "break" and piece.level >= level:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [part for part in parts if part]


def _sold_stars(found: list[Token]) -> list[Token]:
    """Stars that have a price in money are things; else they are money."""
    if not {piece.code for piece in found if piece.kind == "money"} - {"XTR"}:
        return found
    done: list[Token] = []
    line: list[Token] = []
    for piece in [*found, Token("break", 0, 0, "", level=LINE)]:
        line.append(piece)
        if piece.kind == "break" and piece.level >= SENTENCE:
            codes = {each.code for each in line if each.kind == "money"}
            sold = len(codes) > 1 and not any(each.sense.unit is not None or each.has("join.or") for each in line)
            done += [as_coin(each) if sold and each.code == "XTR" else each for each in line]
            line = []
    return done[:-1]


def _remarked(found: list[Token]) -> list[Token]:
    """The pieces, of which those that belong to a remark name nothing: `pick-up near the old bridge`.

    Behind a price, so do those behind a negation: `30 €, no silly offers`.
    """
    heads = [place for place, piece in enumerate(found) if not _HEADS.isdisjoint(piece.sense.marks)]
    priced = next((place for place, piece in enumerate(found) if piece.kind == "money"), len(found)) if heads else 0
    end = 0
    for place in heads:
        if place < end:
            continue  # within a remark already: it ends where that one does
        if place < priced and _REMARKS.isdisjoint(found[place].sense.marks):
            continue
        end = _end_of_remark(found, place + 1)
        if end == len(found) or found[end].kind != "money":
            for piece in filter(is_content, found[place + 1 : end]):
                piece.sense = _NAMELESS
    return found


def _end_of_remark(found: list[Token], start: int) -> int:
    """The place of the next comma, bracket, loose dash or amount."""
    for place in range(start, len(found)):
        piece = found[place]
        if piece.kind in {"break", "money"} or piece.text == ")" or (piece.has("join.equals") and not piece.tight):
            return place
    return len(found)
