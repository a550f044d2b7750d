"""Pixels → fingerprints: one file for each kind."""

from tutela.fingerprints.compute import Fingerprinter, Load, Result, fingerprint
from tutela.fingerprints.detail import Detail

__all__ = ["ALGORITHM", "Detail", "Fingerprinter", "Load", "Result", "fingerprint"]

ALGORITHM = "pdq/1"
"""Names how fingerprints are computed; changed whenever the same picture could get another one."""
