"""Amounts of a clause with what belongs to each: things before their prices, or prices before their things."""

from dataclasses import dataclass
from itertools import pairwise

from tutela.texts.amounts import DASHES
from tutela.texts.tokens import SOFT, Token

_LISTED = frozenset({"join", "bound", "sale", "plain", "negation", "discount", "against", "promise.get", "code"})


@dataclass(slots=True)
class Share:
    """An amount with what stands to its left and right and belongs to it, and its very neighbours."""

    price: Token
    left: list[Token]
    right: list[Token]
    before: Token | None
    after: Token | None

    @property
    def near_left(self) -> list[Token]:
        """What stands on the left with no comma between."""
        places = (place for place in range(len(self.left) - 1, -1, -1) if self.left[place].kind == "break")
        return self.left[next(places, -1) + 1 :]

    @property
    def near_right(self) -> list[Token]:
        """What stands on the right with no comma between."""
        right = self.right
        if len(right) > 1 and right[0].kind == "break" and goes_on(right[1]):
            right = right[1:]
        places = (place for place, piece in enumerate(right) if piece.kind == "break")
        return right[: next(places, len(right))]


def deal(clause: list[Token]) -> list[Share]:
    """The amounts of a clause, what stands between two of them dealt out."""
    places = [place for place, piece in enumerate(clause) if piece.kind == "money"]
    leads = _thing_leads(clause, places[0])
    edged = [None, *clause, None]
    shares = [Share(clause[places[0]], clause[: places[0]], [], edged[places[0]], edged[places[0] + 2])]
    for before, place in pairwise(places):
        gap = clause[before + 1 : place]
        cut = _cut(gap, leads=leads)
        shares[-1].right = gap[:cut]
        shares.append(Share(clause[place], gap[cut:], [], edged[place], edged[place + 2]))
    shares[-1].right = clause[places[-1] + 1 :]
    return shares


def goes_on(piece: Token) -> bool:
    """Whether what follows an amount is said to be its thing."""
    return any(piece.has(f"join.{kind}") for kind in ("for", "per", "each", "equals", "slash", "buys", "instead"))


def _thing_leads(clause: list[Token], first: int) -> bool:
    """Whether things stand before their prices."""
    after = clause[first + 1] if first + 1 < len(clause) else None
    if after is not None and goes_on(after) and not after.has("join.each"):
        ahead = clause[first + 2] if first + 2 < len(clause) else None
        before = any(piece.kind in {"item", "num"} for piece in clause[:first])
        return before and (ahead is None or ahead.kind in {"time", "money"} or after.has("join.slash"))
    return any(piece.kind in {"item", "time", "num"} or is_content(piece) for piece in clause[:first])


def _cut(gap: list[Token], *, leads: bool) -> int:
    """Where the left amount's part of a gap ends."""
    start = 0
    if gap and goes_on(gap[0]) and not (leads and gap[0].has("join.slash") and not gap[0].tight):
        start = 1
    breaks = [place for place, piece in enumerate(gap) if place >= start and _parts(piece)]
    if breaks:
        return breaks[0] if leads else breaks[-1]
    if start and leads and gap[0].text in DASHES:
        return 0
    if start:
        things = [place for place, piece in enumerate(gap) if piece.kind in {"item", "time"}]
        return things[0] + 1 if leads and things else len(gap)
    return 0 if leads else len(gap)


def _parts(piece: Token) -> bool:
    loose_slash = piece.text == "/" and not piece.tight
    return (
        (piece.kind == "break" and piece.level >= SOFT) or piece.has("join.or") or piece.has("join.and") or loose_slash
    )


def is_content(piece: Token) -> bool:
    """A word that none of the lists knows: the name of something."""
    known = not _LISTED.isdisjoint(piece.sense.marks) or piece.sense.unit or piece.sense.currency
    if piece.has("join.place"):
        return True
    size = 2 if piece.text > "\u0600" else 3
    return piece.kind == "word" and not known and len(piece.text) >= size
