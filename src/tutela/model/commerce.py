"""What is traded, as it was stated or seen: prices, payments, rewards. Values only; no words of a source."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Bound(StrEnum):
    """Whether a price is the price, the most or the least ("up to 50 euros", "from 5 euros")."""

    EXACT = "exact"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"


class Unit(StrEnum):
    """What is counted. A *coin* is any private currency (tokens, points); *access* is a subscription or entry."""

    IMAGE = "image"
    VIDEO = "video"
    COIN = "coin"
    ACCESS = "access"
    MEMBER = "member"
    MESSAGE = "message"
    OTHER = "other"


class Deed(StrEnum):
    """What a reward is promised for."""

    LIKE = "like"
    INVITE = "invite"
    SHARE = "share"
    JOIN = "join"
    VOTE = "vote"
    COMMENT = "comment"
    POST = "post"


class Sign(StrEnum):
    """What in a text says that somebody may be under age: a stated age, or a word for it. Never a verdict."""

    STATED_AGE = "stated_age"
    WORD = "word"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units. `currency` is ISO 4217, `XTR` (Telegram Stars), or a ticker (`BTC`, `USDT`)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to be had for money: `quantity` of `unit` for `price`, valid or lasting `days`; None is not stated.

    `start` and `end` bound the evidence: code points of the text it was read from.
    """

    price: Money
    bound: Bound
    quantity: Decimal | None
    unit: Unit | None
    days: float | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RewardRule:
    """`reward` of `unit` is promised for `count` times `deed`; the evidence as in `Offer`."""

    deed: Deed
    count: int
    reward: Decimal
    unit: Unit
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MinorSignal:
    """Words that a person has to look at; the evidence as in `Offer`."""

    sign: Sign
    start: int
    end: int
