"""What is counted, and for how long: `100 images`, `за фото`, `over 7 days`, `im Monat`."""

from decimal import Decimal

from msgspec.structs import replace

from tutela.model import Unit
from tutela.texts.amounts import AND_HALF
from tutela.texts.bounds import DASHES
from tutela.texts.tokens import SOFT, Token
from tutela.texts.words import DAYS, EVER, MINUTE, WEEKEND, Sense

_BETWEEN = 2
"""So many words may stand between a number and what it counts."""

_OLD = 5 * DAYS["year"]
"""Days: a longer time is an age or experience."""

_BACK = 4
"""So many tokens before a time may say what it is."""

_LETTERS = frozenset({"d", "h", "w", "y", "ч", "д", "m", "г"})
_HOUR = frozenset({"h", "ч"})
_ONES = frozenset({"واحد", "واحده"})
_CLOSE = frozenset({"y", "w", "d", "m"})
_FEED = frozenset(map(Decimal, (12, 24, 36, 48, 72, 96, 168)))
_ONE = frozenset(DAYS.values())
_DECADES = frozenset(map(Decimal, range(50, 100, 10)))
_DAY = 24
"""Hours."""

_TOP = 10
"""Hours at the top of a channel are fewer."""

_SUBS, _MANY, _MEMBERS = "subs", 20, Sense(unit=Unit.MEMBER)
"""Subscriptions; where there are so many, subscribers."""

_TIMES_SIGNS = frozenset({"x", "х", "×", "*"})


def times(found: list[Token]) -> list[Token]:
    """The tokens with each stated time joined to `time`, its `days` without limit as None and `value` as written."""
    read: list[Token] = []
    found = _in_feed(found)
    for place, token in enumerate(found):
        days = token.sense.days
        timed = bool(read) and read[-1].kind == "time"
        if timed and token.text in _ONES:
            continue
        if timed and token.has(AND_HALF) and (one := read[-1].days) in _ONE and one is not None:
            read[-1] = replace(read[-1], end=token.end, text="", days=one * 1.5)  # `un'ora e mezza`
            continue
        if days is None or token.kind != "word" or token.sense.unit is not None:
            read.append(token)
            continue
        number = _number(read)
        if _is_hours(read, token, number):
            days = DAYS["hour"]
        if days == WEEKEND:
            priced = _priced(found, place)
            read.append(Token("time", token.start, token.end, "", days=2.0, tight=token.tight) if priced else token)
        elif _is_no_time(token, number, read[-1] if read else None) or (number is None and days == MINUTE):
            read.append(token)
        elif days == EVER and read and read[-1].kind == "time":
            continue  # `3 days without deletion`
        else:
            _add_time(read, token, number, days, found[place + 1 : place + 4])
    return read


def _is_hours(read: list[Token], token: Token, number: Token | None) -> bool:
    """Whether it is Ukrainian `24 год` or `300 грн/год`; a Russian year is only behind 1, 21, 31 and so on."""
    if token.text != "год":
        return False
    if number is None or number.value is None:
        return len(read) > 1 and read[-1].has("join.slash") and read[-2].code == "UAH"
    return number.value % 10 != 1 or number.value % 100 == 11


def _is_no_time(token: Token, number: Token | None, before: Token | None) -> bool:
    """Whether it says which time, as in `this week`, or is a letter that is no time there; `18€/h` is one."""
    if token.text not in _LETTERS:
        return number is None and before is not None and before.has("join.that")
    if number is None:
        return not (token.text in _HOUR and token.tight and before is not None and before.has("join.slash"))
    return token.text in _CLOSE and not token.tight


def _add_time(read: list[Token], token: Token, number: Token | None, days: float, ahead: list[Token]) -> None:
    """Adds a time with its number, and takes both away where they are no length."""
    after = ahead[0] if ahead else None
    year = days > 300 and number is not None and (number.value or 0) > 1900
    dated = after is not None and after.kind == "num" and after.text not in _ONES
    decade = days >= DAYS["year"] and dated and after is not None and after.value in _DECADES
    often = number is None and len(read) > 1 and _says_per(read[-1]) and read[-2].kind == "num"  # `two a week`
    if (number is None and days in {DAYS["year"], DAYS["day"]} and dated) or decade or often:
        read.append(token)  # Italian `anni 80`, `dia 14`, Portuguese `dos anos 80`
    elif (
        days == MINUTE
        or year
        or _is_delivery(read, number)
        or (number is not None and (_says_delivery(after) or _says_age(after)))
        or _is_past(read, number, days, ahead)
    ):
        if number is not None:
            _drop(read, number)
    else:
        read.append(_time(read, token, number, days))


def _priced(found: list[Token], place: int) -> bool:
    """Whether a price stands beside: `weekend 900₽`, `100 € per weekend`."""
    before, after = found[max(0, place - 3) : place], found[place + 1 : place + 3]
    if before and before[-1].has("plain") and not before[-1].has("join"):
        return False  # `next weekend`
    if after and (after[0].kind == "money" or (after[-1].kind == "money" and _leads_to(after[0]))):
        return True
    return len(before) > 1 and _says_per(before[-1]) and any(token.kind == "money" for token in before[-3:-1])


def _leads_to(token: Token) -> bool:
    return token.text == ":" or token.has("join.equals") or token.has("join.for")


def _says_per(token: Token) -> bool:
    return token.has("join.per") or token.has("join.slash") or token.has("join.for") or token.has("join.article")


def _in_feed(found: list[Token]) -> list[Token]:
    """`post 1/24`: one hour at the top of a channel, and 24 before the post is deleted."""
    if not any(token.text == "/" for token in found) or not any(token.sense.unit is Unit.MESSAGE for token in found):
        return found
    read: list[Token] = []
    for token in found:
        hours = token.value if token.kind == "num" else None
        if hours in _FEED and len(read) > 1 and read[-1].text == "/" and _is_top(read[-2]):
            first = read[-2]
            del read[-2:]
            read.append(Token("time", first.start, token.end, "", days=float(hours or 0) / 24, tight=first.tight))
        else:
            read.append(token)
    return read


def _is_top(token: Token) -> bool:
    return token.kind == "num" and token.value is not None and token.value < _TOP


def _number(read: list[Token]) -> Token | None:
    """The number right before, a hyphen may stand between."""
    for back in (1, 2):
        if len(read) >= back and read[-back].kind == "num" and read[-back].value is not None:
            return read[-back]
        if len(read) >= back and read[-back].text != "-":
            return None
    return None


def _drop(read: list[Token], number: Token) -> None:
    """Takes a number away, and the other one of a range: `for 5-6 years`."""
    while read and read.pop() is not number:
        pass
    if len(read) > 1 and read[-1].text in DASHES and read[-2].kind == "num":
        del read[-2:]


def _time(read: list[Token], token: Token, number: Token | None, days: float) -> Token:
    if days == EVER:
        return Token("time", token.start, token.end, "", days=None, tight=token.tight)
    if number is None:
        return Token("time", token.start, token.end, token.text, days=days, tight=token.tight)
    _drop(read, number)
    return Token("time", number.start, token.end, "", days=days * float(number.value or 1), tight=number.tight)


def _before(read: list[Token], number: Token | None) -> list[Token]:
    """The last few tokens but for the number of a time."""
    return [token for token in read[-_BACK - 1 :] if token is not number][-_BACK:]


def _is_delivery(read: list[Token], number: Token | None) -> bool:
    """Whether the time says when something starts or comes, not how long it lasts."""
    back = _before(read, number)
    if back and back[-1].text in {"in", "en", "через", "entro", "within", "em", "خلال"}:
        return number is not None or back[-1].text == "within"
    for token in reversed(back):
        if token.kind == "break" and token.level >= SOFT:
            return False
        if _says_delivery(token):
            return True
    return False


def _is_past(read: list[Token], number: Token | None, days: float, ahead: list[Token]) -> bool:
    """Whether it is an age or a time of day: `used for 3 months`, `seit 2 Jahren`, `alle 18 h`; not a guarantee."""
    if number is not None and days * float(number.value or 0) > _OLD:
        return not any(piece.has("join.lasts") for piece in ahead)
    for token in _before(read, number)[: -_BETWEEN - 1 : -1]:
        if token.kind in {"break", "money"}:
            return False
        past = token.has("join.since") or (days >= DAYS["year"] and token.has("join.aged"))
        hour = number is not None and (number.value or 0) <= _DAY and days == DAYS["hour"]
        if past or (hour and token.has("join.clock")):
            return not any(piece.has("join.lasts") for piece in ahead)
    return False


def _says_delivery(token: Token | None) -> bool:
    return token is not None and token.has("join.delivery") and token.text not in {"in", "en"}


def _says_age(token: Token | None) -> bool:
    """Whether the time before it is past: `3 months old`."""
    return token is not None and token.has("join.age")


def items(found: list[Token]) -> list[Token]:
    """The tokens with each unit and its number joined to `item`; `value` is the quantity, None where none is stated."""
    read: list[Token] = []
    found = _subscribers(found)
    members = any(token.sense.unit is Unit.MEMBER for token in found)  # who may be counted by heads
    for token in found:
        if token.kind == "item":
            read.append(token)
        elif token.sense.unit is not None and token.kind in {"word", "sign"}:
            _count(read, token)
        elif token.kind == "num" and read and _is_sign_item(read[-1]):
            read[-1] = replace(read[-1], end=token.end, value=token.value, text="sign")
        elif read and read[-1].kind == "num" and (token.has("join.pieces") or (members and token.has("join.heads"))):
            number = read.pop()
            read.append(Token("item", number.start, token.end, "pieces", value=number.value, tight=number.tight))
        else:
            read.append(token)
    return read


def _subscribers(found: list[Token]) -> list[Token]:
    """The tokens, of which `subs` are subscribers where they are counted by the dozen, else subscriptions."""
    if not any(token.text == _SUBS for token in found):
        return found
    if not any(token.kind == "num" and (token.value or 0) >= _MANY for token in found):
        return found
    return [replace(token, sense=_MEMBERS) if token.text == _SUBS else token for token in found]


def _is_sign_item(token: Token) -> bool:
    return token.kind == "item" and token.text == "sign" and token.value is None


def _count(read: list[Token], token: Token) -> None:
    """The unit joined to the number before it, or to the same unit right before."""
    unit = token.sense.unit
    made = Token("item", token.start, token.end, token.kind if token.kind == "sign" else token.text, unit=unit)
    made.days = token.sense.days
    made.sense = token.sense
    before = read[-1] if read else None
    if before is not None and before.kind == "item" and before.unit in {unit, None} and before.text != "sign":
        kept = before.sense if before.unit is not None and before.sense.count == 1 else token.sense
        read[-1] = replace(before, end=token.end, unit=unit, sense=kept)
        return
    if before is not None and before.unit is Unit.ACCESS and before.value is None and unit is Unit.MEMBER:
        read[-1] = replace(made, start=before.start)  # `premium subscribers`
        return
    if before is not None and before.kind == "item" and before.text == "sign" and before.unit == unit:
        read[-1] = replace(before, end=token.end, text=token.text, sense=token.sense)
        return
    if token.sense.count == 2:
        read.append(replace(made, value=Decimal(2)))
        return
    if (pair := _pair(read)) is not None:
        start = read[pair].start
        del read[pair:]
        read.append(replace(made, start=start, value=Decimal(2), tight=False))
        return
    number = _counting(read)
    if number is None:
        single = before is not None and token.sense.count == 1 and _says_one(before)
        read.append(replace(made, value=Decimal(1) if single else None))
        return
    value, times = read[number].value, _times(read, number)
    if times is not None and value is not None:
        value, number = value * (read[times].value or Decimal(1)), times
    start = read[number].start
    del read[number:]
    if value == 1 and token.sense.count is None:
        value = None
    read.append(replace(made, start=start, value=value, tight=False))


def _pair(read: list[Token]) -> int | None:
    """The place of the word in `a pair of videos`, with one more word between at the most."""
    places = range(len(read) - 1, max(-1, len(read) - 3), -1)
    pair = next((place for place in places if read[place].has("join.pair")), None)
    return None if pair is None or any(token.kind != "word" for token in read[pair:]) else pair


def _times(read: list[Token], number: int) -> int | None:
    """The place of a number by which this one is multiplied: `3x50 coins`, `2 packs of 50 coins`."""
    if number < 2:
        return None
    sign = read[number - 1]
    if sign.text in _TIMES_SIGNS and read[number - 2].kind == "num":
        return number - 2
    packed = number > 2 and sign.has("join.of") and read[number - 2].has("join.pack")
    return number - 3 if packed and read[number - 3].kind == "num" else None


def _says_one(token: Token) -> bool:
    return token.has("join.single") or token.has("join.per")


def _counting(read: list[Token]) -> int | None:
    """The place in `read` of the number that counts what comes next."""
    for back in range(1, _BETWEEN + 2):
        if len(read) < back:
            return None
        token = read[-back]
        if token.kind == "num":
            return len(read) - back if token.value is not None and token.value > 0 else None
        joins = (
            token.has("join.measure")
            or token.has("join.for")
            or token.has("join.per")
            or token.has("bound")
            or token.has("join.equals")
        )
        if (
            token.kind != "word"
            or joins
            or (token.sense.currency is not None and token.text != "real")
            or len(token.text) < 2
        ):
            return None
    return None
