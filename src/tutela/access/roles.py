"""What a key is for."""

from enum import StrEnum


class Role(StrEnum):
    """*Intake* opens cases and shows their owners how they stand; *match* looks pictures up and tells what came of it;
    *operator* does both, sees distances, and looks after groups and webhooks."""

    INTAKE = "intake"
    MATCH = "match"
    OPERATOR = "operator"
