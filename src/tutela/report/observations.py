"""What was observed as Parquet tables, for questions that no measure answers (`docs/observations.md`)."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tutela.measures import Observations, Table
from tutela.measures.columns import POST_KINDS, ROLES, SKIP_CODES, STATES, Posts
from tutela.model import AttachmentKind
from tutela.report.errors import ReportError

if TYPE_CHECKING:
    import duckdb

FOLDER = "observations"
"""Below the report's folder."""

OBSERVED = ("channels", "readings", "posts", "images", "acts", "languages")
"""The tables that stand beside those of `evidence`; `templates/observations.sql` puts all of them together."""

_Columns = Mapping[str, NDArray[Any]]


def write_observations(out: Path, seen: Observations, tables: Mapping[str, Table]) -> tuple[str, ...]:
    """Writes what was seen and the `tables` of evidence below `out`; returns their names, relative to it.

    Raises `ReportError`.
    """
    import duckdb

    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as database:
            _fill(database, seen, tables)
            names = [_write(database.view(name), folder, name) for name in (*OBSERVED, *tables)]
        _remove_others(folder, names)
    except (OSError, duckdb.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "the database gave up"
        raise ReportError(f"cannot be written ({reason})", where=str(folder), remedy="Free space there") from error
    return tuple(f"{FOLDER}/{name}" for name in names)


def _fill(database: "duckdb.DuckDBPyConnection", seen: Observations, tables: Mapping[str, Table]) -> None:
    database.execute("SET threads = 1; SET memory_limit = '64MB'; SET TimeZone = 'UTC'")
    database.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")  # rows stay in their order
    database.execute("SET enable_progress_bar = false")  # it would go to standard output, where the answer stands
    for name, columns in (_gathered(seen) | _named(seen)).items():
        database.register(f"seen_{name}", dict(columns))
    for name, table in tables.items():
        database.register(f"given_{name}", dict(_columns(table)))
    database.execute(files(__package__).joinpath("templates/observations.sql").read_text("utf-8"))


def _gathered(seen: Observations) -> dict[str, _Columns]:
    posts, images, readings, acts = seen.posts, seen.images, seen.readings, seen.acts
    return {
        "readings": {
            "channel": readings.channel, "seconds": readings.at, "members": readings.members, "state": readings.state,
        },
        "posts": {
            **_whereabouts(posts, slice(None)), "seconds": posts.at, "zoned": posts.zoned, "kind": posts.kind,
            "forwarded": posts.forwarded, "author": posts.author,
        },
        "images": {
            **_whereabouts(posts, images.post), "document": images.document.astype(np.int32), "hashed": images.hashed,
            "quality": images.quality, "skip": images.skip,
        },
        "acts": {**_whereabouts(posts, acts.post), "person": acts.person, "role": acts.role},
        "languages": _languages(seen),
    }  # fmt: skip


def _whereabouts(posts: Posts, rows: NDArray[np.int32] | slice) -> _Columns:
    """Channel and pseudonym of the posts in these rows; the database is spared a join over all posts."""
    refs = posts.refs[rows]
    return {
        "channel": posts.channel[rows],
        "high": refs[:, :8].copy().view(">u8").ravel().astype(np.uint64),
        "low": refs[:, 8:].copy().view(">u2").ravel().astype(np.uint16),
    }


def _named(seen: Observations) -> dict[str, _Columns]:
    """What the numbers in the columns stand for."""
    return {
        "channels": {**_names([c.ref for c in seen.channels], "ref"), "kind": _text([c.kind for c in seen.channels])},
        "people": _names(seen.people, "ref"),
        "states": _names(STATES),
        "post_kinds": _names(POST_KINDS),
        "image_kinds": _names((AttachmentKind.PHOTO, AttachmentKind.IMAGE_DOCUMENT)),
        "skips": _names(SKIP_CODES),
        "roles": _names(ROLES),
    }


def _names(names: Sequence[str], key: str = "name") -> _Columns:
    return {"row": np.arange(len(names), dtype=np.int32), key: _text(names)}


def _text(values: Sequence[str | None]) -> NDArray[Any]:
    return np.array([None if value is None else str(value) for value in values], object)


def _languages(seen: Observations) -> _Columns:
    rows = [
        (channel, code, count, spoken.every)
        for channel, spoken in enumerate(seen.spoken)
        for code, count in spoken.counts.items()
    ]
    return {
        "channel": np.array([row[0] for row in rows], np.int32),
        "language": _text([row[1] for row in rows]),
        "texts": np.array([row[2] for row in rows], np.int64),
        "every": np.array([row[3] for row in rows], np.int64),
    }


def _columns(table: Table) -> _Columns:
    columns = {name: np.empty(len(table.rows), object) for name in table.header}
    for place, row in enumerate(table.rows):
        for column, cell in zip(columns.values(), row, strict=True):
            column[place] = cell
    return columns


def _write(table: "duckdb.DuckDBPyRelation", folder: Path, name: str) -> str:
    """Through a neighbouring name, so that a reader meets the old table or the new one."""
    part = folder / f"{name}.parquet.part"
    table.write_parquet(str(part), compression="zstd")
    part.replace(folder / f"{name}.parquet")
    return f"{name}.parquet"


def _remove_others(folder: Path, names: Sequence[str]) -> None:
    for path in folder.iterdir():
        if path.name not in names and path.name.endswith((".parquet", ".parquet.part")):
            path.unlink()
