"""What can go wrong while a report is written."""

from tutela.model import TutelaError


class ReportError(TutelaError):
    """The contents cannot be reported as they are, or the folder cannot be written."""
