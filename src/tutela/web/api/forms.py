"""What the API takes and gives, as types: their form and size is checked before anything else, and documented."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from tutela.bank import EventKind
from tutela.casework import Verdict
from tutela.model import Kind, Tier
from tutela.web.wire import END, WireFingerprint

BATCH = 1000
PICTURES = 100

Pin = Annotated[str, Meta(min_length=1, max_length=32, description="The PIN that was shown when the case was opened")]
Claim = Annotated[str, Meta(min_length=1, max_length=400, pattern=f"^[A-Za-z0-9_-]+{END}")]
Idempotency = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=100,
        pattern=f"^[!-~]+{END}",
        description="Of the caller's own making, another each time",
    ),
]
GroupName = Annotated[str, Meta(min_length=1, max_length=64)]


class Details(Struct, frozen=True):
    """How a match came about. For operators alone."""

    protection: str
    confidence: float
    distance: int | None
    transform: str | None
    inliers: int | None
    why: str


class Found(Struct, frozen=True, omit_defaults=True):
    """A case that the picture belongs to, in its surest tier. `review`: a person must look before anything is done that
    cannot be undone. `claim` is for feedback."""

    case: str
    tier: Tier
    review: bool
    claim: str
    details: tuple[Details, ...] | None = None


class LookupAnswer(Struct, frozen=True):
    """Whether the picture is protected, and by which cases."""

    matched: bool
    matches: tuple[Found, ...]


class Lookups(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 fingerprints."""

    fingerprints: Annotated[tuple[WireFingerprint, ...], Meta(min_length=1, max_length=BATCH)]


class LookupsAnswer(Struct, frozen=True):
    """An answer for each fingerprint, in their order."""

    answers: tuple[LookupAnswer, ...]


class NewCase(Struct, frozen=True, forbid_unknown_fields=True):
    """A case to open. `parts`: whether to keep what altered versions are found by (by default for ordinary pictures
    alone, docs/privacy.md). `group`: where it belongs, by default the key's only group, else the default one."""

    kind: Kind
    fingerprints: Annotated[tuple[WireFingerprint, ...], Meta(min_length=1, max_length=PICTURES)]
    parts: bool | None = None
    group: GroupName | None = None


class OpenedCase(Struct, frozen=True):
    """The case and its PIN, which is said here and never again. `protections` in the order of the fingerprints."""

    case: str
    pin: str
    protections: tuple[str, ...]

    def __repr__(self) -> str:
        return f"OpenedCase({self.case!r})"


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """What shows that a case is somebody's own."""

    pin: Pin

    def __repr__(self) -> str:
        return "Proof()"


class ProtectionAnswer(Struct, frozen=True):
    """One protection. In quarantine only exact copies are found, until staff have looked."""

    id: str
    kind: Kind
    registered_at: datetime
    quarantined: bool
    has: tuple[str, ...]


class MatchAnswer(Struct, frozen=True):
    """A match that staff have released."""

    protection: str
    tier: Tier
    found_at: datetime


class OutcomeAnswer(Struct, frozen=True):
    """What came of a released match."""

    protection: str
    verdict: str
    at: datetime


class StatusAnswer(Struct, frozen=True):
    """How a case stands. `paused`: its group is switched off, so that for now no lookup finds any of it."""

    case: str
    opened_at: datetime
    withdrawn_at: datetime | None
    protections: tuple[ProtectionAnswer, ...]
    matches: tuple[MatchAnswer, ...]
    outcomes: tuple[OutcomeAnswer, ...]
    paused: bool


class WithdrawalAnswer(Struct, frozen=True):
    """How many protections ended; 0 where the case was withdrawn before."""

    case: str
    withdrawn: int


class FeedbackGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """What came of a match. The same `idempotency_key` again changes nothing, nor does the same verdict on the same
    match."""

    claim: Claim
    verdict: Verdict
    idempotency_key: Idempotency


class FeedbackAnswer(Struct, frozen=True):
    """It was received; the same answer the second time."""

    received: bool


class NewWebhookForm(Struct, frozen=True, forbid_unknown_fields=True):
    """An address to tell of events: https, on a host that the operator has listed."""

    url: Annotated[str, Meta(min_length=8, max_length=500, pattern=f"^https://[!-~]+{END}")]
    events: Annotated[frozenset[EventKind], Meta(min_length=1)]


class WebhookAnswer(Struct, frozen=True):
    """A webhook, without what it signs with."""

    id: str
    url: str
    events: tuple[EventKind, ...]
    created_at: datetime


class NewWebhookAnswer(Struct, frozen=True):
    """A new webhook; `secret` is what its calls are signed with, said here and never again."""

    id: str
    url: str
    events: tuple[EventKind, ...]
    created_at: datetime
    secret: str

    def __repr__(self) -> str:
        return f"NewWebhookAnswer({self.id!r})"


class WebhooksAnswer(Struct, frozen=True):
    """All webhooks that the key may see."""

    webhooks: tuple[WebhookAnswer, ...]


class Health(Struct, frozen=True):
    """Whether the service stands."""

    ok: bool
