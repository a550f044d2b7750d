"""The count that a button carries: `👍 41`, `Like (1.2k)`."""

from tutela.model import Deed
from tutela.texts.amounts import numbers
from tutela.texts.tokens import Token, tokens

_LONGEST = 64
_VOTES = frozenset({Deed.LIKE, Deed.VOTE})
_NO_COUNT = frozenset("$€£₽₴%+#№/=°-–—")
_DASHES = frozenset("-–—")


def counter(label: str) -> int | None:
    """How many votes or likes the text of a button shows; None where it shows none.

    It must hold one whole number, and besides only signs or words for liking and voting: `Open 24/7` is no count, nor
    a price. Behind a dash at the end it counts those who chose any words: `Waiting! – 44`.
    """
    if len(label) > _LONGEST:
        return None
    found = numbers(tokens(label))
    counts = [piece for piece in found if piece.kind == "num"]
    if len(counts) != 1:
        return None
    beside, is_beside = [piece for piece in found if piece is not counts[0]], _is_beside
    if len(beside) > 1 and found[-1] is counts[0] and beside[-1].text in _DASHES and not beside[-1].tight:
        beside, is_beside = beside[:-1], _is_choice
    if not all(map(is_beside, beside)):
        return None
    value = counts[0].value
    if value is None or value != value.to_integral_value() or not any(sign.isdecimal() for sign in label):
        return None
    return int(value)


def _is_beside(piece: Token) -> bool:
    """Whether a piece may stand beside a count."""
    if piece.text in _NO_COUNT:
        return False
    if piece.kind == "word":
        return piece.sense.deed in _VOTES or piece.has("counter")
    return piece.text != "\n"


def _is_choice(piece: Token) -> bool:
    """Whether a piece may belong to what one can vote for: it names nothing that is counted or sold."""
    sense = piece.sense
    return piece.text not in _NO_COUNT and sense.unit is sense.currency is sense.days is None
