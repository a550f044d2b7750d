"""A text as the pieces that rules are made of: numbers, amounts, times, things, words, signs, breaks."""

from functools import lru_cache

from tutela.texts.amounts import as_coin, money, numbers
from tutela.texts.looks import LONGEST
from tutela.texts.tokens import LINE, SENTENCE, Token, tokens
from tutela.texts.units import items, times


@lru_cache(maxsize=4)
def read(text: str) -> tuple[Token, ...]:
    """The pieces of a text, in its order."""
    return tuple(items(_sold_stars(times(money(numbers(tokens(text[:LONGEST])))))))


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
