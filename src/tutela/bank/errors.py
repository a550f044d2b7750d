"""What a bank can refuse. (What is wrong with its database or key is a `tutela.store.StoreError`.)"""

from tutela.model import TutelaError


class BankError(TutelaError):
    """The bank is well, but cannot do what was asked."""


class CaseRefused(BankError):  # noqa: N818 - reads as what it says
    """Case and PIN do not belong together. Never says which of the two was wrong."""

    def __init__(self) -> None:
        super().__init__(
            "this case reference and this PIN do not belong together",
            remedy="Check both; the PIN was shown once, when the case was opened",
        )


class NothingToProtect(BankError):  # noqa: N818
    """A case needs at least one fingerprint."""


class UnknownEntry(BankError):  # noqa: N818
    """There is no active protection, or no allowed picture, under this id."""
