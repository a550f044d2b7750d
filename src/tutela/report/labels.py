"""The words that the page uses for names in the data. An unknown name is shown as it is, marked as English."""

import re

from tutela.model import Match, Measure, Part, Similarity, SkipCode, Tier
from tutela.report.catalogue import catalogue
from tutela.report.notes import Said, date_said, english, said
from tutela.report.wording import Words, Write, capital, finite, is_month

Text = str | Said

SHARES = frozenset(
    {
        ("languages", "channel"), ("polls", "option"), ("promotion_edges", "hub"), ("completeness", "channel"),
        ("report_effect", "state"), ("report_effect", "replaced"),
    }
)  # fmt: skip
"""Parts, as measure and breakdown, whose value is a share from 0 to 1."""

RATIOS = frozenset({("growth", "change"), ("report_effect", "members"), ("report_effect", "posts")})
"""Parts whose value is a ratio: 1 is no difference."""

_PAIRS = {"edge": " → ", "overlap": " · "}
_PSEUDONYM = re.compile(r"[a-z]{2}-[0-9a-f]+")
_PRICE = re.compile(
    r"(up to |from )?(\d+(?:\.\d+)?) (\S+)(?: for(?: (\d+(?:\.\d+)?))?(?: ([a-z]+))?)?(?: over (\d+(?:\.\d+)?) days)?"
)
_RULE = re.compile(r"(\d+(?:\.\d+)?) ([a-z]+) for (\d+) ([a-z]+)")
_BOUNDS = {None: "price_exact", "up to ": "price_at_most", "from ": "price_at_least"}


def label(words: Words, name: str) -> Text:
    """A measure's name as a heading."""
    return words.say(f"label_{name}") if words.has(f"label_{name}") else _foreign(words, capital(plain(name)))


def definition(words: Words, measure: Measure) -> Text:
    """What a measure counts. Only the definition that the translators saw is shown translated."""
    key = f"define_{measure.name}"
    if catalogue("en").get(key) == measure.definition:
        return words.say(key)
    return _foreign(words, measure.definition)


def unit(words: Words, measure: Measure) -> Text:
    """The unit after the figure of a measure, in the plural form that the figure asks for."""
    numbers = (measure.high, measure.low, measure.value)
    count = next((number for n in numbers if (number := finite(n)) is not None), None)
    if count is None:
        return ""
    bare = measure.unit.removeprefix("% ").removeprefix("share ")
    known = catalogue("en").get(f"unit_{measure.name}")
    if known is not None and not isinstance(known, str) and known["other"] == bare:
        return words.say(f"unit_{measure.name}", n=count)
    if words.has(f"currency_{bare}"):
        return words.say(f"currency_{bare}", n=count)
    return _foreign(words, bare)


def orientation(words: Words, match: Match) -> str:
    """How the copy lies, against the protected picture."""
    if match.derivation is not None:
        return _lie(words, match.derivation.similarity)
    if match.transform is None:
        return words.say("lies_same_file" if match.tier is Tier.EXACT else "lies_unstated")
    key = f"orientation_{match.transform}"
    return words.say(key) if words.has(key) else match.transform


def _lie(words: Words, similarity: Similarity) -> str:
    """Turned by steps of five degrees, the shorter way round."""
    if (rotation := finite(similarity.rotation)) is None:
        return words.say("lies_unstated")
    degrees = (round(rotation / 5) * 5 + 180) % 360 - 180
    turned = ""
    if degrees == -180:
        turned = words.say("orientation_rotated-180")
    elif degrees:
        turned = words.say("lies_left" if degrees > 0 else "lies_right", n=abs(degrees))
    found = [words.say("orientation_mirrored")] if similarity.mirrored else []
    return words.listed([*found, *([turned] if turned else [])]) or words.say("orientation_as-is")


def tier(words: Words, which: Tier) -> tuple[str, str]:
    """A tier's name and its meaning."""
    return words.say(f"tier_{which.value}"), words.say(f"tier_meaning_{which.value}")


def by(words: Words, kind: str) -> Text:
    """The heading of a breakdown."""
    if words.has(f"by_{kind}"):
        return words.say(f"by_{kind}")
    return _foreign(words, f"By {plain(kind)}")


def refused(words: Words, reason: str) -> Text:
    """What was left unread, and counted only."""
    return words.say(f"refused_{reason}") if words.has(f"refused_{reason}") else _foreign(words, plain(reason))


def source(words: Words, kind: str) -> Text:
    """The format of a source."""
    return words.say(f"source_{kind}") if words.has(f"source_{kind}") else kind


def skip(words: Words, code: SkipCode, reason: str) -> Text:
    """Why an item has no fingerprint: as it was said, else what the code means."""
    told = note(words, reason)
    known = words.code == "en" or not any(foreign for _, foreign in told.pieces)
    return capital(str(told)) if known else words.say(f"skip_{code.value}")


def plain(name: str) -> str:
    """A name from the data without underscores and hyphens."""
    return name.replace("_", " ").replace("-", " ")


def part_key(words: Words, part: Part) -> Text:
    """What a part is about: a month, a language, a price in words, a pseudonym as it is."""
    key, kind = part.key, part.by
    if is_month(key):
        return words.month(key)
    if kind == "change":
        return date_said(words, key)
    if kind in _PAIRS:
        return _PAIRS[kind].join(key.split(" ", 1))
    if kind == "option" and " " in key:
        return words.say("poll_option", n=key.rpartition(" ")[2])
    if kind == "price":
        return price(words, key)
    if kind == "rule":
        return rule(words, key)
    if kind == "currency":
        return currency(words, key)
    bare = re.sub(r"[^A-Za-z0-9]+", "_", key).strip("_")
    for known in (f"is_{kind}_{bare}", f"language_{key}" if kind == "language" else "", f"skip_{key}"):
        if words.has(known) and (known[:5] != "skip_" or kind == "reason"):
            return words.say(known)
    if _PSEUDONYM.fullmatch(key) or not key.isascii():
        return key
    return _foreign(words, key.replace("_", " "))


def part_value(words: Words, measure: Measure, part: Part) -> str:
    """A part's value; what is withheld on purpose is not called unknown."""
    if part.value is None:
        return words.say("suppressed" if "suppress" in part.note.lower() else "unknown")
    return part_writer(words, measure, part)(part.value)


def part_writer(words: Words, measure: Measure, part: Part) -> Write:
    """How a part is written: as a number, a share, a ratio or in days."""
    kind = (measure.name, part.by)
    if part.key.endswith("median days"):
        return lambda value: words.say("days", n=value) if value is not None else words.say("unknown")
    if kind in RATIOS:
        return lambda value: words.say("ratio", n=words.number(value))
    if kind == ("growth", "trend"):
        return words.percents
    return words.percent if kind in SHARES else words.number


def note(words: Words, text: str) -> Said:
    """A note in the reader's language, as far as it is known there."""
    return said(words.code, text)


def currency(words: Words, code: str) -> str:
    """The name of a currency as it stands alone; its code where there is none."""
    count = int(words.say("number_of_currency"))
    return words.say(f"currency_{code}", n=count) if words.has(f"currency_{code}") else code


def price(words: Words, text: str) -> Text:
    """A price as the measures put it (`100 RUB for 100 image over 7 days`), in plain words."""
    found = _PRICE.fullmatch(text)
    if found is None:
        return _foreign(words, text)
    bound, amount, code, quantity, goods, days = found.groups()
    n = _number(amount)
    money = words.say(f"currency_{code}", n=n) if words.has(f"currency_{code}") else code
    said_price = words.say(_BOUNDS[bound], price=f"{words.number(n)} {money}")
    if quantity or goods:
        said_price = words.say("price_for", price=said_price, what=_goods(words, quantity, goods))
    return words.say("price_days", price=said_price, n=_number(days)) if days else said_price


def rule(words: Words, text: str) -> Text:
    """A reward as the measures put it (`5 coin for 3 invite`), in plain words."""
    found = _RULE.fullmatch(text)
    if found is None or not words.has(f"deed_{found[4]}") or not words.has(f"goods_{found[2]}"):
        return _foreign(words, text)
    deed = words.say(f"deed_{found[4]}", n=int(found[3]))
    return words.say("price_for", price=_goods(words, found[1], found[2]), what=deed)


def _goods(words: Words, quantity: str | None, goods: str | None) -> str:
    if quantity is None:
        key = f"goods_any_{goods}"
        return words.say(key) if words.has(key) else str(goods)
    key = f"goods_{goods}" if words.has(f"goods_{goods}") else "goods_other"
    return words.say(key, n=_number(quantity)) if goods else words.number(_number(quantity))


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _foreign(words: Words, text: str) -> Text:
    return text if words.code == "en" else english(text)
