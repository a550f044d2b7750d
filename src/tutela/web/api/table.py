"""The routes of our own API, as data."""

from tutela.web.api import cases, feedback, lookups, ops, webhooks
from tutela.web.api import forms as f
from tutela.web.routing import EVERYBODY, INTAKE, KIB, MATCH, OPERATOR, Endpoint, Threads
from tutela.web.wire import WireFingerprint

ONE = 512 * KIB
MANY = 16 * 1024 * KIB

_PICTURE = {
    "media": "image/jpeg",
    "width": 640,
    "height": 480,
    "sha256": "a" * 64,
    "md5": "b" * 32,
    "pdq": {"hash": "facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318", "quality": 100},
    "parts": None,
}

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "POST", "/api/v1/lookup", lookups.lookup, "api.lookup", "Look one fingerprint up", MATCH,
        takes=WireFingerprint, gives=f.LookupAnswer, threads=Threads.LOOKUPS, body=ONE, example=_PICTURE,
    ),
    Endpoint(
        "POST", "/api/v1/lookups", lookups.lookups, "api.lookups", "Look up to 1,000 fingerprints up", MATCH,
        takes=f.Lookups, gives=f.LookupsAnswer, body=MANY, example={"fingerprints": [_PICTURE]},
    ),
    Endpoint(
        "POST", "/api/v1/lookups/media", lookups.media, "api.lookup_media", "Look a picture up", MATCH,
        gives=f.LookupAnswer, form=True, errors=(400,),
    ),
    Endpoint(
        "POST", "/api/v1/cases", cases.open_case, "api.case_open", "Open a case", INTAKE,
        takes=f.NewCase, gives=f.OpenedCase, status=201, body=MANY, once=True, errors=(409,),
        example={"kind": "ordinary", "fingerprints": [_PICTURE]},
    ),
    Endpoint(
        "POST", "/api/v1/cases/{case}/status", cases.status, "api.case_status", "How a case stands", INTAKE,
        takes=f.Proof, gives=f.StatusAnswer, example={"pin": "0123456789"},
    ),
    Endpoint(
        "POST", "/api/v1/cases/{case}/withdrawal", cases.withdraw, "api.case_withdraw", "Withdraw a case", INTAKE,
        takes=f.Proof, gives=f.WithdrawalAnswer, example={"pin": "0123456789"},
    ),
    Endpoint(
        "POST", "/api/v1/feedback", feedback.feedback, "api.feedback", "Tell what came of a match", MATCH,
        takes=f.FeedbackGiven, gives=f.FeedbackAnswer,
        example={"claim": "AAAA", "verdict": "blocked", "idempotency_key": "upload-4711"},
    ),
    Endpoint(
        "GET", "/api/v1/webhooks", webhooks.listed, "api.webhooks", "Every webhook", OPERATOR, gives=f.WebhooksAnswer,
    ),
    Endpoint(
        "POST", "/api/v1/webhooks", webhooks.register, "api.webhook_register", "Register a webhook", OPERATOR,
        takes=f.NewWebhookForm, gives=f.NewWebhookAnswer, status=201,
        example={"url": "https://hooks.example/tutela", "events": ["match", "withdrawal"]},
    ),
    Endpoint(
        "DELETE", "/api/v1/webhooks/{webhook}", webhooks.delete, "api.webhook_delete", "End a webhook", OPERATOR,
        status=204, errors=(404,),
    ),
    Endpoint(
        "GET", "/healthz", ops.healthy, "ops.health", "Whether the process stands", EVERYBODY,
        gives=f.Health, threads=Threads.NONE,
    ),
    Endpoint(
        "GET", "/readyz", ops.ready, "ops.ready", "Whether lookups are answered", EVERYBODY,
        gives=f.Health, errors=(503,),
    ),
)  # fmt: skip
