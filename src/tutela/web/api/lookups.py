"""Looking up. Whoever is no operator learns whether, for which case, and in which tier: never how close."""

from collections.abc import Iterable
from functools import partial

from tutela.access import Role
from tutela.model import Fingerprint, Match, Tier
from tutela.web.api.forms import Details, Found, LookupAnswer, Lookups, LookupsAnswer
from tutela.web.errors import NotUnderstood, SwitchedOff
from tutela.web.routing import Call
from tutela.web.service import Seen
from tutela.web.wire import WireFingerprint

FIELD = "media"
"""The form's field for a picture."""


def lookup(call: Call, asked: WireFingerprint) -> object:
    """One fingerprint. Most are told at once, which takes less than to hand them to another thread."""
    return call.looked_up(asked.model(), partial(_answer, call))


def lookups(call: Call, asked: Lookups) -> LookupsAnswer:
    """Many; they count as many calls."""
    call.service.charge(call.caller, len(asked.fingerprints))
    call.service.calls.note("api.looked_up", call.caller.id, 200, len(asked.fingerprints))
    fingerprints = [each.model() for each in asked.fingerprints]
    return LookupsAnswer(tuple(_looked_up(call, each) for each in fingerprints))


def media(call: Call, asked: None) -> LookupAnswer:
    """A picture itself: decoded in a confined process, in memory, and then forgotten."""
    if not call.service.settings.media_uploads:
        raise SwitchedOff("this service takes no pictures", remedy="Send fingerprints to /api/v1/lookup")
    if call.upload is None or call.upload.field != FIELD:
        raise NotUnderstood("there is no picture", remedy=f"Send multipart/form-data with the field `{FIELD}`")
    return _looked_up(call, call.service.picture(call.upload.data, lookup=True))


def _looked_up(call: Call, fingerprint: Fingerprint) -> LookupAnswer:
    return _answer(call, call.service.seen(fingerprint, call.caller))


def _answer(call: Call, seen: Seen) -> LookupAnswer:
    by_case: dict[str, list[Match]] = {}
    for match, _ in seen:
        by_case.setdefault(match.case, []).append(match)
    return LookupAnswer(bool(seen), tuple(_found(call, some) for some in by_case.values()))


def _found(call: Call, matches: list[Match]) -> Found:
    surest, caller = matches[0], call.caller
    details = tuple(_details(matches)) if caller.role is Role.OPERATOR else None
    claim = call.service.feedback.claim(surest, caller.id)
    return Found(surest.case, surest.tier, surest.tier is not Tier.EXACT, claim, details)


def _details(matches: Iterable[Match]) -> Iterable[Details]:
    for match in matches:
        inliers = match.derivation.inliers if match.derivation else None
        yield Details(match.protection, match.confidence, match.distance, match.transform, inliers, match.why)
