"""Errors of this room."""

from tutela.model import TutelaError


class ObservationError(TutelaError):
    """Something was handed to an `Observer` that cannot be observed as it is; nothing of it was counted."""
