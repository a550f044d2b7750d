"""Amounts of a clause with what belongs to each: things before their prices, or prices before their things."""

from itertools import pairwise

import msgspec

from tutela.texts.tokens import SOFT, Token
from tutela.texts.words import NOTHING

_LISTED = frozenset({"join", "bound", "sale", "plain", "negation", "discount", "against", "promise.get", "code"})
_VERBS = frozenset({"age.certain", "form.past", "form.third", "form.would", "form.speaks"}) | frozenset(
    f"hint.{kind}" for kind in ("deal", "past", "hold", "would", "ask", "aux", "people")
)


_NAMES_NOTHING = _LISTED | _VERBS
_NOUNS = frozenset(
    f"join.{kind}"
    for kind in ("place", "pack", "pair", "half", "quarter", "lasts", "course", "lesson", "channel", "holder")
)
"""Words that join, and may be the thing itself all the same."""

_GOES_ON = frozenset(f"join.{kind}" for kind in ("for", "per", "each", "equals", "slash", "buys", "instead"))


class Share(msgspec.Struct, eq=False):
    """An amount with what stands to its left and right and belongs to it, and its very neighbours."""

    price: Token
    left: list[Token]
    right: list[Token]
    before: Token | None
    after: Token | None
    near_left: list[Token] = []
    """What stands on the left with no comma between."""
    near_right: list[Token] = []
    """What stands on the right with no comma between."""

    def settle(self) -> None:
        """Finds what is near, once left and right are known."""
        self.near_left, self.near_right = _near_left(self.left), _near_right(self.right)


def _near_left(left: list[Token]) -> list[Token]:
    for place in range(len(left) - 1, -1, -1):
        if left[place].kind == "break":
            return left[place + 1 :]
    return left[:]


def _near_right(right: list[Token]) -> list[Token]:
    if len(right) > 1 and right[0].kind == "break" and goes_on(right[1]):
        right = right[1:]
    for place, piece in enumerate(right):
        if piece.kind == "break":
            return right[:place]
    return right[:]


def deal(clause: list[Token]) -> list[Share]:
    """The amounts of a clause, what stands between two of them dealt out."""
    places = [place for place, piece in enumerate(clause) if piece.kind == "money"]
    leads = _thing_leads(clause, places[0])
    timed = len(places) > 1 and any(piece.kind == "time" for piece in clause[: places[0]])
    edged = [None, *clause, None]
    shares = [Share(clause[places[0]], clause[: places[0]], [], edged[places[0]], edged[places[0] + 2])]
    for before, place in pairwise(places):
        gap = clause[before + 1 : place]
        cut = _cut(gap, leads=leads) or (0 if timed else _timed(gap))
        shares[-1].right = gap[:cut]
        shares.append(Share(clause[place], gap[cut:], [], edged[place], edged[place + 2]))
    shares[-1].right = clause[places[-1] + 1 :]
    for share in shares:
        share.settle()
    return shares


def goes_on(piece: Token) -> bool:
    """Whether what follows an amount is said to be its thing."""
    return not _GOES_ON.isdisjoint(piece.sense.marks)


def _thing_leads(clause: list[Token], first: int) -> bool:
    """Whether things stand before their prices."""
    after = clause[first + 1] if first + 1 < len(clause) else None
    if after is not None and after.has("join.equals") and any(piece.text == after.text for piece in clause[:first]):
        return True  # `➡ 1 pc 5 € ➡ 5 pcs 20 €`: bullets
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
    if start and leads and gap[0].has("join.equals") and gap[0].text != "=":
        return 0  # a dash or an arrow before the next thing
    if start:
        things = [place for place, piece in enumerate(gap) if piece.kind in {"item", "time"}]
        return things[0] + 1 if leads and things else len(gap)
    return 0 if leads else len(gap)


def _timed(gap: list[Token]) -> int:
    """The place behind a time right after an amount: `300 ₽ a month instead of 500 ₽`."""
    for place, piece in enumerate(gap[:2]):
        if piece.kind == "time" and not piece.text.startswith("و"):  # `and`
            return place + 1
        if piece.kind != "word" or is_content(piece):
            return 0
    return 0


def _parts(piece: Token) -> bool:
    loose_slash = piece.text == "/" and not piece.tight
    return (
        (piece.kind == "break" and piece.level >= SOFT) or piece.has("join.or") or piece.has("join.and") or loose_slash
    )


def is_content(piece: Token) -> bool:
    """A word that none of the lists knows: the name of something."""
    if piece.kind != "word":
        return "join.place" in piece.sense.marks
    sense = piece.sense
    if sense is NOTHING:
        return len(piece.text) >= (2 if piece.text > "\u0600" else 3)
    if not _NOUNS.isdisjoint(sense.marks):
        return True
    if sense.unit or sense.currency or not _NAMES_NOTHING.isdisjoint(sense.marks):
        return False
    return len(piece.text) >= (2 if piece.text > "\u0600" else 3)
