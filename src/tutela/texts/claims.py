"""What a clause says of its amounts: a price to be had, or a story, a wage, a fine, a bet, news.

Some words deny an offer alone. Where none does, weaker hints are weighed: what the words tell (both: `tone_of`) and
the shape of the clause (`shaped`).
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from tutela.model import Offer, Unit
from tutela.texts.forms import is_participle
from tutela.texts.shares import Share, goes_on, is_content
from tutela.texts.tokens import Token


def _against(*kinds: str) -> frozenset[str]:
    return frozenset(f"against.{kind}" for kind in kinds)


_NEVER = _against("story", "wage", "bet", "loan", "threat", "threshold", "gift", "refuse")
_PAST = _against("past")
_BESIDE = _against("fine")  # `25 € a day, 100 € deposit`: of one amount and not of all
_HARDLY = _against("prize", "market", "have")
_GOAL, _REFUSAL = _against("goal"), _against("refuse")

_BOUGHT = _against("story", "past") | {"hint.past", "form.past"}

_BEGINNING = 4
_YEARS = range(1990, 2040)

_SPEAKING = {
    "sale.sell": 1.2,
    "hint.deal": 1.2,
    "plain.remark": 0.5,
    "hint.past": -1.5,
    "form.past": -1.0,
    "form.third": -0.6,
    "hint.would": -1.2,
    "form.would": -1.2,
    "hint.people": -1.5,
    "hint.public": -1.2,
    "hint.hold": -1.2,
    "hint.cash": -1.2,
    "hint.fiction": -2.0,
    "hint.ask": -2.0,
}
"""What words say for or against an offer, about as the logarithm of the odds; each counts twice at the most."""

_SPEAKS = frozenset(_SPEAKING)
_TELLS = _SPEAKS | {"hint.aux", "hint.makes"}
_INTO = frozenset({"in", "into", "to", "в", "у", "en", "em", "a", "zu", "auf", "sind", "sono", "son"})
_LARGE = Decimal(1_000_000)
_COARSE = frozenset({"RUB", "UAH", "KZT", "ARS", "COP", "CLP", "INR", "UZS", "VND", "IDR", "KRW", "JPY", "IRR", "IQD"})
"""Currencies of which many are little."""


ENOUGH = -0.7
"""An amount that weighs no more is no offer. A bare fragment (`bike, 80 €, red`) weighs 0.3, a bare sentence -0.8."""


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


def _weight_of(clause: Sequence[Token], marks: frozenset[str]) -> float:
    """What a clause tells; what it tells against an offer behind its last price, of something else, counts half."""
    if marks.isdisjoint(_TELLS):
        return 0.0
    end = _end_of_prices(clause)
    if end == len(clause):
        return _told(clause)
    behind = _told(clause[end:])
    return _told(clause[:end]) + max(behind, behind / 2)


def _told(clause: Sequence[Token]) -> float:
    """How far the words of a clause speak for an offer (above 0) or for a story (below)."""
    counts: dict[str, int] = {}
    for piece in clause:
        marks = piece.sense.marks
        if marks and not _SPEAKS.isdisjoint(marks):
            for mark in marks & _SPEAKS:
                counts[mark] = counts.get(mark, 0) + 1
    weight = sum(_SPEAKING[mark] * min(count, 2) for mark, count in counts.items())
    return weight - 1.5 * _is_perfect(clause) + 1.5 * _is_made(clause)


def _is_made(clause: Sequence[Token]) -> bool:
    """Whether somebody makes or sells something: `my aunt bakes cakes`."""
    for place, piece in enumerate(clause):
        if piece.has("hint.makes"):
            return any(after.kind == "item" or is_content(after) for after in clause[place + 1 : place + 3])
    return False


def is_memory(clause: Sequence[Token]) -> bool:
    """Whether a question asks for what was, once: `what did you pay for it?`."""
    return _told(clause) < 0 or _speaks(clause, _NEVER | _PAST | {"join.instead"})


def _is_perfect(clause: Sequence[Token]) -> bool:
    """`ho speso`, `hat … gekostet`: an auxiliary verb, and behind it what may be a participle."""
    for place, piece in enumerate(clause):
        if "hint.aux" in piece.sense.marks:
            return any(
                after.kind == "word" and is_participle(after.text) and not after.has("sale")
                for after in clause[place + 1 :]
            )
    return False


def shaped(clause: Sequence[Token], share: Share, offer: Offer, *, listed: bool, asked: int) -> float:
    """How far the shape of a sentence speaks for an offer: a thing beside the amount, a number of it, the edges."""
    before, after, price = share.before, share.after, share.price
    goes = bool(share.right) and goes_on(share.right[0])
    known = offer.unit is not None and offer.unit is not Unit.OTHER
    first, last = price is clause[0], price is clause[-1]
    weight = 0.2 * goes + 1.5 * known + 1.0 * listed - 0.4 * (asked > 0) - 3.0 * (asked > 1)
    weight += 1.6 * (offer.quantity is not None) + 0.9 * (offer.days is not None) + 0.7 * first + 0.2 * last
    if before is not None:
        if before.has("join.for"):
            weight += 1.2
        elif before.kind == "word" and before.has("plain") and not (before.has("bound") or before.has("plain.looks")):
            weight -= 0.3
        own = before.has("join.with_me") and any(map(is_content, share.near_left))  # `haircuts with me 20 €`
        own = own or before.has("plain.looks")
        if own or before.kind in {"item", "time"} or is_content(before):
            weight += 1.0
    if after is not None and after.has("join.article"):
        weight += 0.5
    if not (first or last):
        behind = share.near_right[0] if share.near_right else None
        apart = before is not None and before.kind == "break" and (behind is None or behind.has("join"))
        weight += 0.3 if apart else -0.8
    amount = price.value or Decimal(0)
    if amount >= 3000 * (50 if price.code in _COARSE else 1):
        weight -= 1.0 + 0.5 * (amount >= _LARGE)
    return weight


class Claim(Enum):
    """Whether amounts are prices: yes, only if a known thing is counted, or not."""

    PRICE = "price"
    DOUBTFUL = "doubtful"
    NO_PRICE = "no price"


def _claim(clause: Sequence[Token], marks: frozenset[str]) -> Claim:
    """What the words of a clause, of which all that is known is `marks`, make of its amounts."""
    if not _NEVER.isdisjoint(marks) or _is_rate(clause):
        return Claim.NO_PRICE
    if not _PAST.isdisjoint(marks) and _speaks(clause[: _end_of_prices(clause)], _PAST):
        return Claim.NO_PRICE
    if not marks.isdisjoint(_DENYING) and any(denies(clause) for mark, denies in _DENYING.items() if mark in marks):
        return Claim.NO_PRICE
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
    """What the words of a clause say of its amounts, and all that the word lists know of them."""

    claim: Claim
    weight: float
    marks: frozenset[str]


def tone_of(clause: list[Token], *, refused: bool) -> Tone:
    """What the words of a clause say of its amounts; what they say of an old price does not count."""
    marks = _words_of(clause)
    if "join.instead" in marks:
        clause = _present(clause)
        marks = _words_of(clause)
    if not marks.isdisjoint(_BOUGHT):
        clause = _without_year(clause)
        marks = _words_of(clause)
    return Tone(Claim.NO_PRICE if refused else _claim(clause, marks), _weight_of(clause, marks), marks)


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
