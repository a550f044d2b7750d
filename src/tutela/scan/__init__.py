"""The main job: reads sources, matches, measures, reports, and records what it did."""

from tutela.scan.errors import ScanError
from tutela.scan.progress import Progress, Tally
from tutela.scan.run import ScanResult, scan

__all__ = ["Progress", "ScanError", "ScanResult", "Tally", "scan"]
