"""Numbers and amounts of money: digits or words, multipliers, signs before or after, bounds and ranges."""

from decimal import Decimal

from msgspec.structs import replace

from tutela.model import Unit
from tutela.texts.bounds import bounded
from tutela.texts.tokens import SENTENCE, Token

LARGEST = Decimal(10) ** 12
"""Amounts from here on are no prices."""

CRYPTO = frozenset({"BTC", "ETH", "TON", "LTC", "BNB", "TRX", "SOL", "XMR", "DOGE"})
"""Currencies whose amounts have many decimals: a point before three digits is a decimal point there."""

_THREE_DECIMALS = CRYPTO | {"KWD", "OMR", "BHD"}

_DOLLARS = frozenset({"MXN", "ARS", "COP", "CLP", "UYU", "DOP", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"})
"""Currencies of which the sign is `$` too."""

_THOUSANDS = {"k": Decimal(1000), "к": Decimal(1000), "kk": Decimal(10**6), "кк": Decimal(10**6)}
_COLUMNS = frozenset("|•·●┃│‖")
_APART = frozenset({"money", "break"})

AND_HALF = "join.and_half"
_HALF = Decimal("0.5")
_WITH_CENTS = frozenset({"EUR", "USD", "GBP", "BRL"})


def numbers(found: list[Token]) -> list[Token]:
    """The tokens with number words, multipliers and list marks read: every `num` has its whole value."""
    read: list[Token] = []
    place = 0
    while place < len(found):
        token, first = found[place], place
        if token.kind == "num":
            if _is_list_mark(found, place):
                read.append(replace(token, kind="break", level=1, value=None))
                place += 1
                continue
            number, place = _multiplied(found, place, place + 1, token.value)
            place += place < len(found) and found[place].text == "er" and found[place].tight  # "im 6er-Pack"
        elif token.sense.number is not None or token.sense.times is not None:
            number, place = _from_words(found, place)
        else:
            number, place = token, place + 1
        if number.value is not None and place < len(found) and found[place].has(AND_HALF):
            number, place = _multiplied(found, first, place + 1, number.value + _HALF)
        read.append(number)
    return read


def money(found: list[Token]) -> list[Token]:
    """The tokens with each number and its currency joined to `money`; ranges and bounds are read with it."""
    read: list[Token] = []
    used = False  # whether the latest token of `read` is a currency that already has its number
    place = 0
    while place < len(found):
        token = found[place]
        if token.kind == "worth" or (token.sense.worth is not None and token.has("worth")):
            if read and read[-1].kind == "num" and read[-1].value == 1:  # "einen Zehner"
                read.pop()
            read.append(_worth(token))
            used, place = True, _with_change(read, found, place + 1)
            continue
        if token.kind == "num" and len(read) > 1 and read[-1].text == "." and read[-2].sense.currency is not None:
            read.pop()  # `Fr. 25`
        side = _side(read, found, place) if token.kind == "num" and token.value is not None and not used else ""
        if token.kind == "num" and token.value is not None and used:
            side = "right" if _follows(found, place + 1) else ""
        if side == "right":
            sign = read.pop() if read and _is_dollar(read[-1], found[place + 1]) else token
            read.append(_money(replace(token, start=sign.start), found[place + 1]))
            place += 2
        elif side == "left":
            read.append(_money(token, read.pop()))
            place += 1
        else:
            read.append(token)
            used = False
            place += 1
            continue
        used = True
        if place < len(found) and found[place].text == "." and found[place].kind == "sign":
            place += 1  # `4 руб./сообщение`
        _beside_column(read)
        place = _with_cents(read, found, _with_change(read, found, place))
    return bounded(read)


def _beside_column(read: list[Token]) -> None:
    """Makes the bar or dot between a thing and the price at the end a sign: `500 | 6 €`, `1000 • 720₽`."""
    if len(read) > 2 and read[-2].text in _COLUMNS and read[-2].kind == "break" and read[-3].kind not in _APART:
        bar = read[-2]
        read[-2] = Token("sign", bar.start, bar.end, "=", tight=bar.tight)


def _is_list_mark(found: list[Token], place: int) -> bool:
    """`1)` or `1.` at the head of a line numbers the line."""
    heads = place == 0 or (found[place - 1].kind == "break" and found[place - 1].text == "\n")
    after = found[place + 1] if place + 1 < len(found) else None
    if not heads or after is None or not after.tight or after.text not in {")", "."}:
        return False
    return place + 2 < len(found) and not found[place + 2].tight and len(found[place].text) <= 2


def _multiplied(found: list[Token], first: int, place: int, value: Decimal | None) -> tuple[Token, int]:
    """The number from `first` with the multiplier that follows at `place`, and the place behind it."""
    token = found[first]
    end = found[place - 1].end
    after = found[place] if place < len(found) else None
    kind = "num"
    code = ""
    if value is None or after is None:
        return replace(token, kind="num", end=end, value=value), place
    if after.text in _THOUSANDS and (after.tight or _currency(found, place + 1)):
        value, end, place = value * _THOUSANDS[after.text], after.end, place + 1
    elif after.sense.times is not None and after.sense.times != 100 and after.text != "a dozen":
        value, end, place = value * after.sense.times, after.end, place + 1
    elif after.has("worth_times") and after.sense.worth is not None:
        value, end, place, kind = value * after.sense.worth[0], after.end, place + 1, "worth"
        code = after.sense.worth[1]
    if end == after.end and place + 1 < len(found) and found[place].text == "." and found[place].level < SENTENCE:
        place += int(_currency(found, place + 1))
    return replace(token, kind=kind, end=end, value=value, code=code), place


def _from_words(found: list[Token], first: int) -> tuple[Token, int]:
    """The number that number words make together, and the place behind them."""
    total, current, place, last = Decimal(0), Decimal(0), first, first
    while place < len(found):
        token = found[place]
        value, times = token.sense.number, token.sense.times
        if times is not None and (value is None or current > 0):
            if times < 1000:
                current = (current or Decimal(1)) * times
            else:
                total, current = total + (current or Decimal(1)) * times, Decimal(0)
        elif value is not None and _fits(current, value, joined=place - last > 1 or token.text.startswith("و")):
            current += value
        elif not (place > first and (token.has("join.and") or token.text == "-") and _continues(found, place)):
            break
        else:
            place += 1
            continue
        last = place
        place += 1
    sense = found[last].sense if found[last].has("join.dozen") else found[first].sense
    number = replace(found[first], kind="num", end=found[last].end, value=total + current, sense=sense)
    after = last + 1
    if after < len(found) and found[after].has("worth_times"):
        return _multiplied([*found[:first], number, *found[after:]][first:], 0, 1, number.value)[0], after + 1
    return number, after


def _continues(found: list[Token], place: int) -> bool:
    after = found[place + 1] if place + 1 < len(found) else None
    return after is not None and (after.sense.number is not None or after.sense.times == 100)


def _fits(current: Decimal, value: Decimal, *, joined: bool) -> bool:
    """Whether a number word goes on with the number so far: the lower digits follow, or tens after ones by `and`."""
    if current == 0:
        return True
    if joined and current % 100 < 10 <= value < 100:
        return True
    return value >= 1 and current % Decimal(10) ** len(str(int(value))) == 0 and value < current and current >= 20


def _currency(found: list[Token], place: int) -> bool:
    return place < len(found) and found[place].sense.currency is not None and found[place].kind != "money"


def _side(read: list[Token], found: list[Token], place: int) -> str:
    """On which side of the number its currency stands."""
    right = _follows(found, place + 1)
    left = bool(read) and read[-1].kind in {"word", "sign"} and read[-1].sense.currency is not None
    if left and not right:
        return "left"
    if right and left and not _is_dollar(read[-1], found[place + 1]):
        signs = read[-1].kind == "sign"
        tight_left, tight_right = found[place].tight, found[place + 1].tight
        if tight_left != tight_right:
            return "left" if tight_left else "right"
        return "right" if signs and found[place + 1].kind == "word" else "left"
    if right and found[place + 1].text == "real" and (found[place].value or 0) > 1:  # "500 real members"
        return ""
    return "right" if right else ""


def _is_dollar(sign: Token, code: Token) -> bool:
    """Whether the code behind a number says whose dollars or pesos the sign before it means: `$350 MXN`."""
    return sign.text == "$" and code.sense.currency in _DOLLARS


def _follows(found: list[Token], place: int) -> bool:
    """Whether a currency stands there, of the number before it: a sign as `R$` is of the number behind it, if any."""
    if not _currency(found, place):
        return False
    sign, after = found[place], found[place + 1] if place + 1 < len(found) else None
    if after is None or after.kind != "num":
        return True
    leads = sign.kind == "sign" and after.tight and not sign.tight
    return not (leads or (len(sign.text) > 1 and sign.text.endswith("$")))


def _money(number: Token, currency: Token) -> Token:
    code, value = currency.sense.currency or "", number.value or Decimal(0)
    if "/" in code:
        code, fraction = code.split("/")
        value /= Decimal(fraction)
    whole, _, decimals = number.text.replace(",", ".").partition(".")
    if code in _THREE_DECIMALS and whole and len(decimals) == 3 and value == value.to_integral():
        value /= 1000
    start, end = min(number.start, currency.start), max(number.end, currency.end)
    return Token("money", start, end, "", value=value, code=code, tight=number.tight)


def _worth(token: Token) -> Token:
    if token.kind == "worth":
        return replace(token, kind="money")
    amount, code = token.sense.worth or (Decimal(0), "")
    return Token("money", token.start, token.end, "", value=amount, code=code, tight=token.tight)


def _with_cents(read: list[Token], found: list[Token], place: int) -> int:
    """`6 pounds 50`, `sei euro e cinquanta`: two digits behind a currency, and no thing that they would count."""
    paid = read[-1]
    if paid.value is None or paid.code not in _WITH_CENTS or paid.value != paid.value.to_integral():
        return place
    spoken = place + 1 < len(found) and found[place].has("join.and") and found[place + 1].text.isalpha()
    last = place + spoken
    cents = _cents(found[last]) if last < len(found) else None
    if cents is None or (last + 1 < len(found) and not _ends_amount(found[last + 1])):
        return place
    read[-1] = replace(paid, value=paid.value + cents / 100, end=found[last].end)
    return last + 1


def _cents(number: Token) -> Decimal | None:
    """The number if it may be cents."""
    value = number.value if number.kind == "num" and number.sense.times is None and "." not in number.text else None
    return value if value is not None and 10 <= value <= 99 and value == value.to_integral() else None


def _ends_amount(behind: Token) -> bool:
    """Whether an amount may end before it: a break, `for`, `each`, an article."""
    return behind.kind == "break" or any(behind.has(f"join.{kind}") for kind in ("for", "per", "each", "article"))


def _with_change(read: list[Token], found: list[Token], place: int) -> int:
    """Adds `and a half` or `and fifty cents` to the latest amount; the place behind it."""
    if place >= len(found) or not (found[place].kind == "num" or found[place].has("join")):
        return place
    paid, change = read[-1], _change(found, place)
    if change is None or paid.value is None:
        return place
    read[-1] = replace(paid, value=paid.value + change[0], end=found[change[1] - 1].end)
    return change[1]


def _change(found: list[Token], place: int) -> tuple[Decimal, int] | None:
    """The part of an amount that is named apart, and the place behind it."""
    near: list[Token | None] = [*found[place : place + 3], None, None, None]
    first, second, third = near[:3]
    if first is None:
        return None
    if first.has(AND_HALF):
        return None if second is not None and second.has("join.measure") else (_HALF, place + 1)
    joined = first.has("join.and") or first.has("join.of")
    number, coin = (second, third) if joined else (first, second)
    if number is None or coin is None or number.kind != "num" or not (coin.sense.currency or "").endswith("/100"):
        return None
    cents = number.value or Decimal(0)
    return (cents / 100, place + 2 + joined) if 0 < cents < 100 else None


def as_coin(token: Token) -> Token:
    """An amount of a platform's own currency as a thing that is sold for other money."""
    return Token("item", token.start, token.end, "", value=token.value, unit=Unit.COIN, tight=token.tight)
