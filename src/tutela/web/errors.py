"""What the service refuses, each with the status that HTTP has for it."""

from tutela.model import TutelaError


class WebError(TutelaError):
    """A request that is not answered as it was asked. `status` is HTTP's, `code` a word for programs."""

    status = 400
    code = "refused"


class WrongInput(WebError):  # noqa: N818 - reads as what it says
    """The request is not of the form that the route takes."""

    status = 422
    code = "wrong_input"


class NotUnderstood(WebError):  # noqa: N818
    """The body or a parameter cannot be read at all."""

    code = "not_understood"


class KeyRefused(WebError):  # noqa: N818
    """There is no key, or it is unknown or revoked. Never says which."""

    status = 401
    code = "key_refused"

    def __init__(self) -> None:
        super().__init__("this needs a valid key", remedy="Send `Authorization: Bearer tk_…`")


class NotAllowed(WebError):  # noqa: N818
    """The key's role or groups do not cover this."""

    status = 403
    code = "not_allowed"


class SwitchedOff(WebError):  # noqa: N818
    """The operator has not switched this on."""

    status = 403
    code = "switched_off"


class NotFound(WebError):  # noqa: N818
    """There is nothing under this name, or nothing that this key may see."""

    status = 404
    code = "not_found"


class Conflicts(WebError):  # noqa: N818
    """What is there already stands against it."""

    status = 409
    code = "conflict"


class BodyTooLarge(WebError):  # noqa: N818
    """The body is larger than the route takes."""

    status = 413
    code = "too_large"


class TooMany(WebError):  # noqa: N818
    """Too many calls in too short a time; `wait` is the seconds until the next one."""

    status = 429
    code = "too_many"

    def __init__(self, wait: float) -> None:
        self.wait = wait
        super().__init__("too many calls", remedy="Wait as long as `Retry-After` says")


class Busy(WebError):  # noqa: N818
    """There is no room for this at the moment."""

    status = 503
    code = "busy"

    def __init__(self) -> None:
        super().__init__("the service has too much to do", remedy="Try again later")


class Missing(NotUnderstood):
    """A parameter that is needed is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is required")


class Suspended(NotAllowed):
    """The key was stopped: it asked for very many different codes near to one case."""

    code = "key_suspended"

    def __init__(self) -> None:
        super().__init__(
            "this key is stopped for a day: it looked up very many codes close to one another",
            remedy="Ask whoever runs the service: they can make another one",
        )
