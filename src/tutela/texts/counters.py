"""The count that a button carries: `👍 41`, `Like (1.2k)`."""

from collections.abc import Sequence

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
    if len(counts) != 1 or not (
        _ends_a_choice(found) or all(piece.kind == "num" or _is_beside(piece) for piece in found)
    ):
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


def _ends_a_choice(found: Sequence[Token]) -> bool:
    """Whether a number stands behind a loose dash, and before it what one can vote for: nothing counted or sold."""
    if len(found) < 3:
        return False
    *choice, dash, count = found
    return count.kind == "num" and dash.text in _DASHES and not dash.tight and all(map(_may_be_chosen, choice))


def _may_be_chosen(piece: Token) -> bool:
    sense = piece.sense
    named = (sense.unit, sense.currency, sense.days)
    return piece.text not in _NO_COUNT and named == (None, None, None)
