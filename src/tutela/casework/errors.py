"""What casework refuses."""

from tutela.model import TutelaError


class CaseworkError(TutelaError):
    """A finding or a webhook cannot be handled so."""


class ClaimRefused(CaseworkError):  # noqa: N818 - reads as what it says
    """What was given is no claim of this caller's: altered, made up, another's or too old."""

    def __init__(self) -> None:
        super().__init__("this claim is not one that a lookup gave to this key", remedy="Send it as the lookup gave it")


class UnknownFinding(CaseworkError):  # noqa: N818
    """There is no such finding, or its case was withdrawn."""


class UnknownWebhook(CaseworkError):  # noqa: N818
    """There is no such webhook."""


class HostRefused(CaseworkError):  # noqa: N818
    """The operator has not listed this host."""
