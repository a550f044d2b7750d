"""What can be wrong with a request about keys."""

from tutela.model import TutelaError


class AccessError(TutelaError):
    """A key cannot be made or changed so."""


class UnknownKey(AccessError):  # noqa: N818 - reads as what it says
    """There is no key of this id."""
