"""What a protection is of."""

from enum import StrEnum


class Kind(StrEnum):
    """Whether the protected picture is itself intimate, or an ordinary one that a fake could be made from."""

    INTIMATE = "intimate"
    ORDINARY = "ordinary"
