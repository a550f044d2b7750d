"""From measures and matches to files that a researcher can hand on: one page, JSON, NDJSON and CSV."""

from tutela.report.contents import Contents, MatchLine, SkippedLine, SourceLine
from tutela.report.errors import ReportError
from tutela.report.files import write_report

__all__ = ["Contents", "MatchLine", "ReportError", "SkippedLine", "SourceLine", "write_report"]
