"""Rewards that a text promises for likes, invitations and the like: `invite 3 friends and get 5 tokens`."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from tutela.model import Deed, RewardRule, Unit
from tutela.texts.looks import bare, has_number, pieces, spellings
from tutela.texts.reading import clauses, read
from tutela.texts.tokens import LINE, Token
from tutela.texts.words import having

_REACH = 14
"""So many pieces may lie between a deed and its reward."""

_GIVEN = frozenset({Unit.COIN, Unit.IMAGE, Unit.VIDEO, Unit.ACCESS, Unit.MESSAGE})
_LINKS = ("promise.get", "promise.free", "join.equals", "join.for", "join.per", "prefix.for")
_SIGNS = frozenset({"+", ":", "-", "–", "—"})


@cache
def _deeds() -> frozenset[str]:
    return spellings(having("deed"))


@cache
def _things() -> frozenset[str]:
    return having("unit")


def reward_rules(text: str) -> tuple[RewardRule, ...]:
    """The rewards promised in a text, in its order: what has to be done how often, and how much of what it brings.

    A reward in money is none here, nor one without a thing that `Unit` names. No text makes it fail.
    """
    words = pieces(text)
    if _deeds().isdisjoint(words) or _things().isdisjoint(bare(words)) or not has_number(text):
        return ()
    return tuple(rule for line in clauses(read(text), level=LINE) for rule in _rules(line))


def _rules(line: Sequence[Token]) -> list[RewardRule]:
    found: list[RewardRule] = []
    taken = -1  # the place of the latest reward that was given away
    place = 0
    while place < len(line):
        if _deed(line[place]) is None:
            place += 1
            continue
        deed, count, end = _counted(line, place)
        reward = _after(line, end) or _before(line, place, taken)
        if reward is not None and reward > taken:
            found.append(_rule(deed, count, line, (place, end), reward))
            taken = reward
            end = max(end, reward + 1)
        place = end
    return found


def _deed(piece: Token) -> Deed | None:
    return piece.sense.deed if piece.kind in {"word", "item"} else None


def _counted(line: Sequence[Token], place: int) -> tuple[Deed, Decimal, int]:
    """The deed at a place, how often it is to be done, and the place behind its words."""
    deed = _deed(line[place]) or Deed.LIKE
    if line[place].kind == "item" and line[place].value is not None:
        return deed, line[place].value or Decimal(1), place + 1
    before = line[place - 1] if place else None
    if before is not None and before.kind == "num" and before.value is not None:
        return deed, before.value, place + 1
    for ahead in range(place + 1, min(place + 4, len(line))):
        piece = line[ahead]
        counted = piece.kind == "num" or (piece.kind == "item" and _deed(piece) is not None)
        if counted and piece.value is not None:
            behind = ahead + 1
            named = behind < len(line) and piece.kind == "num" and _deed(line[behind]) is not None
            return deed, piece.value, behind + int(named)
        if piece.kind != "word" or any(piece.has(link) for link in _LINKS[:3]):
            break
    return deed, Decimal(1), place + 1


def _links(pieces_between: Sequence[Token]) -> bool:
    return any(piece.text in _SIGNS or any(piece.has(link) for link in _LINKS) for piece in pieces_between)


def _after(line: Sequence[Token], end: int) -> int | None:
    """The place of the reward that follows a deed. `for` before the deed, or a link between, makes it one."""
    for place in range(end, min(end + _REACH, len(line))):
        piece = line[place]
        if piece.kind == "money":
            return None
        if _amount(line, place) is not None:
            ahead = line[max(0, end - 5) : place + 1]
            return place if _links(ahead) else None
    return None


def _before(line: Sequence[Token], place: int, taken: int) -> int | None:
    """The place of the reward that stands before a deed, with `for` between."""
    for back in range(place - 1, max(taken, place - _REACH), -1):
        if _amount(line, back) is not None:
            between = line[back + 1 : place]
            return back if any(piece.has("join.for") or piece.has("join.per") for piece in between) else None
    return None


def _amount(line: Sequence[Token], place: int) -> Decimal | None:
    """How much the reward at a place is; None where there is none."""
    piece = line[place]
    if piece.kind != "item" or piece.unit not in _GIVEN:
        return None
    if piece.value is not None:
        return piece.value if piece.sense.deed is None or piece.unit in {Unit.COIN, Unit.IMAGE} else None
    beside = (*line[max(0, place - 2) : place], *line[place + 1 : place + 2])
    free = any(near.has("promise.free") for near in beside)
    return Decimal(1) if free or piece.unit == Unit.ACCESS else None


def _rule(deed: Deed, count: Decimal, line: Sequence[Token], span: tuple[int, int], reward: int) -> RewardRule:
    first, last = min(span[0], reward), max(span[1] - 1, reward)
    if span[0] and line[span[0] - 1].value == count and line[span[0] - 1].kind == "num":
        first = min(first, span[0] - 1)
    unit, amount = line[reward].unit, _amount(line, reward)
    return RewardRule(
        deed=deed,
        count=max(1, int(count)),
        reward=amount or Decimal(1),
        unit=unit or Unit.OTHER,
        start=line[first].start,
        end=line[last].end,
    )
