"""The tables of observations: complete, read-only, without a word of a source."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from measures.conftest import DOCUMENT, PHOTO, bits, chat, image, observed, post, reading, ref, utc
from tutela.measures import Observations, evidence
from tutela.model import Forward, Poll, PollAnswer, PostKind, Pseudonym
from tutela.report import ReportError, query, write_observations
from tutela.report.observations import OBSERVED


@pytest.fixture
def seen() -> Observations:
    first = replace(
        post(1, utc("2020-07-01T10:00:00"), PHOTO, DOCUMENT),
        author=Pseudonym("pe-1"),
        forwarded=Forward(Pseudonym("ch-b")),
        text="Подскажите пожалуйста, когда будут новые правила?",
        poll=Poll("secret question", (PollAnswer("secret answer", 60), PollAnswer("no", 40)), 100, True, False),
        reactors=(Pseudonym("pe-2"),),
    )
    undated = post(2, kind=PostKind.SERVICE)
    return observed(
        [(first, [image(bits()), image()]), (undated, [])],
        [reading("ch-a", 5000, "2020-08-01"), reading("ch-b", None)],
        [chat("ch-a"), chat("ch-b")],
    )


@pytest.fixture
def folder(tmp_path: Path, seen: Observations) -> Path:
    write_observations(tmp_path, seen, evidence(seen))
    return tmp_path


def test_every_table_is_there_and_can_be_asked(folder: Path, seen: Observations) -> None:
    names = [*OBSERVED, *evidence(seen)]
    assert sorted(path.stem for path in (folder / "observations").iterdir()) == sorted(names)
    for name in names:
        assert query(folder, f"SELECT count(*) FROM {name}").columns == ("count_star()",)


def test_no_bar_of_progress_stands_in_an_answer(folder: Path) -> None:
    assert query(folder, "SELECT current_setting('enable_progress_bar')").rows == [(False,)]


def test_posts_stand_with_the_pseudonyms_that_evidence_has(folder: Path) -> None:
    (first, second) = query(folder, 'SELECT post, author, kind, forwarded, "time" FROM posts ORDER BY kind').rows
    assert first[:4] == (ref("ch-a", 1), "pe-1", "message", True)
    assert first[4].isoformat() == "2020-07-01T10:00:00+00:00"
    assert second == (ref("ch-a", 2), None, "service", False, None)
    joined = query(folder, "SELECT posts.kind, target FROM promotion_edges JOIN posts USING (channel, post)")
    assert joined.columns[1] == "target"
    assert len(joined.rows) == 1


def test_rows_stand_in_the_order_of_posts_however_few_there_are(tmp_path: Path) -> None:
    """A database that takes the smaller table first would mix them up, and one scan could not be told by another."""
    people = (Pseudonym("pe-1"), Pseudonym("pe-2"))
    came = replace(post(1, utc("2020-07-01T10:00:00"), kind=PostKind.SERVICE), joined=people)
    wrote = [replace(post(number, utc("2020-07-01T11:00:00")), author=people[0]) for number in (2, 3)]
    seen = observed([(each, []) for each in (came, *wrote)], [], [chat("ch-a")])
    write_observations(tmp_path, seen, evidence(seen))
    assert query(tmp_path, "SELECT person FROM acts").rows == [("pe-1",), ("pe-2",)]


def test_unknown_is_null(folder: Path) -> None:
    found = query(folder, 'SELECT members, "time" FROM readings ORDER BY channel').rows
    assert found[0][0] == 5000
    assert found[1] == (None, None)
    assert query(folder, "SELECT kind, hashed, skipped FROM images ORDER BY kind").rows == [
        ("image_document", False, None),
        ("photo", True, None),
    ]


def test_no_table_holds_a_word_of_the_source(folder: Path) -> None:
    for path in (folder / "observations").iterdir():
        rows = repr(query(folder, f"SELECT * FROM {path.stem}").rows)
        assert "secret" not in rows
        assert "правила" not in rows


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE posts",
        "DELETE FROM posts",
        "COPY posts TO 'stolen.csv'",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('observations/posts.parquet')",
        "SELECT * FROM '/etc/passwd'",
        "ATTACH 'other.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT nothing FROM posts",
        "SELEC",
        "",
    ],
)
def test_a_question_changes_nothing_and_reads_no_other_file(
    folder: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(ReportError, match="the query"):
        query(folder, sql)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_folder_without_tables_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no observations"):
        query(tmp_path, "SELECT 1")


def test_written_again_it_replaces_what_was_there(folder: Path, seen: Observations) -> None:
    (folder / "observations" / "gone.parquet").write_bytes(b"x")
    (folder / "observations" / "mine.txt").write_bytes(b"x")
    assert len(write_observations(folder, seen, evidence(seen))) == len(OBSERVED) + len(evidence(seen))
    left = {path.name for path in (folder / "observations").iterdir()}
    assert "gone.parquet" not in left
    assert "mine.txt" in left


def test_nothing_observed_gives_empty_tables(tmp_path: Path) -> None:
    write_observations(tmp_path, observed(), evidence(observed()))
    assert query(tmp_path, "SELECT count(*) FROM posts").rows == [(0,)]
    assert query(tmp_path, "SELECT count(*) FROM offers").rows == [(0,)]


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "observations").write_bytes(b"a file is in the way")
    with pytest.raises(ReportError, match="cannot be written"):
        write_observations(tmp_path, observed(), evidence(observed()))


PAGE = (Path(__file__).parents[2] / "docs" / "observations.md").read_text("utf-8")


def test_the_page_names_every_table_and_every_column_of_it(folder: Path) -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", PAGE, re.MULTILINE))
    assert sorted(told) == sorted(path.stem for path in (folder / "observations").iterdir())
    for name, columns in told.items():
        for column in query(folder, f"SELECT * FROM {name}").columns:
            assert f"`{column}`" in columns, f"{name}.{column}"


@pytest.mark.parametrize("sql", re.findall(r"```sql\n(.+?)```", PAGE, re.DOTALL))
def test_the_questions_on_the_page_are_answered(folder: Path, sql: str) -> None:
    assert query(folder, sql).columns
