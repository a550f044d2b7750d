"""Tables, migrations, encryption at rest, transactions. Knows rows and sealed bytes, not what they mean."""

from tutela.store import tables
from tutela.store.backup import back_up
from tutela.store.engine import Store
from tutela.store.errors import (
    BackupRefused,
    BankMissing,
    BankUnusable,
    KeyMissing,
    KeyWrong,
    OutcomeUnknown,
    StoreError,
    WritesRefused,
)
from tutela.store.keys import EnvironmentKeys, FileKeys, KeySource, key_source
from tutela.store.postgres import Listener
from tutela.store.sealing import Sealer, new_key

__all__ = [
    "BackupRefused",
    "BankMissing",
    "BankUnusable",
    "EnvironmentKeys",
    "FileKeys",
    "KeyMissing",
    "KeySource",
    "KeyWrong",
    "Listener",
    "OutcomeUnknown",
    "Sealer",
    "Store",
    "StoreError",
    "WritesRefused",
    "back_up",
    "key_source",
    "new_key",
    "tables",
]
