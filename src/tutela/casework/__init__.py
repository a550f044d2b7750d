"""What became of matches: findings, their outcomes, and who is told of them."""

from tutela.casework.errors import CaseworkError, ClaimRefused, HostRefused, UnknownFinding, UnknownWebhook
from tutela.casework.feedback import Claim, Feedback, Verdict
from tutela.casework.findings import Finding, Findings, Outcome
from tutela.casework.webhooks import Delivery, NewWebhook, Webhook, Webhooks, signature

__all__ = [
    "CaseworkError",
    "Claim",
    "ClaimRefused",
    "Delivery",
    "Feedback",
    "Finding",
    "Findings",
    "HostRefused",
    "NewWebhook",
    "Outcome",
    "UnknownFinding",
    "UnknownWebhook",
    "Verdict",
    "Webhook",
    "Webhooks",
    "signature",
]
