"""What can go wrong before a source's first post."""

from tutela.model import TutelaError


class SourceError(TutelaError):
    """There is nothing at a path, nothing that is recognised, or nothing that may be read.

    What is wrong *inside* a source never raises: it is counted (`SourceAccount.damaged`, `.refused`, `.repairs`).
    """
