"""How many the price of an offer buys, as far as the words around it say so."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from tutela.model import Unit
from tutela.texts.amounts import AND_HALF
from tutela.texts.bounds import DASHES
from tutela.texts.shares import Share, is_content
from tutela.texts.tokens import Token

_DEALS = frozenset({"sell", "selling", "buy", "buying", "need", "want", "get", "give", "giving", "order"}) | frozenset(
    {"me", "you", "us", "do", "doing", "have", "make", "book", "rent", "renting", "swap", "is", "with"} | {"got", "ve"}
)
"""English words behind which `a` is an article."""

_BEFORE_COUNTS = ("for", "of", "buys", "equals", "per", "all", "pack", "includes")

_PLURAL_ENDINGS = frozenset("ыиівйх")
_ARABIC = "\u0600"
_DUAL = "تين"
_SHARES = {"join.half": Decimal("0.5"), "join.quarter": Decimal("0.25")}
_FEW = 3
"""Words that may stand between `a pair of` and its thing."""

_PASSED = frozenset({"join.for", "join.article", "join.all", "join.measure", "join.per", "sale"})
_GIVES = frozenset({"join.buys", "promise.get"})
"""Words behind a price before what it buys: `R$ 10 dá 120`."""
_HOLDS = frozenset({"da", "zu", "по", "x"})
_CONTENT_OF = frozenset({"of", "de", "di", "von", "из", "з"})
_MANY = frozenset({Unit.MEMBER, Unit.COIN})
"""What is sold by thousands: a number beside it is no year."""
_COUNTED = frozenset({Unit.IMAGE, Unit.VIDEO, Unit.MESSAGE, Unit.COIN, Unit.MEMBER})


def quantity_of(share: Share, thing: Token, *, each: bool) -> Decimal | None:
    """How many of a listed thing; None where it is not stated, and for access, which has no number."""
    if thing.unit == Unit.ACCESS:
        return None
    on_right = thing in share.near_right
    if each and (thing.value is None or not on_right):
        return Decimal(1)
    if thing.value is not None:
        return thing.value
    part = share.near_right if on_right else share.near_left if thing in share.near_left else []
    place = part.index(thing) if part else 0
    before = part[place - 1] if place else None
    if any(piece.has("join.pair") or piece.has("join.both") for piece in part[max(0, place - _FEW) : place]):
        return Decimal(2)
    single = thing.sense.count == 1 and thing.unit in _COUNTED
    if before is not None and before.text == "за" and on_right and place == 1 and _may_be_one(thing):
        return Decimal(1)
    if single and before is not None:
        article = before.has("join.article") and on_right and place == 1
        if before.has("join.for") or article or before.has("prefix.for"):
            return Decimal(1)
    linked = bare_number(share)
    if linked is not None and (thing.unit in _MANY or not 1900 <= (linked.value or 0) < 2100):
        return linked.value
    single_word = part[place + 1].has("join.single") if part and place + 1 < len(part) else False
    one = single and (single_word or (thing.sense.marks and "prefix.for" in thing.sense.marks))
    return Decimal(1) if one else others(share) if thing.unit is Unit.OTHER else packed(share) or of_them(share)


def _may_be_one(thing: Token) -> bool:
    """Whether a Slavic noun behind `за` may be one: `за подписчика` (also `2 подписчика`), not `за подписчиков`."""
    return thing.unit in _COUNTED and thing.text[-1:] not in _PLURAL_ENDINGS


def bare_number(share: Share) -> Token | None:
    """A number with no thing beside it, next to the price: `50 — 300р`, `5 € for the 8`."""
    head = share.near_right[0] if share.near_right else None
    left = list(reversed(share.near_left))
    for part in (share.near_right, left) if head is not None and head.has("join.per") else (left, share.near_right):
        for piece in part[:3]:
            if piece.kind == "num" and piece.value is not None:
                return piece
            gives = part is share.near_right and not _GIVES.isdisjoint(piece.sense.marks)
            if not (gives or piece.kind == "sign" or not _PASSED.isdisjoint(piece.sense.marks)):
                break
    return None


def content(share: Share, *, near: bool = False) -> Token | None:
    """The word nearest to the amount that names something unlisted; behind a comma only remarks follow a bare price."""
    for piece in reversed(share.near_left):
        if is_content(piece):
            return piece
    for piece in share.near_right:
        if is_content(piece):
            return piece
        if not share.left and piece.has("join.variant"):
            break  # `20 € in cash`, `with the box`: remarks
    if near:
        return None
    named = next(filter(is_content, reversed(share.left)), None)
    return next(filter(is_content, share.right), None) if named is None and _goes_far(share) else named


def _goes_far(share: Share) -> bool:
    """Whether the thing may stand behind a comma: `I sell for 20 €, the lamp`, `20 €, and the lamp is yours`."""
    behind = share.right[len(share.near_right) + 1 :]
    if behind and any(piece.has("sale") or piece.has("hint.deal") for piece in share.left):
        return behind[0].has("join.article") or is_content(behind[0])
    return any(a.kind == "break" and b.has("join.and") for a, b in pairwise(share.right))


def is_variant(share: Share) -> bool:
    """Whether what stands before the price only varies what was named before it: `with`, `without`, `for`."""
    words = [piece for piece in share.near_left if piece.kind != "sign"]
    return bool(words) and words[0].has("join.variant")


def _is_indefinite(part: list[Token], place: int) -> bool:
    """An English `a` before a noun; in other languages the word is the number one, or a preposition."""
    if part[place].text not in {"a", "an"} or place + 1 >= len(part) or part[place + 1].kind != "word":
        return False
    before = part[place - 1] if place else None
    return part[place].text == "an" or before is None or before.text == "for" or before.text in _DEALS


def _held(parts: Iterable[list[Token]]) -> Decimal | None:
    """The number of what a single thing holds: `a sheet of 24 stickers`."""
    pairs = (pair for part in parts for pair in pairwise(part))
    return next((b.value for a, b in pairs if a.text in _CONTENT_OF and b.kind == "num"), None)


def _told(part: Sequence[Token], place: int) -> Decimal | None:
    """How many a word says that is no number: `both`, `a pair of speakers`, `half a kilo`, an Arabic dual."""
    piece, after = part[place], part[place + 1] if place + 1 < len(part) else None
    if piece.has("join.both"):
        return Decimal(2)
    if piece.kind == "word" and piece.text.endswith(_DUAL) and len(piece.text) > len(_DUAL) + 1 and is_content(piece):
        return Decimal(2)
    if after is None:
        return None
    if piece.has("join.measure") and after.has(AND_HALF):
        return Decimal("1.5")
    if piece.has("join.pair") and is_content(after):
        return Decimal(2)
    if after.has("join.measure"):
        return next((share for mark, share in _SHARES.items() if piece.has(mark)), None)
    return None


def _is_held(part: Sequence[Token], place: int) -> bool:
    """Whether what is counted there is in something: `a course, 12 lessons`, `ящик 24 бутылки`."""
    before = [piece for piece in part[:place] if piece.kind != "break"]
    return any(piece.has("join.pack") for piece in before[-2:])


def packed(share: Share) -> Decimal | None:
    """The number in `a box of 24`, wherever it stands."""
    for part in (share.near_left, share.near_right, share.left, share.right):
        for place, piece in enumerate(part):
            if piece.has("join.pack"):
                ahead = part[place + 1 : place + 3]
                if len(ahead) == 2 and ahead[1].kind == "num" and (ahead[0].has("join.of") or ahead[0].text in _HOLDS):
                    return ahead[1].value
    return None


def _leads(piece: Token | None) -> bool:
    """Whether it may stand between a number and its thing: `docena de churros`, `six free eggs`."""
    return (
        piece is not None
        and piece.kind == "word"
        and (piece.has("join.of") or piece.has("join.article") or not piece.has("join"))
    )


def all_of(share: Share) -> Decimal | None:
    """The number in `for the three` or `both for 20 €`, where nothing is named."""
    near = [piece for piece in share.near_right if not piece.has("join.for")]
    if len(near) == 2 and near[1].kind == "num" and _is_whole(near[0]):
        return near[1].value
    return Decimal(2) if any(piece.has("join.both") for piece in (*share.near_left, *near)) else None


def _is_whole(piece: Token) -> bool:
    return piece.has("join.article") or piece.has("join.all")


def _half(part: Sequence[Token]) -> Decimal:
    """The half in `two kilos and a half`."""
    return Decimal("0.5") if part and part[0].has(AND_HALF) else Decimal(0)


def others(share: Share) -> Decimal | None:
    """How many of an unlisted thing: a number at the head of its part, or after `for` or `of`."""
    if (whole := all_of(share)) is not None:
        return whole
    if (lessons := _lessons(share)) is not None:
        return lessons
    named = content(share, near=True) is not None
    parts = (share.near_right, share.near_left) if share.price.code != "BRL" else ()
    if any(_is_indefinite(part, place) for part in parts for place in range(len(part))):
        return _held(parts) or Decimal(1)
    for part in (share.near_right, share.near_left) if named else (share.near_right, share.near_left, share.left):
        for place in range(len(part)):
            if (count := _counted(part, place, on_right=part is share.near_right)) is not None:
                return count
    return packed(share) or told_of(share.left)


def told_of(part: Sequence[Token]) -> Decimal | None:
    """One, if the first thing that has an article has the indefinite one: `chi mi cuce un vestito? 40 €`."""
    for place in range(len(part) - 1):
        one = _is_one_word(part, place)
        if is_content(part[place + 1]) and (one or part[place].has("join.article")):
            before = part[place - 1] if place else None
            of = before is not None and (before.has("join.variant") or before.has("join.of"))
            return Decimal(1) if one and not of else None
    return None


def _is_one_word(part: Sequence[Token], place: int) -> bool:
    """Whether a word is an indefinite article: `a` behind an English verb, `einen`, `una`; not `ein paar`."""
    piece = part[place]
    if part[place + 1].has("join.pair") or (place and piece.text == "a" and part[place - 1].text in _DEALS):
        return piece.text == "a"
    return piece.text == "an" or (piece.kind == "num" and piece.value == 1 and "a" <= piece.text < "ё")


def _lessons(share: Share) -> Decimal | None:
    """How many a course has, wherever that stands: `pottery, 5 evenings, 110 €`."""
    for part in (share.left, share.right):
        for number, lessons in pairwise(part):
            if number.kind == "num" and "join.lesson" in lessons.sense.marks:
                return number.value if any(piece.has("join.course") for piece in part) else None
    return None


def named_before(part: Sequence[Token]) -> Decimal | None:
    """How many a part says that there are: `16 presets here`."""
    for place, piece in enumerate(part):
        if piece.kind == "money":
            return None
        after = part[place + 1] if place + 1 < len(part) else None
        known = piece.kind == "item" or (piece.kind == "num" and after is not None and is_content(after))
        count = piece.value if known else _counted(part, place, on_right=False)
        if count is not None:
            return count
    return None


def _counted(part: Sequence[Token], place: int, *, on_right: bool) -> Decimal | None:
    """How many of something a word or number says; None where it says nothing of the kind."""
    if (told := _told(part, place)) is not None:
        return told
    piece = part[place]
    if piece.kind != "num" or piece.value is None or 1900 <= piece.value < 2100:
        return None
    after, behind = [*part[place + 1 : place + 3], None, None][:2]
    if after is not None and after.has("join.pair") and behind is not None and is_content(behind):
        return 2 * piece.value
    if after is not None and after.has("join.measure"):
        return piece.value + _half(part[place + 2 : place + 3])
    if _is_of_them(part, place):
        return piece.value
    held = after is not None and is_content(after) and _is_held(part, place)
    leads = behind is not None and is_content(behind) and _leads(after)
    leads = leads or (place + 2 == len(part) and not on_right and after is not None and after.has("join"))
    counts = (leads or _is_counted(after)) and _heads(part, place, on_right=on_right)
    return piece.value if held or counts else None


def _is_of_them(part: Sequence[Token], place: int) -> bool:
    """Whether a number counts what was named before: `14 of them`, `ne ho 22`."""
    return any(piece.has("join.them") for piece in (*part[max(0, place - 1) : place], *part[place + 1 : place + 2]))


def of_them(share: Share) -> Decimal | None:
    """How many of what was named the words around a price say that there are: `photos, about 600 of them`."""
    for part in (share.left, share.right):
        for place, piece in enumerate(part):
            if piece.kind == "num" and _is_of_them(part, place):
                return piece.value
    return None


def _heads(part: Sequence[Token], place: int, *, on_right: bool) -> bool:
    """Whether a number stands where a count does: first, or behind a word as `for`, `buy`, `box of`."""
    if not place or part[place].has("join.dozen"):
        return True
    before = part[place - 1]
    if before.has("sale") or before.text in _DEALS or before.text == ":" or before.text.endswith(" de"):
        return True
    named = place + 1 < len(part) and is_content(part[place + 1])
    if before.has("join.of") and before.text < _ARABIC and place > 1 and named:
        return _holds(part[place - 2])
    if any(before.has(f"join.{kind}") for kind in _BEFORE_COUNTS) or before.has("form.would"):
        return True
    whole = part[place - 2] if before.has("join.and") and place > 1 else before
    if whole.has("join.everything") or whole.text == "all":
        return True  # `all 46 volumes`, `tutti e quattro`
    return on_right and _is_whole(before) and all(piece.has("join.for") for piece in part[: place - 1])


def _holds(thing: Token) -> bool:
    """Whether what is behind `of` is how many something holds: `box of 24`, not `sofa with two seats`."""
    return not is_content(thing) or any(thing.has(f"join.{kind}") for kind in ("pack", "course", "place"))


def _is_counted(after: Token | None) -> bool:
    """Whether a count can stand before it: nothing, a thing, or what leads on to the price."""
    if after is None or after.kind == "break" or is_content(after):
        return True
    return after.text in DASHES or after.text == ":" or after.has("join.equals") or after.has("join.for")
