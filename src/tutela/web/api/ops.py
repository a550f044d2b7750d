"""For whoever watches the service."""

from starlette.responses import Response

from tutela.web import metrics
from tutela.web.api.forms import Health
from tutela.web.problems import problem
from tutela.web.routing import Call


def healthy(call: Call, asked: None) -> Health:
    """The process stands."""
    return Health(True)


def ready(call: Call, asked: None) -> Health | Response:
    """The bank is loaded, and its database answers."""
    if not call.service.ready:
        return problem(503, "not_ready", "the service is starting or ending", "Try again later")
    call.service.bank.wants_parts()
    return Health(True)


def figures(call: Call, asked: None) -> Response:
    """Counts and times, for Prometheus."""
    text = call.service.metrics.text(call.service.bank.inventory())
    return Response(text, media_type=metrics.MEDIA_TYPE)
