"""Amounts as Telegram gives them: whole numbers of a currency's smallest unit."""

import re
from decimal import Decimal

from tutela.model import Money

STARS = "XTR"
"""Telegram Stars; they have no smaller unit."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF XTR",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
    9: "TON",
}
_DIGITS = {currency: digits for digits, listed in _EXPONENTS.items() for currency in listed.split()}
"""Digits behind the point by ISO 4217; two for every currency that is not named."""


def minor(amount: int | None, currency: str | None, *, back: bool = False) -> Money | None:
    """So many of a currency's smallest unit in major units; negative where they went `back`. None for nothing."""
    if not amount or currency is None or not _CURRENCY.fullmatch(currency):
        return None
    return Money(Decimal(-amount if back else amount).scaleb(-_DIGITS.get(currency, 2)), currency)


def stars(number: int | None) -> Money | None:
    """So many Stars; None for nothing."""
    return minor(number, STARS)
