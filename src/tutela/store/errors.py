"""What can be wrong with a bank's file, database or key. All but a refused backup end a command with status 4."""

from tutela.model import TutelaError


class StoreError(TutelaError):
    """The bank or its key is unusable."""

    exit_status = 4


class KeyMissing(StoreError):  # noqa: N818 - reads as what it says
    """There is a bank, but not the key that opens it."""


class KeyWrong(StoreError):  # noqa: N818
    """There is a key, but it does not open this bank, or what it opens was altered."""


class BankMissing(StoreError):  # noqa: N818
    """There is no bank at this address, and none may be created."""


class BankUnusable(StoreError):  # noqa: N818
    """The database is there, but it is no Tutela bank, or damaged, full, locked or out of reach."""


class WritesRefused(BankUnusable):
    """The bank can be read, but takes nothing new: its disk is full, or it is set to readers only.

    Of a transaction that ended so, nothing was stored.
    """


class OutcomeUnknown(BankUnusable):
    """The database was lost in the moment in which it committed: nobody knows whether that was done."""


class BackupRefused(TutelaError):  # noqa: N818
    """The copy cannot be put there, or has to be made in another way. The bank is well."""
