"""Cases, protections, withdrawal, allowlist, quarantine; keeps what is searched in memory current."""

from tutela.bank.bank import AllowedId, Bank, Quarantined, Registration
from tutela.bank.contents import Content
from tutela.bank.errors import (
    BankError,
    CaseRefused,
    GroupRefused,
    NameTaken,
    NothingToProtect,
    PersonsCase,
    UnknownEntry,
)
from tutela.bank.groups import DEFAULT, Group, GroupId, Groups
from tutela.bank.inventory import Inventory
from tutela.bank.memory import FingerprintMemory
from tutela.bank.outbox import EventKind, announce, new_event, wanted
from tutela.bank.status import CaseOutcome, CaseStatus, ProtectionStatus, ReleasedMatch

__all__ = [
from tutela.bank.standings import Context, Standing, Standings
    "DEFAULT",
    "AllowedId",
    "Bank",
    "BankError",
    "CaseOutcome",
    "CaseRefused",
    "CaseStatus",
    "Content",
    "EventKind",
    "FingerprintMemory",
    "Group",
    "GroupId",
    "Context",
    "GroupRefused",
    "Groups",
    "Inventory",
    "NameTaken",
    "NothingToProtect",
    "PersonsCase",
    "ProtectionStatus",
    "Quarantined",
    "Registration",
    "ReleasedMatch",
    "UnknownEntry",
    "announce",
    "new_event",
    "wanted",
]
    "Standing",
    "Standings",
