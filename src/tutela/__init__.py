"""Tutela: protect pictures without showing them to anyone; find copies of them; measure; prove.

>>> import tutela
>>> fp = tutela.fingerprint(data)                         # bytes -> Fingerprint
>>> bank = tutela.open_bank("sqlite:///bank.db")
>>> case, pin = bank.protect([fp], kind="ordinary")
>>> matches = bank.match(fp)                              # list[Match]
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutela.bank import Bank
    from tutela.fingerprints import fingerprint
    from tutela.model import Fingerprint, Match, TutelaError

__version__ = "0.1.0"
__all__ = ["Bank", "Fingerprint", "Match", "TutelaError", "fingerprint", "open_bank"]

_ROOMS = {
    "Bank": "bank",
    "Fingerprint": "model",
    "Match": "model",
    "TutelaError": "model",
    "fingerprint": "fingerprints",
}


def open_bank(url: str) -> "Bank":
    """The bank at ``sqlite:///PATH`` or ``postgresql://…``; makes a new one where there is none."""
    from tutela.bank import Bank

    return Bank.open(url, create=True)


def __getattr__(name: str) -> Any:
    """Loads a room when it is first asked for: a confined decoding process must not load the database."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"tutela.{_ROOMS[name]}"), name)
