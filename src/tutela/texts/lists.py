"""What is said once for several prices: how long each of a list holds, what an alternative is for, how many are all."""

from collections.abc import Sequence
from dataclasses import replace

from tutela.model import Offer, Unit
from tutela.texts.shares import Share, is_content
from tutela.texts.tokens import Token
from tutela.texts.words import DAYS

_LASTS = frozenset({"join.lasts", "join.stays"})
_LASTING = _LASTS | {"join.course"}
SORTED = frozenset({Unit.ACCESS, Unit.MESSAGE})
"""What is sold in kinds, under names that say nothing else."""

_TAKEN = frozenset({Unit.ACCESS, Unit.MESSAGE, Unit.MEMBER})
"""What is had for a time."""

_TIMES = frozenset({"time", "item"})
_NAMES = frozenset({"time", "item", "num"})
_UNNAMED = frozenset({None, Unit.OTHER})
_NEAR = 2

Clause = list[Token]


def said_once(parts: Sequence[Clause]) -> list[Token | None]:
    """For each clause the time that holds for all of its prices, if they have none of their own.

    It stands in a heading, or before the first of several prices and apart from it, or behind them: `30 days on all`.
    """
    found: list[Token | None] = []
    heading, listed = None, True
    for part in parts:
        priced = [place for place, piece in enumerate(part) if piece.kind == "money"]
        if not priced:
            own = _lasting(part, several=_leads_on(part))
            heading, listed = (own, False) if listed or own is not None else (heading, listed)
            found.append(None)
            continue
        listed = True
        found.append(_lasting(_apart(part[: priced[0]]), several=len(priced) > 1) or heading)
    behind = _behind(parts)
    return found if behind is None else [own or behind for own in found]


def names_sorts(clause: Clause) -> bool:
    """Whether a clause names ads or access and then lists kinds of it: `Posts: small 10 €, big 25 €`."""
    colon = next((place for place, piece in enumerate(clause) if piece.text == ":"), 0)
    if not any(piece.unit in SORTED for piece in clause[:colon]):
        return False
    return sum(piece.kind == "money" for piece in clause[colon:]) > 1


def _leads_on(part: Clause) -> bool:
    return part[-1].text == ":"


def _apart(before: Clause) -> Clause:
    """What stands before the last comma or colon."""
    cuts = [place for place, piece in enumerate(before) if piece.kind == "break" or piece.text == ":"]
    return before[: cuts[-1]] if cuts else []


def _lasting(part: Clause, *, several: bool) -> Token | None:
    """The time in a part that says how long something lasts; years alone may as well be an age."""
    says = any(piece.unit in _TAKEN or not _LASTING.isdisjoint(piece.sense.marks) for piece in part)
    if any(piece.has("join.bargain") for piece in part) or not (says or several):
        return None  # how long an offer stands is not how long its thing lasts
    for place, piece in enumerate(part):
        if piece.kind in _TIMES and piece.days is not None and _is_length(part, place):
            return piece if says or piece.days < DAYS["year"] else None
    return None


def _is_length(part: Clause, place: int) -> bool:
    """Whether a time has a number, or says of which length something is: `weekly pass`, `a month of guarantee`."""
    if not part[place].text or part[place].kind == "item":
        return True
    near = part[max(0, place - 2) : place + 2]
    if place > 1 and near[0].has("join.for") and near[1].has("join.per"):
        return True  # `for a month`
    return any(piece.unit is Unit.ACCESS or not _LASTS.isdisjoint(piece.sense.marks) for piece in near)


def _behind(parts: Sequence[Clause]) -> Token | None:
    """The time in what is said of everything in the end: `guarantee on all of it 30 days`."""
    last = parts[-1]
    prices = [place for place, piece in enumerate(last) if piece.kind == "money"]
    behind = last[prices[-1] + 1 :] if prices else last
    if not any(piece.has("join.everything") or piece.has("join.both") for piece in behind):
        if not prices:
            return _lasting(last, several=False) if _says_lasting(last) else None
        return _ending(last[prices[-1] + 1 :]) if len(prices) > 1 else None
    if any(piece.has("join.lasts") for piece in behind):
        return next((piece for piece in behind if piece.kind == "time" and piece.days is not None), None)
    return _lasting(behind, several=False)


def _ending(behind: Clause) -> Token | None:
    """The time of a guarantee, apart from the last price: `100 for 2 €, 500 for 9 €, refill 30 days`."""
    cut = next((place for place, piece in enumerate(behind) if piece.kind == "break"), len(behind))
    part = behind[cut + 1 :]
    marks = frozenset().union(*[piece.sense.marks for piece in part])
    if _LASTS.isdisjoint(marks) or "join.only" in marks:
        return None
    return next((piece for piece in part if piece.kind == "time" and piece.days is not None), None)


def _says_lasting(part: Clause) -> bool:
    """Whether a part begins with how long things stay: `stays up for 48 hours`."""
    head = part[0]
    return not _LASTS.isdisjoint(head.sense.marks)


def is_alternative(share: Share) -> bool:
    """Whether it is another price for what was just named: `5 bucks or 450 rubles`."""
    head = next((piece for piece in share.left if piece.kind != "break"), None)
    if head is None or not head.has("join.or"):
        return False
    near = (*share.near_left, *share.near_right[:_NEAR])
    return not any(piece.kind in _NAMES or is_content(piece) or _is_other(piece) for piece in near)


def _is_other(piece: Token) -> bool:
    """Whether a price is for another number of the same: `each`, `for all`."""
    return piece.has("join.each") or piece.has("join.everything")


def of_everything(share: Share) -> bool:
    """Whether a price is for all that there is: `$24 for all of them`."""
    near = (*share.near_left, *share.near_right)
    return any(piece.has("join.everything") for piece in near) and not any(piece.kind in _NAMES for piece in near)


def likewise(offer: Offer, before: Offer) -> Offer:
    """The offer with what it does not say itself as in the one before."""
    quantity = before.quantity if offer.quantity is None and before.unit != Unit.ACCESS else offer.quantity
    unit = before.unit if offer.unit in _UNNAMED else offer.unit
    return replace(offer, unit=unit, quantity=quantity, days=before.days if offer.days is None else offer.days)
