"""HMA's `/c`: banks and their content. A bank is a group of cases; its content are protections, by number."""

from typing import Annotated

from msgspec import Meta, Struct

from tutela.access import Key
from tutela.bank import GroupRefused, NameTaken, UnknownEntry
from tutela.model import Fingerprint
from tutela.web.errors import Conflicts, NotAllowed, NotFound, NotUnderstood
from tutela.web.hma import signals
from tutela.web.routing import Call

ENABLED = 1
"""What HMA's `disable_until_ts` says of content that is in force."""

Share = Annotated[float, Meta(ge=0, le=1)]


class NewBank(Struct, frozen=True):
    """A bank to make. `enabled_ratio` is the share of lookups that see it; `enabled` is 1 or 0 of that."""

    name: Annotated[str, Meta(max_length=64)]
    enabled: bool | None = None
    enabled_ratio: Share | None = None


class BankChange(Struct, frozen=True):
    """What to change of a bank."""

    name: Annotated[str, Meta(max_length=64)] | None = None
    enabled: bool | None = None
    enabled_ratio: Share | None = None


def banks(call: Call, asked: None) -> list[dict[str, object]]:
    """Every bank that the key covers."""
    return [signals.config(group) for group in signals.covered(call)]


def create(call: Call, asked: NewBank) -> dict[str, object]:
    """Makes a bank."""
    _refuse_scoped(call.caller)
    given, groups = _share(asked.enabled, asked.enabled_ratio), call.service.bank.groups
    share = 1.0 if given is None else given
    try:
        return signals.config(groups.create(asked.name, share, by=call.caller.id))
    except NameTaken:
        raise NotAllowed("Bank already exists") from None


def show(call: Call, asked: None) -> dict[str, object]:
    """One bank."""
    return signals.config(signals.group(call))


def change(call: Call, asked: BankChange) -> dict[str, object]:
    """Renames a bank, or says what share of lookups sees it."""
    group, groups = signals.group(call), call.service.bank.groups
    share = _share(asked.enabled, asked.enabled_ratio)
    try:
        return signals.config(groups.change(group.name, new_name=asked.name, enabled=share, by=call.caller.id))
    except NameTaken:
        raise NotAllowed("Bank name already exists") from None


def delete(call: Call, asked: None) -> dict[str, str]:
    """Deletes an empty bank; one that is not there is no error. Raises `Conflicts` for one that holds content."""
    _refuse_scoped(call.caller)
    try:
        call.service.bank.groups.delete(call.path["bank"], by=call.caller.id)
    except UnknownEntry:
        return {"message": "Done"}
    except GroupRefused as refusal:
        raise Conflicts(refusal.what, remedy=refusal.remedy) from None
    return {"message": "Done"}


def add_content(call: Call, asked: None) -> dict[str, object]:
    """Adds a picture, in the form or at `url`; only its fingerprint is kept, and none of its metadata."""
    group = signals.group(call)
    if call.upload is None and not call.query.get("url"):
        raise NotUnderstood("Neither `url` nor multipart file upload was received")
    fingerprint = signals.hashed(call)
    number = call.service.bank.enrol(fingerprint, group.id)
    return {"id": number, "signals": signals.signals(fingerprint)}


def add_signal(call: Call, asked: dict[str, str]) -> dict[str, object]:
    """Adds a signal."""
    group = signals.group(call)
    if not asked:
        raise NotUnderstood("No signals given")
    for name in asked:
        signals.check_type(name)
    fingerprint: Fingerprint = signals.to_keep(signals.code(asked[signals.PDQ]))
    return {"id": call.service.bank.enrol(fingerprint, group.id), "signals": asked}


def show_content(call: Call, asked: None) -> dict[str, object]:
    """One content. Its signals stay in the bank, also for who asks for them."""
    group = signals.group(call)
    found = call.service.bank.content(_number(call))
    if found is None or found.group != group.id:
        raise NotFound("content not found")
    return {
        "id": found.number,
        "disable_until_ts": ENABLED,
        "collab_metadata": {},
        "original_media_uri": None,
        "bank": signals.config(group),
    }


def delete_content(call: Call, asked: None) -> dict[str, int]:
    """Takes a content out for good. What a person protects is not taken out this way."""
    group = signals.group(call)
    return {"deleted": call.service.bank.expel(_number(call), group.id)}


def exchanges(call: Call, asked: None) -> list[str]:
    """The exchanges that are set up."""
    return []


def _number(call: Call) -> int:
    text = call.path["content"]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound("content not found")
    return int(text)


def _share(enabled: bool | None, ratio: float | None) -> float | None:
    if ratio is not None:
        return ratio
    return None if enabled is None else float(enabled)


def _refuse_scoped(key: Key) -> None:
    if key.groups is not None:
        raise NotAllowed("this key covers only some groups", remedy="Use one that covers all")
