"""Why an invented world cannot be written."""

from tutela.model import TutelaError


class SimulateError(TutelaError):
    """The folder cannot take an invented world; nothing in it was changed that no demo wrote."""
