"""What the words of a clause say of its amounts by rule: a price to be had, or a story, a wage, a fine, a bet, news."""

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from tutela.model import Offer, Unit
from tutela.texts.shares import is_content
from tutela.texts.tokens import Token


def _against(*kinds: str) -> frozenset[str]:
    return frozenset(f"against.{kind}" for kind in kinds)


_NEVER = _against("story", "wage", "bet", "loan", "threat", "threshold", "gift", "refuse")
_PAST = _against("past")
_BESIDE = _against("fine")  # `25 € a day, 100 € deposit`: of one amount and not of all
_HARDLY = _against("prize", "market", "have")
_GOAL, _REFUSAL = _against("goal"), _against("refuse")

_BOUGHT = _against("story", "past") | {"hint.past", "form.past"}
_REMEMBERING = _NEVER | _BOUGHT | {"join.instead", "hint.would", "form.would"}

_BEGINNING = 4
_YEARS = range(1990, 2040)

_INTO = frozenset({"in", "into", "to", "в", "у", "en", "em", "a", "zu", "auf", "sind", "sono", "son"})


def _words_of(clause: Sequence[Token]) -> frozenset[str]:
    """All that the word lists know of the words of a clause."""
    return frozenset().union(*[piece.sense.marks for piece in clause])


def _present(clause: list[Token]) -> list[Token]:
    """A clause without what it says of an old price, if it has a new one: `85 now, was 110 last month`."""
    start = next(place for place, piece in enumerate(clause) if piece.has("join.instead"))
    end, priced = start, False
    while end < len(clause) and not (priced and clause[end].kind == "break"):
        priced = priced or clause[end].kind == "money"
        end += 1
    rest = clause[:start] + clause[end:]
    return rest if priced and any(piece.kind == "money" for piece in rest) else clause


def _without_year(clause: list[Token]) -> list[Token]:
    """A clause without when its thing was bought: `bought in 2021, 80 €`."""
    for place, (year, after) in enumerate(pairwise(clause)):
        if after.kind == "break" and year.kind == "num" and year.value in _YEARS:
            bought = _speaks(clause[max(0, place + 1 - _BEGINNING) : place + 1], _BOUGHT)
            return clause[place + 2 :] if bought else clause
        if "money" in {year.kind, after.kind}:
            break
    return clause


def _end_of_prices(clause: Sequence[Token]) -> int:
    """The place of the comma behind the last amount."""
    end = len(clause)
    for place in range(len(clause) - 1, -1, -1):
        if clause[place].kind == "money":
            break
        if clause[place].kind == "break":
            end = place
    return end


class Claim(Enum):
    """Whether amounts are prices: as far as rules tell, only if a known thing is counted, or not, and why not."""

    PRICE = "price"
    DOUBTFUL = "goal"
    TOLD = "told"
    RATE = "rate"
    OWED = "owed"
    REFUSED = "refused"


def _claim(clause: Sequence[Token], marks: frozenset[str]) -> Claim:
    """What the words of a clause, of which all that is known is `marks`, make of its amounts."""
    if _is_rate(clause):
        return Claim.RATE
    if not _NEVER.isdisjoint(marks):
        return Claim.TOLD
    if not _PAST.isdisjoint(marks) and _speaks(clause[: _end_of_prices(clause)], _PAST):
        return Claim.TOLD
    if not marks.isdisjoint(_DENYING) and any(denies(clause) for mark, denies in _DENYING.items() if mark in marks):
        return Claim.OWED
    return Claim.PRICE if _GOAL.isdisjoint(marks) else Claim.DOUBTFUL


def _is_bill(clause: Sequence[Token]) -> bool:
    """`electricity this month 134,70 €`: nothing but a utility and a time before the amount."""
    first = next(place for place, piece in enumerate(clause) if piece.kind == "money")
    before = clause[:first]
    if not any(piece.has("hint.utility") for piece in before):
        return False
    others = [piece for piece in before if not piece.has("hint.utility")]
    return not any(piece.kind in {"item", "num"} or is_content(piece) for piece in others)


def _is_net(clause: Sequence[Token]) -> bool:
    """`1.340 euros netos`: a wage."""
    return any(paid.kind == "money" and after.has("hint.net") for paid, after in pairwise(clause))


def _is_demand(clause: Sequence[Token]) -> bool:
    """`send 0.05 BTC or everybody gets your files`."""
    for place, (before, paid) in enumerate(pairwise(clause)):
        if paid.kind == "money" and before.has("hint.send"):
            behind = [piece for piece in clause[place + 2 :] if piece.kind != "break"]
            otherwise = bool(behind) and (behind[0].has("join.or") or behind[0].has("join.else"))
            return otherwise and not any(piece.kind == "money" for piece in behind)
    return False


_DENYING = {"hint.utility": _is_bill, "hint.net": _is_net, "hint.send": _is_demand}
"""What denies the amounts of a clause if the words stand as they should."""


class Tone(NamedTuple):
    """What the words of a clause say of its amounts, what the word lists know of them, and the clause without what it
    says of the past."""

    claim: Claim
    marks: frozenset[str]
    clause: list[Token]


def tone_of(clause: list[Token], *, refused: bool) -> Tone:
    """What the words of a clause say of its amounts; what they say of an old price does not count."""
    marks = _words_of(clause)
    if "join.instead" in marks:
        clause = _present(clause)
        marks = _words_of(clause)
    if not marks.isdisjoint(_BOUGHT):
        clause = _without_year(clause)
        marks = _words_of(clause)
    return Tone(Claim.REFUSED if refused else _claim(clause, marks), marks, clause)


def is_memory(clause: Sequence[Token]) -> bool:
    """Whether a question asks for what was, once: `what did you pay for it?`."""
    return _speaks(clause, _REMEMBERING)


def is_wage(marks: frozenset[str], offer: Offer) -> bool:
    """`the warehouse pays $17 an hour`: somebody pays for time, and nothing is named."""
    return (
        "hint.pays" in marks and offer.days is not None and offer.unit in {None, Unit.OTHER} and offer.quantity is None
    )


def is_refusal(clause: Sequence[Token]) -> bool:
    """Whether a clause begins with words that refuse the price named before it."""
    return _speaks(clause[:_BEGINNING], _REFUSAL)


def is_owed(beside: Sequence[Token]) -> bool:
    """Whether words right beside an amount say that it is paid for nothing, or comes back."""
    return _speaks(beside, _BESIDE)


def is_doubtful(beside: Sequence[Token]) -> bool:
    """Whether words right beside an amount make it doubtful."""
    return _speaks(beside, _HARDLY)


def _speaks(pieces: Sequence[Token], kinds: frozenset[str]) -> bool:
    for piece in pieces:
        marks = piece.sense.marks
        if marks and not kinds.isdisjoint(marks):
            return True
    return False


def _is_rate(clause: Sequence[Token]) -> bool:
    """`1 EUR = 1.08 USD`, `the euro stands at 1.08 dollars`: two currencies and nothing that is bought."""
    places = [place for place, piece in enumerate(clause) if piece.kind == "money"]
    codes = {clause[place].code for place in places}
    if len(codes) == 1 and all(piece.sense.currency is None for piece in clause):
        return False
    if any(piece.kind == "item" for piece in clause):
        return False
    code = clause[places[0]].code
    if any(piece.kind == "word" and piece.sense.currency not in {None, "XTR", code} for piece in clause[: places[0]]):
        return True
    if len(places) == 1 and any(
        b.kind == "word" and b.sense.currency not in {None, "XTR", code} and (a.text in _INTO or b.has("prefix.for"))
        for a, b in pairwise(clause)
    ):
        return True
    after = zip(clause[places[0] :], clause[places[0] + 1 :], strict=False)
    if any(a.has("join.for") and b.kind == "word" and b.sense.currency not in {None, "XTR"} for a, b in after):
        return True
    between = clause[places[0] : places[-1]]
    return any(piece.text == "=" for piece in between) and len(codes) > 1
