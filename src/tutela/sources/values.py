"""Values from a source as they may be: of the right type and in range, or not there."""

import re
from datetime import UTC, datetime

from tutela.model import When
from tutela.sources.events import JsonObject, JsonValue

LONGEST_EMOJI = 16
"""Code points of the longest sign that is kept of a reaction."""

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF CHF CLF
CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL
MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
USD UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMK ZMW ZWG ZWL
XTR
ADA BCH BNB BTC BUSD DAI DASH DOGE ETH LTC SOL TON TRX USDC USDT XMR XRP ZEC
"""
CURRENCIES = frozenset(_CODES.split())
"""ISO 4217 since 2010, Telegram Stars and tickers: a list, since a code that could be anything could be a name."""

_LARGEST = 2**63 - 1
_BEFORE_1970 = re.compile(r"-[0-9]{1,12}")
_SHORTEST_DATE = len("2020-01-01T00:00")


def integer(value: object) -> int | None:
    """A whole number that fits 64 bits; booleans are none."""
    return value if type(value) is int and -_LARGEST <= value <= _LARGEST else None


def count(value: object) -> int | None:
    """A whole number that is not negative."""
    number = integer(value)
    return number if number is not None and number >= 0 else None


def flag(value: object) -> bool | None:
    """True or false."""
    return value if isinstance(value, bool) else None


def emoji(value: object) -> str:
    """The sign of a reaction; `custom` for what is no short string."""
    sign = string(value)
    return sign if 0 < len(sign) <= LONGEST_EMOJI else "custom"


def string(value: object) -> str:
    """A string; empty where the value is none."""
    return value if isinstance(value, str) else ""


def currency(value: object) -> str | None:
    """The code of a currency that is known."""
    return value if isinstance(value, str) and value in CURRENCIES else None


def objects(value: object) -> list[JsonObject]:
    """The objects in a list; other elements, and what is no list, give nothing."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def obj(value: object) -> JsonObject:
    """An object; empty where the value is none."""
    return value if isinstance(value, dict) else {}


def flat(value: JsonValue) -> str:
    """Text that may be a string, an object with a `text`, or a list of both."""
    if isinstance(value, list):
        return "".join(string(part.get("text")) if isinstance(part, dict) else string(part) for part in value)
    return string(value.get("text")) if isinstance(value, dict) else string(value)


def unix(value: object) -> datetime | None:
    """Seconds since 1970, as a number or in digits."""
    if isinstance(value, str):
        if not (value.isdigit() and value.isascii()) and not _BEFORE_1970.fullmatch(value):
            return None
    elif type(value) is not int:
        return None
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso(value: object) -> datetime | None:
    """An ISO 8601 date with a time of day; naive where it names no time zone."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and len(value) >= _SHORTEST_DATE else None
    except ValueError:
        return None


def when(written: datetime | None, seconds: datetime | None = None) -> When:
    """An instant from what was written and, where the source has them, the seconds since 1970."""
    if written is None or written.tzinfo is None:
        return When(seconds, written)
    return When(seconds or utc(written), None)


def utc(instant: datetime) -> datetime | None:
    """An aware instant in UTC; None where that lies outside the calendar."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return None
