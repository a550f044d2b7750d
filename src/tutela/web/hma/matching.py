"""HMA's `/h` and `/m`: hashing and looking up."""

import random
import time
from collections.abc import Iterator

from starlette.responses import PlainTextResponse, Response

from tutela.matching import THRESHOLDS
from tutela.model import Fingerprint
from tutela.web.errors import NotUnderstood
from tutela.web.hma import signals
from tutela.web.hma.signals import PDQ
from tutela.web.routing import Call, Later
from tutela.web.service import Seen


def hash_media(call: Call, asked: None) -> dict[str, str]:
    """The hash of the caller's own picture; it tells nothing of the bank."""
    if call.upload is None and not call.query.get("url"):
        raise NotUnderstood("url is required, or a file in a form")
    return signals.signals(signals.hashed(call))


def lookup(call: Call, asked: None) -> object:
    """Banks with what they hold of this signal, or of this picture by the kind of signal."""
    bypass = signals.switched(call, "bypass_coinflip")
    if call.query.get("url"):
        return Later(lambda: _by_signal(call, bypass))
    if not call.query.get("signal") or not call.query.get("signal_type"):
        raise NotUnderstood("Either url or both signal and signal_type are required")
    return call.looked_up(_signal(call), lambda seen: _by_bank(call, seen, bypass), numbered=True)


def lookup_file(call: Call, asked: None) -> dict[str, object]:
    """As `lookup`, for a file in a form."""
    return _by_signal(call, signals.switched(call, "bypass_coinflip"))


def raw_lookup(call: Call, asked: None) -> object:
    """Numbers of what is held of this signal, whatever share of lookups sees it."""
    with_distance = signals.switched(call, "include_distance")
    return call.looked_up(_signal(call), lambda seen: _raw(call, seen, with_distance), numbered=True)


def _raw(call: Call, seen: Seen, with_distance: bool) -> dict[str, object]:
    told = [content for _, content in _contents(call, seen)]
    return {"matches": told if with_distance else [content["bank_content_id"] for content in told]}


def compare(call: Call, asked: dict[str, list[str]]) -> dict[str, object]:
    """How far two signals lie apart. It knows nothing of the bank, but it is a distance: for operators alone."""
    found: dict[str, object] = {}
    for name, pair in asked.items():
        signals.check_type(name)
        if len(pair) != 2:
            raise NotUnderstood("Comparison hash list length must be exactly 2")
        left, right = (int.from_bytes(signals.code(each), "big") for each in pair)
        apart = (left ^ right).bit_count()
        found[name] = [apart <= THRESHOLDS.near_distance, {"distance": apart}]
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


def _by_signal(call: Call, bypass: bool) -> dict[str, object]:
    seen = call.service.seen(signals.hashed(call), call.caller)
    return {PDQ: _by_bank(call, seen, bypass)}


def _by_bank(call: Call, seen: Seen, bypass: bool) -> dict[str, object]:
    if not seen:
        return {}
    coin = 0.0 if bypass else random.Random(call.query.get("seed")).random()  # noqa: S311
    lucky = [(match, standing) for match, standing in seen if standing.group.enabled >= coin]
    found: dict[str, list[object]] = {}
    for bank, content in _contents(call, lucky):
        found.setdefault(bank, []).append(content)
    return dict(found)


def _contents(call: Call, seen: Seen) -> Iterator[tuple[str, dict[str, object]]]:
    """Bank and content of each match, in those banks that the caller named, if any were; numbered where that was not
    done before."""
    banks = _wanted_banks(call)
    wanted = [(match, standing) for match, standing in seen if banks is None or standing.group.name in banks]
    new = [match.protection for match, standing in wanted if standing.number is None]
    numbers = call.service.bank.numbers(new) if new else {}
    for match, standing in wanted:
        number = numbers.get(match.protection, standing.number)
        if number is not None:
            content = {"bank_content_id": number, "distance": signals.distance(match, call.caller)}
            yield standing.group.name, content


def _signal(call: Call) -> Fingerprint:
    signals.check_type(signals.needed(call, "signal_type"))
    return signals.alone(signals.code(signals.needed(call, "signal")))


def _wanted_banks(call: Call) -> set[str] | None:
    names = call.query.get("banks")
    return set(names.split(",")) if names else None
