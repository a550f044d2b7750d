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


class GroupRefused(BankError):  # noqa: N818
    """A group cannot be made, changed or deleted so."""


class NameTaken(GroupRefused):
    """Another group has this name."""


class AskedOtherwise(BankError):  # noqa: N818
    """Something else was asked under this idempotency key."""

    def __init__(self) -> None:
        super().__init__(
            "another case was opened with this idempotency key", remedy="Send a new key with every new case"
        )


class WithdrawnSince(BankError):  # noqa: N818
    """What was opened under this idempotency key is withdrawn: it is not opened again by a call that comes late."""

    def __init__(self) -> None:
        super().__init__(
            "the case that was opened with this idempotency key is withdrawn", remedy="Send a new key to open another"
        )


class PersonsCase(BankError):  # noqa: N818
    """What a person protects is withdrawn by that person, with the PIN, and by nobody else."""

    def __init__(self) -> None:
        super().__init__("this belongs to a person's case", remedy="It ends when that person withdraws the case")
