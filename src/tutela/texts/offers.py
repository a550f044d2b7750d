"""Prices stated in a text for something one can get (`docs/offers.md`).

A cheap look decides whether there can be a price at all. Then the text is read as tokens, these as numbers, amounts,
times and things, and each amount takes what stands nearest to it in its clause. Whether it is a price to be had the
words around it decide; what it buys they may know better than the rules (`weighing`).
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from tutela.model import Bound, Money, Offer, Unit
from tutela.texts.amounts import LARGEST
from tutela.texts.claims import Claim, Tone, is_doubtful, is_memory, is_owed, is_refusal, is_wage, tone_of
from tutela.texts.lists import SORTED, is_alternative, likewise, names_sorts, of_everything, said_once
from tutela.texts.looks import LONGEST, may_offer
from tutela.texts.quantities import (
    all_of,
    bare_number,
    content,
    is_variant,
    named_before,
    others,
    quantity_of,
    told_of,
)
from tutela.texts.reading import clauses, read
from tutela.texts.shares import Share, deal, goes_on, is_content
from tutela.texts.singles import each_one
from tutela.texts.tokens import LINE, Token
from tutela.texts.weighing.about import with_unit
from tutela.texts.weighing.counts import with_count
from tutela.texts.weighing.durations import with_time
from tutela.texts.weighing.odds import ENOUGH, OF_AMOUNT, OF_TEXT, PRICE, Feature, weights
from tutela.texts.weighing.seen import NEAR, Around, Place, features, of_text
from tutela.texts.words import DAYS

_NOT = frozenset({"not", "no", "ni", "не", "ні", "nicht", "kein", "keine", "non", "nao", "nem", "ne", "لا", "ليس"})
_ALONG = frozenset({"+", "with", "mit", "con", "com", "с", "з", "مع"})
_ALIKE = frozenset({"join.or", "join.everything"})
_COUNTS = frozenset({"item", "num"})
_FOR = frozenset({"на", "для"})
_SHOWN = frozenset({Unit.IMAGE, Unit.VIDEO})
_LOANS = frozenset({"кредит", "кредита", "credit", "credito", "kredit"})


class Amount(NamedTuple):
    """An amount of money with what it would buy: where it stands, and what is seen of it and of its text."""

    offer: Offer
    clause: int
    place: Place
    share: Share
    features: Sequence[Feature]
    of_text: Sequence[Feature]


def offers(text: str) -> tuple[Offer, ...]:
    """The prices that a text states for something one can get, in its order.

    The evidence is counted in code points. Amounts are positive and below 10¹². No text makes it fail.
    """
    every = list(amounts(text))
    if not every:
        return ()
    of_text = weights(every[0].of_text, OF_TEXT)
    found: list[tuple[Amount, dict[str, float]]] = []
    for amount in every:
        odds = weights(amount.features, OF_AMOUNT)
        if of_text[PRICE] + odds[PRICE] > ENOUGH:
            if found and _says_less(found[-1][0], amount):
                found.pop()
            found.append((amount, odds))
    return tuple(_weighed(amount, odds, of_text) for amount, odds in found)


def amounts(text: str) -> Iterator[Amount]:
    """All amounts of money in a text with what they would buy, whether or not they are prices."""
    if not may_offer(text):
        return
    pieces = read(text)
    kinds = [piece.kind for piece in pieces]
    if "money" not in kinds:
        return
    listed = kinds.count("money") > 1 or any(piece.kind == "break" and piece.level == LINE for piece in pieces)
    units = {piece.unit for piece in pieces if piece.unit is not None} if "item" in kinds else set()
    access = Unit.ACCESS in units
    reader = _Reader(
        pieces,
        of_text(text[:LONGEST], pieces),
        only=next(iter(units)) if len(units) == 1 else None,
        access=access,
        listed=listed,
    )
    parts = clauses(pieces)
    said = said_once(parts) if access or "time" in kinds else [None] * len(parts)
    for clause, following, once in zip(parts, [*parts[1:], []], said, strict=True):
        behind = text[clause[-1].end : following[0].start if following else len(text)]
        reader.once = once
        yield from reader.read(clause, following, behind)


def _weighed(amount: Amount, odds: Mapping[str, float], of_text: Mapping[str, float]) -> Offer:
    """The offer with the unit, the quantity and the duration that most speaks for."""
    offer = with_count(with_unit(amount.offer, of_text), amount.place, amount.share, odds)
    return with_time(offer, amount.place, amount.share, odds)


def _says_less(before: Amount, amount: Amount) -> bool:
    """Whether an amount said the same price just before, without a thing."""
    same = before.clause == amount.clause and before.offer.price == amount.offer.price
    return same and before.offer.unit in {None, Unit.OTHER}


class _Reader:
    """Reads clause by clause and remembers what was named before."""

    def __init__(
        self, pieces: Sequence[Token], seen: Sequence[Feature], *, only: Unit | None, access: bool, listed: bool
    ) -> None:
        self.once: Token | None = None
        self._seen = seen
        self._pieces = pieces
        self._places = {id(piece): place for place, piece in enumerate(pieces)}
        self._only = only
        self._named: Unit | None = None
        self._other = False
        self._count: Decimal | None = None
        self._latest: Offer | None = None
        self._uncounted = deque[list[Token]]()
        self._whole: Decimal | None = None
        self._sorts = False
        self._recalls = False
        self._access = access
        self._listed = listed

    def read(self, clause: list[Token], following: list[Token], behind: str) -> Iterator[Amount]:
        """The amounts of a clause, with the one that follows and the signs between."""
        self._uncounted.append(clause)
        if not any(piece.kind == "money" for piece in clause):
            self._remember(clause)
            self._sorts = "\n" in behind and self._named in SORTED and any(piece.kind == "item" for piece in clause)
            self._recalls = _asked(behind) > 0 and is_memory(clause)
            return
        asked = _asked(behind)
        tone = tone_of(clause, refused=is_refusal(following))
        first = next(filter(None, map(_named, clause)), None)
        self._sorts = self._sorts or (first in SORTED and names_sorts(clause))
        begin = self._places[id(clause[0])]
        before = self._pieces[max(0, begin - NEAR) : begin]
        after = self._pieces[begin + len(clause) : begin + len(clause) + NEAR]
        now = {id(piece): place for place, piece in enumerate(tone.clause)}
        for share in deal(clause):
            offer = self._offer(share, first)
            if offer is not None:
                if not tone.marks.isdisjoint(_ALIKE):
                    offer = self._completed(offer, share)
                price = id(share.price)
                where = (tone.clause, now[price]) if price in now else (clause, self._places[price] - begin)
                place = Place(*where, before, after)
                around = Around(_denied(tone, share, offer), self._listed, asked, self._recalls and asked > 0)
                yield Amount(offer, begin, place, share, features(place, offer, around), self._seen)
            self._remember([*share.left, *share.right])
            self._latest = offer or self._latest

    def _completed(self, offer: Offer, share: Share) -> Offer:
        """The offer with what it takes from those before."""
        if self._latest is not None and is_alternative(share):
            offer = likewise(offer, self._latest)
        if offer.unit not in {None, Unit.ACCESS} and of_everything(share):
            return replace(offer, quantity=self._in_all() or offer.quantity)
        return offer

    def _in_all(self) -> Decimal | None:
        """How many there are in all, as far as the text has said so; each clause is looked at once."""
        while self._whole is None and self._uncounted:
            self._whole = named_before(self._uncounted.popleft())
        return self._whole

    def _remember(self, pieces: Sequence[Token]) -> None:
        for piece in pieces:
            if piece.unit is not None or piece.sense.currency == "XTR":
                self._named, self._count = _named(piece), piece.value
            elif not self._other and is_content(piece):
                self._other = True
                self._count = self._count or told_of(pieces)

    def _offer(self, share: Share, first: Unit | None) -> Offer | None:
        price = share.price
        if price.value is None or not 0 < price.value < LARGEST:
            return None
        thing = _thing(share)
        lasting = _lasting(share, thing)
        unit, quantity, other = self._counted(share, thing, lasting, first)
        used = [piece for piece in (price, thing, lasting, other) if piece is not None]
        return Offer(
            price=Money(price.value, price.code),
            bound=price.bound or Bound.EXACT,
            quantity=quantity,
            unit=unit,
            days=held.days if (held := lasting or self.once) is not None else None,
            start=min(piece.start for piece in used),
            end=max(piece.end for piece in used),
        )

    def _counted(
        self, share: Share, thing: Token | None, lasting: Token | None, first: Unit | None
    ) -> tuple[Unit | None, Decimal | None, Token | None]:
        """Unit, quantity, and the token that named an unlisted thing."""
        each = each_one(share)
        if thing is not None and thing.unit is not None:
            return thing.unit, quantity_of(share, thing, each=each), None
        other = content(share)
        number = thing if thing is not None else bare_number(share)
        if lasting is not None and (self._access or other is None):
            unit = Unit.ACCESS if self._access else self._named or (first if number is not None else None)
        elif other is None or number is not None or is_variant(share) or self._sorts:
            own = next(filter(None, map(_named, reversed(share.left))), None)
            unit = own or self._named or first or (self._only if number is not None and number.kind == "item" else None)
        else:
            unit = None
        counted = Decimal(1) if each else (number.value if number is not None and unit is not None else None)
        if unit is not None:
            before = self._count if unit == self._named and self._latest is None else None
            return unit, None if unit == Unit.ACCESS else counted or before, number
        if other is None:
            before = self._count if self._named is None and self._latest is None else None
            count = counted or all_of(share) or (number.value if number is not None else before)
            return Unit.OTHER if self._other else None, count, number
        if not each and number is not None and number.kind == "item":
            return Unit.OTHER, number.value, other
        return Unit.OTHER, Decimal(1) if each else others(share), other


def _denied(tone: Tone, share: Share, offer: Offer) -> str:
    """Why the amount is no price to be had, by the rules for the words around; empty where none says so."""
    known = offer.unit not in {None, Unit.OTHER}
    before, after = share.before, share.after
    if tone.claim not in {Claim.PRICE, Claim.DOUBTFUL}:
        return str(tone.claim.value)
    if before is not None and (before.text in _NOT or _is_old(share) or before.text in _LOANS):
        return "not"
    if after is not None and after.has("negation") and _refuses(after, share.price):
        return "not"
    if after is not None and after.has("discount.after"):
        return "discount"
    if before is not None and (before.has("discount.before") or before.has("join.instead")):
        return "discount"
    if is_wage(tone.marks, offer):
        return "wage"
    if is_owed(share.near_left or share.left) or is_owed(share.near_right):
        return "beside"
    if not known and (tone.claim is Claim.DOUBTFUL or is_doubtful(share.near_left) or is_doubtful(share.near_right)):
        return "doubtful"
    return ""


def _refuses(after: Token, price: Token) -> bool:
    """Whether a negation right behind a price refuses it; in Portuguese `no` is `in the`."""
    return not price.text and not (after.text == "no" and price.code == "BRL")


def _named(piece: Token) -> Unit | None:
    """The unit that a piece names; Stars without a number head a price list of them."""
    if piece.unit is not None:
        return piece.unit
    return Unit.COIN if piece.sense.currency == "XTR" else None


def _asked(behind: str) -> int:
    """How many question marks stand behind a clause; an outraged `?!` counts twice."""
    marks = behind.count("?") + behind.count("؟")
    return marks + (marks > 0 and "!" in behind)


def _is_old(share: Share) -> bool:
    """`90 reais, de 120`: nothing but `de` stands between a comma and the amount."""
    left = share.left
    return len(left) == 2 and left[0].kind == "break" and left[1].text == "de"


def _thing(share: Share) -> Token | None:
    """The item that the amount is for."""
    right_first = bool(share.right) and goes_on(share.right[0])
    near = (share.near_right, share.near_left) if right_first else (share.near_left, share.near_right)
    around = {piece.unit for piece in (*share.left, *share.right) if piece.kind == "item"}
    if not around:
        return None
    posted, access = Unit.MESSAGE in around or _sells_channel(share.left), Unit.ACCESS in around
    for part in (*near, share.left, share.right):
        backwards = part is share.near_left or part is share.left
        if part is share.right and content(share, near=True) is not None:
            continue
        places = [place for place, piece in enumerate(part) if piece.kind == "item" and not _is_beside(part, place)]
        if access:
            places = [place for place in places if part[place].unit == Unit.ACCESS or not _is_extra(part, place)]
        named = [part[place] for place in places if part[place].unit != Unit.MEMBER or not posted]  # those who read it
        numbered = [piece for piece in named if piece.value is not None]
        if numbered and (whole := _includes(part, numbered)) is not None:
            return whole
        if numbered:
            return numbered[-1] if backwards else numbered[0]
        if named:
            return next((piece for piece in named if piece.days is not None), named[0])
    return None


def _includes(part: list[Token], numbered: list[Token]) -> Token | None:
    """The plan to which coins or pictures come along: `VIP with 100 tokens`."""
    access = next((piece for piece in part if piece.kind == "item" and piece.unit == Unit.ACCESS), None)
    if access is None or numbered[0].unit == Unit.ACCESS:
        return None
    between = part[part.index(access) + 1 : part.index(numbered[0])]
    return access if any(piece.has("join.includes") or piece.text in _ALONG for piece in between) else None


def _sells_channel(left: list[Token]) -> bool:
    """Whether what is sold has followers itself: `I sell my channel, 4,300 subscribers`; not `to a channel`."""
    channels = (piece.has("join.channel") and not piece.has("prefix.for") for piece in left)
    place = next((place for place, is_channel in enumerate(channels) if is_channel), 0)
    return any(piece.has("sale") for piece in left[max(0, place - 2) : place])


def _is_extra(part: list[Token], place: int) -> bool:
    """Whether a thing only comes along: `15 € a month and get 200 tokens`."""
    return any(piece.has("promise.get") or piece.has("join.includes") for piece in part[max(0, place - 2) : place])


def _is_beside(part: list[Token], place: int) -> bool:
    """Whether a thing only says what another is for, or has: `a frame for photos`, `account with 10k followers`."""
    before = part[max(0, place - 4) : place]
    shown = part[place].unit in _SHOWN and any(piece.has("join.holder") for piece in before)
    if shown and (part[place].value is None or before[-1].has("join.for") or before[-1].text in _FOR):
        return True  # `album for 200 photos`, not `album of 200 photos`
    return _is_reach(part, place)


def _is_reach(part: list[Token], place: int) -> bool:
    """Followers that something else has: `account with 10k followers`."""
    before = part[place - 1] if place else None
    if before is None or part[place].unit != Unit.MEMBER:
        return False
    return before.has("against.have") or (place > 1 and (before.has("join.variant") or before.has("bound.at_least")))


def _lasting(share: Share, thing: Token | None) -> Token | None:
    """The time that the amount is for."""
    far = thing is not None and thing.unit is not None
    after = [piece for piece in share.right[:3] if piece.kind == "time"]
    if share.right and (share.right[0].has("join.per") or share.right[0].has("join.slash")) and after:
        return after[0]
    near = next((piece for piece in (*reversed(share.near_left), *share.near_right) if piece.kind == "time"), None)
    if near is not None:
        return near
    if thing is not None and thing.days is not None:
        return thing
    if (apart := _apart(share)) is not None:
        return apart
    if far:
        return next((piece for piece in (*reversed(share.left), *share.right) if piece.kind == "time"), None)
    return _guaranteed(share)


def _apart(share: Share) -> Token | None:
    """The time that stands by itself between two commas before what is near the price: `text only, 24 hours, 10 $`."""
    part = share.left[: len(share.left) - len(share.near_left) - 1]
    cut = max((place for place, piece in enumerate(part) if piece.kind == "break"), default=-1)
    alone = part[cut + 1 :] if cut >= 0 else []
    time = next((piece for piece in alone if piece.kind == "time"), None)
    if time is None or time.days is None or time.days >= DAYS["month"]:  # longer ones are ages
        return None
    return None if any(is_content(piece) or piece.kind in _COUNTS for piece in alone) else time


def _guaranteed(share: Share) -> Token | None:
    """The time beside a word that says what it is of: `valid half a year`, `2 years of warranty`."""
    for part in (share.left, share.right):
        for place, piece in enumerate(part):
            if piece.kind == "time" and any(each.has("join.lasts") for each in part[max(0, place - 3) : place + 3]):
                return piece
    return None
