"""Which channels a text and its links point to, in every way that Telegram writes an address."""

import re
from collections.abc import Iterator, Sequence

from tutela.model import LinkKind

_HANDLE = r"[A-Za-z][A-Za-z0-9_]{3,31}(?![A-Za-z0-9_])"
_MENTION = re.compile(rf"@(?<![\w@/.]@)({_HANDLE})(?!@)")  # the sign first: a search for one letter is fast
_HOST = r"(?:t\.me|telegram\.(?:me|dog))"
_LINK = re.compile(
    rf"""
    (?<![\w.@-])
    (?:
        (?:https?://)?(?:www\.)?
        (?:
            {_HOST}/
            (?:
                c/(?P<number>[0-9]{{1,19}})(?![0-9])
                | (?:joinchat/|\+)(?P<invite>[A-Za-z0-9_-]{{10,64}})
                | (?:s/)?(?P<handle>{_HANDLE})
            )
            | (?P<before>{_HANDLE})\.t\.me(?![\w.])
        )
        | tg:(?://)?
        (?:
            resolve\?(?:[^\s\#]{{0,200}}&)?domain=(?P<domain>{_HANDLE})
            | join\?(?:[^\s\#]{{0,200}}&)?invite=(?P<joined>[A-Za-z0-9_-]{{10,64}})
            | privatepost\?(?:[^\s\#]{{0,200}}&)?channel=(?P<private>[0-9]{{1,19}})
        )
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_SIGNS = (".me/", ".dog/", ".t.me", "tg:")
"""One of them is in every address."""

_NO_CHANNELS = """
addemoji addlist addstickers addstyle addtheme auction boost call confirmphone contact giftcode invoice joinchat login
message nft proxy setlanguage share socks stickers
"""
_RESERVED = frozenset(_NO_CHANNELS.split())
"""Paths on t.me that lead to something else than a channel, a group or a person."""


def links(text: str, urls: Sequence[str] = ()) -> tuple[tuple[LinkKind, str], ...]:
    """How and to which channel a text, the URLs behind its words and those of its buttons point; each pair once.

    An identity is ``@handle`` in lower case, the bare number of a channel (from ``t.me/c/…``), or ``invite:…``.
    A handle may be a person's or a bot's: nothing in a text tells them apart.
    """
    # Nearly every text has neither sign, which is far cheaper to see than that no pattern matches.
    found = list(_mentions(text)) if "@" in text else []
    if "/" in text or "tg:" in text or ".t.me" in text:
        lower = text.lower()
        if any(sign in lower for sign in _SIGNS):
            found += _links(text)
    for url in urls:
        found += _links(url)
    return tuple(dict.fromkeys(found)) if found else ()


def _mentions(text: str) -> Iterator[tuple[LinkKind, str]]:
    for found in _MENTION.finditer(text):
        yield LinkKind.MENTION, f"@{found[1].lower()}"


def _links(text: str) -> Iterator[tuple[LinkKind, str]]:
    for found in _LINK.finditer(text):
        if (identity := _identity(found)) is not None:
            yield LinkKind.LINK, identity


def _identity(found: re.Match[str]) -> str | None:
    way, value = found.lastgroup or "", found[found.lastgroup or 0]
    if way in ("number", "private"):
        return value.lstrip("0") or None
    if way in ("invite", "joined"):
        return None if value.isdigit() else f"invite:{value}"  # t.me/+49… is a person's telephone number
    return None if value.lower() in _RESERVED else f"@{value.lower()}"
