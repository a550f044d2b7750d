"""HMA's `/h` and `/m`: hashing and looking up."""

import random
import time

from starlette.responses import PlainTextResponse, Response

from tutela.bank import Group
from tutela.model import Fingerprint, Match
from tutela.web.errors import NotUnderstood
from tutela.web.hma import signals
from tutela.web.hma.signals import PDQ
from tutela.web.routing import Call, Later


def hash_media(call: Call, asked: None) -> dict[str, str]:
    """The hash of the caller's own picture; it tells nothing of the bank."""
    if call.upload is None and not call.query.get("url"):
        raise NotUnderstood("url is required, or a file in a form")
    return signals.signals(signals.hashed(call))


def lookup(call: Call, asked: None) -> dict[str, object] | Later:
    """Banks with what they hold of this signal, or of this picture by the kind of signal."""
    bypass = signals.switched(call, "bypass_coinflip")
    if call.query.get("url"):
        return Later(lambda: {PDQ: _by_bank(call, signals.hashed(call), bypass)})
    if not call.query.get("signal") or not call.query.get("signal_type"):
        raise NotUnderstood("Either url or both signal and signal_type are required")
    fingerprint = _signal(call)
    if call.service.certainly_misses(fingerprint, call.caller):
        return {}
    return Later(lambda: _by_bank(call, fingerprint, bypass))


def lookup_file(call: Call, asked: None) -> dict[str, object]:
    """As `lookup`, for a file in a form."""
    bypass = signals.switched(call, "bypass_coinflip")
    return {PDQ: _by_bank(call, signals.hashed(call), bypass)}


def raw_lookup(call: Call, asked: None) -> dict[str, object] | Later:
    """Numbers of what is held of this signal, whatever share of lookups sees it."""
    with_distance, fingerprint = signals.switched(call, "include_distance"), _signal(call)
    if call.service.certainly_misses(fingerprint, call.caller):
        return {"matches": []}
    return Later(lambda: _raw(call, fingerprint, with_distance))


def _raw(call: Call, fingerprint: Fingerprint, with_distance: bool) -> dict[str, object]:
    matches = _seen(call, fingerprint, _wanted_banks(call))
    numbers = call.service.bank.numbers(match.protection for match, _ in matches)
    found: list[object] = []
    for match, _ in matches:
        if (number := numbers.get(match.protection)) is not None:
            told = {"bank_content_id": number, "distance": signals.distance(match, call.caller)}
            found.append(told if with_distance else number)
    return {"matches": found}


def compare(call: Call, asked: dict[str, list[str]]) -> dict[str, object]:
    """How far two signals lie apart. It knows nothing of the bank, but it is a distance: for operators alone."""
    found: dict[str, object] = {}
    for name, pair in asked.items():
        signals.check_type(name)
        if len(pair) != 2:
            raise NotUnderstood("Comparison hash list length must be exactly 2")
        left, right = (int.from_bytes(signals.code(each), "big") for each in pair)
        apart = (left ^ right).bit_count()
        found[name] = [apart <= 31, {"distance": apart}]
    return found


def index_status(call: Call, asked: None) -> dict[str, object]:
    """How large the index is. It is never behind: each lookup sees what was committed before it."""
    if (kind := call.query.get("signal_type")) is not None:
        signals.check_type(kind)
    size = call.service.bank.inventory().protections
    return {PDQ: {"present": True, "built_to": int(time.time()), "size": size}}


def alive(call: Call, asked: None) -> Response:
    """Whether lookups are answered."""
    ready = call.service.ready
    return PlainTextResponse("I-AM-ALIVE" if ready else "INDEX-STALE", 200 if ready else 503)


def _by_bank(call: Call, fingerprint: Fingerprint, bypass: bool) -> dict[str, object]:
    seen = _seen(call, fingerprint, _wanted_banks(call))
    if not seen:
        return {}
    coin = 0.0 if bypass else random.Random(call.query.get("seed")).random()  # noqa: S311
    matches = [(match, bank.name) for match, bank in seen if bank.enabled >= coin]
    numbers = call.service.bank.numbers(match.protection for match, _ in matches)
    found: dict[str, list[object]] = {}
    for match, bank in matches:
        if (number := numbers.get(match.protection)) is not None:
            told = {"bank_content_id": number, "distance": signals.distance(match, call.caller)}
            found.setdefault(bank, []).append(told)
    return dict(found)


def _seen(call: Call, fingerprint: Fingerprint, banks: set[str] | None) -> list[tuple[Match, Group]]:
    """Matches that the key may see, with the bank of each; in these banks alone, where some are named."""
    found = call.service.seen(fingerprint, call.caller)
    return [(match, bank) for match, bank in found if banks is None or bank.name in banks]


def _signal(call: Call) -> Fingerprint:
    signals.check_type(signals.needed(call, "signal_type"))
    return signals.alone(signals.code(signals.needed(call, "signal")))


def _wanted_banks(call: Call) -> set[str] | None:
    names = call.query.get("banks")
    return set(names.split(",")) if names else None
