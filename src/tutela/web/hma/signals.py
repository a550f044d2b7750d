"""HMA's words in ours: its signal types, content types, banks and distances."""

import re
import secrets
from dataclasses import replace

from tutela.access import Key, Role
from tutela.bank import Group
from tutela.model import NO_FILE, Fingerprint, Match, Pdq, Tier
from tutela.web.errors import Missing, NotFound, NotUnderstood
from tutela.web.routing import Call
from tutela.web.uploads import Upload

PDQ = "pdq"
PHOTO = "photo"
QUALITY = 50
"""Below it HMA's hasher gives no signal, and our matcher no near match."""

_HEX = re.compile(r"[0-9a-f]{64}")
_UNKNOWN = "application/octet-stream"


def code(text: str) -> bytes:
    """A PDQ signal's 32 bytes. Raises `NotUnderstood`."""
    if not _HEX.fullmatch(text):
        raise NotUnderstood("invalid pdq signal", remedy="Send 64 hex digits in small letters")
    return bytes.fromhex(text)


def check_type(name: str) -> None:
    """Raises `NotUnderstood` for a signal type that there is not."""
    if name != PDQ:
        raise NotUnderstood("No such SignalType", remedy="The only one is `pdq`")


def alone(signal: bytes) -> Fingerprint:
    """A fingerprint of which nothing but one PDQ code is known, to be looked up."""
    return Fingerprint(_UNKNOWN, 0, 0, NO_FILE, NO_FILE, Pdq(signal, 100))


def to_keep(signal: bytes) -> Fingerprint:
    """As `alone`, to be protected: nobody can know, and so send, its other fields."""
    return replace(alone(signal), sha256=secrets.token_bytes(32), md5=secrets.token_bytes(16))


def hashed(call: Call) -> Fingerprint:
    """The fingerprint of the file in the form, or of the one at `url`. Raises what is wrong with either."""
    types = [name.strip() for name in call.query.get("types", PDQ).split(",") if name.strip()]
    if types != [PDQ]:
        raise NotUnderstood("signal type doesn't exist or is disabled", remedy="The only one is `pdq`")
    data = _fetched(call, call.query["url"]) if call.query.get("url") else _sent(call, call.upload)
    return call.service.picture(data, lookup=False)


def signals(fingerprint: Fingerprint) -> dict[str, str]:
    """What HMA's hasher says of a picture; an empty signal for one that is too plain."""
    pdq = fingerprint.pdq
    return {PDQ: pdq.code.hex() if pdq is not None and pdq.quality >= QUALITY else ""}


def distance(match: Match, key: Key) -> str:
    """The distance as HMA writes it, for operators; empty for everybody else."""
    if key.role is not Role.OPERATOR:
        return ""
    return str(0 if match.tier is Tier.EXACT else match.distance)


def group(call: Call) -> Group:
    """The bank that the address names. Raises `NotFound`, also for one that the key does not cover."""
    name = call.path["bank"]
    found = next((each for each in covered(call) if each.name == name), None)
    if found is None:
        raise NotFound("bank not found")
    return found


def covered(call: Call) -> list[Group]:
    """The banks that the key covers."""
    return [each for each in call.service.bank.groups.all() if call.caller.covers(each.id)]


def config(group: Group) -> dict[str, object]:
    """A bank as HMA shows it."""
    return {"name": group.name, "matching_enabled_ratio": group.enabled}


def needed(call: Call, name: str) -> str:
    """A parameter. Raises `Missing`."""
    value = call.query.get(name)
    if not value:
        raise Missing(name)
    return value


def switched(call: Call, name: str) -> bool:
    """A parameter that is yes or no, no where it is not given. Raises `NotUnderstood`."""
    value = call.query.get(name, "false").lower()
    if value not in ("true", "1", "false", "0"):
        raise NotUnderstood("invalid boolean parameter - prefer true/false")
    return value in ("true", "1")


def _sent(call: Call, upload: Upload | None) -> bytes:
    if upload is None:
        raise NotUnderstood("Missing multipart/form-data file upload", remedy=f"Send one file as `{PHOTO}`")
    _check_content(upload.field)
    return upload.data


def _fetched(call: Call, url: str) -> bytes:
    answer = call.service.outbound.call("GET", url, most=call.service.settings.upload_bytes)
    if answer.status != 200:
        raise NotUnderstood("the address gives no file")
    kind = call.query.get("content_type") or (PHOTO if answer.media_type.lower().startswith("image/") else "other")
    _check_content(kind)
    return answer.body


def _check_content(name: str) -> None:
    if name != PHOTO:
        raise NotUnderstood("no such content_type", remedy=f"The only one is `{PHOTO}`")
