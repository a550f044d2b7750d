"""From measures and matches to files that a researcher can hand on: one page, JSON, NDJSON, CSV, Parquet."""

from tutela.report.contents import Contents, MatchLine, SkippedLine, SourceLine
from tutela.report.errors import ReportError
from tutela.report.files import write_report
from tutela.report.observations import write_observations
from tutela.report.query import Answer, query
from tutela.report.wording import untitled

__all__ = [
    "Answer",
    "Contents",
    "MatchLine",
    "ReportError",
    "SkippedLine",
    "SourceLine",
    "query",
    "untitled",
    "write_observations",
    "write_report",
]
