"""Whether a price is for one of what it buys: `each`, `per photo`, `по 300р`."""

from itertools import pairwise

from tutela.texts.quantities import packed
from tutela.texts.shares import Share, is_content
from tutela.texts.tokens import Token

_SHORT = 3
"""Letters of words that are prepositions rather than `each`."""

_STEM = 4
"""Letters that forms of a word share."""

_BARE_EACH = frozenset({"por"})
"""Words that say `each` where no article stands behind them."""

_FOR_EACH = frozenset({"за", "per"})
"""The same, but also for the thing itself, if it was not named before: `350 рублей за створку`, `2000 ₽ за диван`."""

_ARABIC_EACH = ("لل", "ال")


def each_one(share: Share) -> bool:
    """Whether the price is for one: `each`, `per photo`, `по 300р`, `every picture 5 €`."""
    right, left = share.near_right, share.near_left
    if any(piece.has("join.each") for piece in (*_until_and(right[:4]), *left[-3:])):
        return True
    if left and (left[-1].has("join.before") or (not right and all(piece.has("join.single") for piece in left))):
        return True
    if left and left[-1].text == "a" and _is_number_of(left):
        return True
    if left and len(share.left) > len(left) and _is_measure(left):
        return True
    if right and (behind := _each_behind(share, right[0])) is not None:
        return behind
    return any(
        piece.has("join.per")
        and ((after.kind == "item" and after.value is None) or is_content(after))
        and (len(piece.text) > 2 or piece.text > "\u0600")
        and not (piece.text == "pro" and share.price.code == "BRL")  # Portuguese: `for the`
        for piece, after in pairwise(left)
    )


def _is_measure(left: list[Token]) -> bool:
    """Whether nothing but a measure stands there: `asparagus, kilo 8 €`, `Buche, der Raummeter 90 €`."""
    words = [piece for piece in left if piece.kind != "sign" and not piece.has("join.article")]
    return len(words) == 1 and words[0].has("join.measure") and words[0].has("join.place")


def _is_number_of(left: list[Token]) -> bool:
    """Whether it is a number of things; a dozen is one thing."""
    return left[0].kind == "num" and not left[0].has("join.dozen") and any(is_content(piece) for piece in left)


def _each_behind(share: Share, head: Token) -> bool | None:
    """Whether what begins with `head`, right behind the price, says that it is for one; None where it says nothing."""
    right, left = share.near_right, share.near_left
    if head.has("prefix.for") and head.has("join.place"):
        return True
    if len(right) == 1 and head.has("join.per") and len(head.text) > _SHORT:
        return True  # `5 euros cada`
    if len(right) == 1 and head.has("join.place") and _is_named(share):
        return True  # `мёд 500р банка`
    if len(right) > 1 and head.has("join.for") and _is_one(share, right):
        return True
    if len(right) > 1 and is_content(right[1]) and not right[1].has("join.half") and _says_each(share, head):
        return packed(share) is None
    if head.text.startswith(_ARABIC_EACH) and head.text != "للي" and is_content(head) and _is_named(share):
        return True
    if head.text == "a" and share.price.code == "BRL":
        return False
    if head.has("join.per") or head.has("join.slash") or head.has("prefix.for"):
        thing = right[1] if len(right) > 1 else None
        if thing is None:
            return False
        named = is_content(thing) or thing.unit is not None
        return named or any(thing.has(f"join.{kind}") for kind in ("place", "pieces", "measure"))
    if head.has("join.article") and len(right) > 1:
        thing = right[1]
        named = any(piece.kind == "item" for piece in left) and thing.value is None and thing.sense.count == 1
        if thing.has("join.place") or thing.has("join.pair") or named:
            return True
    return None


def _says_each(share: Share, head: Token) -> bool:
    """Whether a bare noun behind that word is one: `12 USD por página`, and behind what was named, `30 € la visita`."""
    if head.text in _BARE_EACH:
        return True
    definite = head.has("join.article") and head.kind == "word" and head.text != "the"
    if not (definite or head.text in _FOR_EACH) or (head.has("join.or") and share.price.code != "BRL"):
        return False
    return _is_named(share)


def _is_named(share: Share) -> bool:
    """Whether something is named before the price."""
    return any(piece.kind == "item" or is_content(piece) for piece in share.left)


def _is_one(share: Share, right: list[Token]) -> bool:
    """`700 рублей за один`, `900 рублей за ведро`, `keys at 3 $ for a key`."""
    thing = right[1]
    single = len(right) == 2 and thing.has("join.single")
    return single or thing.has("join.place") or _has_form(share.left, thing)


def _has_form(part: list[Token], one: Token) -> bool:
    """Whether another form of a word stands in a part: `keys`, of `key`."""
    if one.kind == "num" or len(one.text) < _STEM:
        return False
    text, stem = one.text, one.text[:_STEM]
    return any(
        many.text.startswith(stem) and many.text != text and abs(len(many.text) - len(text)) < _SHORT for many in part
    )


def _until_and(part: list[Token]) -> list[Token]:
    return part[: next((place for place, piece in enumerate(part) if piece.has("join.and")), len(part))]
