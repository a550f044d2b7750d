"""What can go wrong while a custody log is written or one of its lines is read."""

from tutela.model import TutelaError


class CustodyError(TutelaError):
    """A custody log cannot be written as asked, or a line is not one of a custody log.

    Verification never raises it for what a log holds: it answers with problems (`tutela.custody.Problem`).
    """
