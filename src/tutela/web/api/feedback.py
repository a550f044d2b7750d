"""What came of matches."""

from tutela.web.api.forms import FeedbackAnswer, FeedbackGiven
from tutela.web.routing import Call


def feedback(call: Call, asked: FeedbackGiven) -> FeedbackAnswer:
    """Records what came of a match. The answer is the same whether or not the case is still there."""
    desk, reporter = call.service.feedback, call.caller.id
    desk.tell(desk.opened(asked.claim, reporter), asked.verdict, reporter, asked.idempotency_key)
    return FeedbackAnswer(True)
