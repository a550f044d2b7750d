"""How a public channel may be named, and why nothing else is taken."""

import re

from tutela.collect.errors import RefusedError

_HANDLE = re.compile(r"[a-z][a-z0-9_]{3,31}", re.IGNORECASE | re.ASCII)
_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(?:s/)?([^?#]*)(?:[?#].*)?", re.IGNORECASE)
_PRIVATE = {
    "+": "an invite link leads to a private chat",
    "joinchat/": "an invite link leads to a private chat",
    "addlist/": "a link to a list would have to be joined",
    "c/": "this link leads into a private chat",
}
_REMEDY = "Name a public channel or group as @handle or t.me/handle"


def public_handle(text: str, *, where: str = "") -> str:
    """The handle in ``@handle`` or ``t.me/handle``, in small letters. Raises `RefusedError`, without the text."""
    text = text.strip()
    link = _LINK.fullmatch(text)
    named = link[1].rstrip("/") if link else text.removeprefix("@")
    if link:
        for start, why in _PRIVATE.items():
            if link[1].lower().startswith(start):
                raise RefusedError(f"{why}; only what is public is read", where=where, remedy=_REMEDY)
    if not _HANDLE.fullmatch(named) or not (link or text.startswith("@")):
        raise RefusedError("no handle of a public channel", where=where, remedy=_REMEDY)
    return named.lower()
