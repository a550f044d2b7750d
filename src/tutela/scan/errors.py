"""What a scan can refuse before it begins."""

from tutela.model import TutelaError


class ScanError(TutelaError):
    """The scan cannot be run as asked; nothing was written."""
