"""Webhooks: who is told of events."""

from starlette.responses import Response

from tutela.access import Key
from tutela.casework import Webhook
from tutela.web.api.forms import NewWebhookAnswer, NewWebhookForm, WebhookAnswer, WebhooksAnswer
from tutela.web.errors import NotFound
from tutela.web.routing import Call


def register(call: Call, asked: NewWebhookForm) -> NewWebhookAnswer:
    """Registers an address; it is told of the groups that the key covers, until the key is revoked."""
    made = call.service.webhooks.register(asked.url, asked.events, call.caller.groups, key=call.caller.id)
    hook = made.webhook
    return NewWebhookAnswer(hook.id, hook.url, tuple(sorted(hook.events)), hook.created_at, made.secret)


def listed(call: Call, asked: None) -> WebhooksAnswer:
    """Every webhook that the key may see."""
    return WebhooksAnswer(
        tuple(
            WebhookAnswer(hook.id, hook.url, tuple(sorted(hook.events)), hook.created_at)
            for hook in call.service.webhooks.all()
            if _may_see(call.caller, hook)
        )
    )


def delete(call: Call, asked: None) -> Response:
    """Ends a webhook, with what it has yet to be told."""
    name = call.path["webhook"]
    if not any(hook.id == name and _may_see(call.caller, hook) for hook in call.service.webhooks.all()):
        raise NotFound("there is no such webhook")
    call.service.webhooks.delete(name, by=call.caller.id)
    return Response(status_code=204)


def _may_see(key: Key, hook: Webhook) -> bool:
    return key.groups is None or (hook.groups is not None and hook.groups <= key.groups)
