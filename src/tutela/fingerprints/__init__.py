"""Pixels → fingerprints: one file for each kind."""

from tutela.fingerprints.compute import Fingerprinter, fingerprint
from tutela.fingerprints.pdq import pdq

__all__ = ["Fingerprinter", "fingerprint", "pdq"]
