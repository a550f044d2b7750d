"""Cases, protections, withdrawal, allowlist, quarantine; keeps what is searched in memory current."""

from tutela.bank.bank import AllowedId, Bank, Inventory, Quarantined, Registration
from tutela.bank.errors import BankError, CaseRefused, NothingToProtect, UnknownEntry
from tutela.bank.memory import FingerprintMemory

__all__ = [
    "AllowedId",
    "Bank",
    "BankError",
    "CaseRefused",
    "FingerprintMemory",
    "Inventory",
    "NothingToProtect",
    "Quarantined",
    "Registration",
    "UnknownEntry",
]
