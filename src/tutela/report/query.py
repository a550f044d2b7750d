"""Questions in SQL over the tables of a report. Nothing can be changed and no other file be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutela.report.errors import ReportError
from tutela.report.observations import FOLDER

if TYPE_CHECKING:
    import duckdb

_HELP = "The tables are described in docs/observations.md"


@dataclass(frozen=True, slots=True)
class Answer:
    """The names of the columns, and the rows."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def query(out: Path, sql: str) -> Answer:
    """Answers one SELECT over the tables that `write_observations` wrote below `out`.

    The tables are read into memory first; then files, extensions and settings are out of the statement's reach. Raises
    `ReportError` for a folder without tables, more than one statement, any other statement, or one that fails.
    """
    import duckdb

    paths = sorted((out / FOLDER).glob("*.parquet"))
    if not paths:
        raise ReportError("holds no observations", where=str(out), remedy="Give the folder that tutela scan wrote")
    with duckdb.connect() as database:
        # A bar would stand in the answer, and a file of what does not fit into memory wherever the user is.
        database.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET temp_directory = ''")
        with _reported(str(out / FOLDER), "Scan again"):
            for path in paths:
                database.read_parquet(str(path)).create(path.stem)
        database.execute("SET enable_external_access = false; SET lock_configuration = true")
        return _asked(database, sql)


def _asked(database: "duckdb.DuckDBPyConnection", sql: str) -> Answer:
    with _reported("the query", _HELP):
        _check(database, sql)
        found = database.execute(sql)
        return Answer(tuple(column[0] for column in found.description or ()), found.fetchall())


def _check(database: "duckdb.DuckDBPyConnection", sql: str) -> None:
    import duckdb

    kinds = [statement.type for statement in database.extract_statements(sql)]
    if len(kinds) != 1 or kinds[0] not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise ReportError("is not one SELECT statement", where="the query", remedy="Ask one question at a time")


@contextmanager
def _reported(where: str, remedy: str) -> Iterator[None]:
    import duckdb

    try:
        yield
    except (duckdb.Error, OverflowError, ValueError) as error:  # Python has fewer dates than DuckDB
        reason = str(error).splitlines()[0]
        raise ReportError(f"failed: {reason}", where=where, remedy=remedy) from error
