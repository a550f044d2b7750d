"""What a clause says of its amounts: a price to be had, or a story, a wage, a fine, a bet, news."""

from collections.abc import Sequence
from enum import Enum

from tutela.texts.tokens import Token

_NEVER = ("story", "past", "wage", "fine", "bet", "loan", "threat", "threshold", "gift", "refuse")
_HARDLY = ("prize", "market", "have")

_BEGINNING = 4


class Claim(Enum):
    """Whether amounts are prices: yes, only if a known thing is counted, or not."""

    PRICE = "price"
    DOUBTFUL = "doubtful"
    NO_PRICE = "no price"


def claim(clause: Sequence[Token]) -> Claim:
    """What the words of a clause make of its amounts."""
    if _speaks(clause, _NEVER) or _is_rate(clause):
        return Claim.NO_PRICE
    return Claim.DOUBTFUL if _speaks(clause, ("goal",)) else Claim.PRICE


def is_refusal(clause: Sequence[Token]) -> bool:
    """Whether a clause begins with words that refuse the price named before it."""
    return _speaks(clause[:_BEGINNING], ("refuse",))


def is_doubtful(beside: Sequence[Token]) -> bool:
    """Whether words right beside an amount make it doubtful."""
    return _speaks(beside, _HARDLY)


def _speaks(pieces: Sequence[Token], kinds: tuple[str, ...]) -> bool:
    return any(piece.has(f"against.{kind}") for piece in pieces if piece.has("against") for kind in kinds)


def _is_rate(clause: Sequence[Token]) -> bool:
    """`1 EUR = 1.08 USD`, `the euro stands at 1.08 dollars`: two currencies and nothing that is bought."""
    places = [place for place, piece in enumerate(clause) if piece.kind == "money"]
    if any(piece.kind == "item" for piece in clause):
        return False
    code = clause[places[0]].code
    if any(piece.kind == "word" and piece.sense.currency not in {None, "XTR", code} for piece in clause[: places[0]]):
        return True
    after = zip(clause[places[0] :], clause[places[0] + 1 :], strict=False)
    if any(a.has("join.for") and b.kind == "word" and b.sense.currency not in {None, "XTR"} for a, b in after):
        return True
    between = clause[places[0] : places[-1]]
    return any(piece.text == "=" for piece in between) and len({clause[place].code for place in places}) > 1
