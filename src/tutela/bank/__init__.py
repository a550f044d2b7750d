"""Cases, protections, withdrawal, allowlist, quarantine; keeps what is searched in memory current."""

from tutela.bank.bank import AllowedId, Bank, Quarantined, Registration
from tutela.bank.contents import Content
from tutela.bank.errors import (
    AskedOtherwise,
    BankError,
    CaseRefused,
    GroupRefused,
    NameTaken,
    NothingToProtect,
    PersonsCase,
    UnknownEntry,
    WithdrawnSince,
)
from tutela.bank.groups import DEFAULT, Group, GroupId, Groups
from tutela.bank.inventory import Inventory
from tutela.bank.memory import FingerprintMemory
from tutela.bank.once import Once
from tutela.bank.outbox import EventKind, announce, new_event, wanted
from tutela.bank.standings import Context, Standing, Standings
from tutela.bank.status import CaseOutcome, CaseStatus, ProtectionStatus, ReleasedMatch

__all__ = [
    "DEFAULT",
    "AllowedId",
    "AskedOtherwise",
    "Bank",
    "BankError",
    "CaseOutcome",
    "CaseRefused",
    "CaseStatus",
    "Content",
    "Context",
    "EventKind",
    "FingerprintMemory",
    "Group",
    "GroupId",
    "GroupRefused",
    "Groups",
    "Inventory",
    "NameTaken",
    "NothingToProtect",
    "Once",
    "PersonsCase",
    "ProtectionStatus",
    "Quarantined",
    "Registration",
    "ReleasedMatch",
    "Standing",
    "Standings",
    "UnknownEntry",
    "WithdrawnSince",
    "announce",
    "new_event",
    "wanted",
]
