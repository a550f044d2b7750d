"""The figures published about 2020 come out again, and what was observed can be asked."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import Tutela
from tutela.bank import Bank
from tutela.cli.published import compared
from tutela.model import Measure
from tutela.report import query
from tutela.scan import scan
from tutela.simulate import FIGURES, simulate_published


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Measure], int]]:
    folder = tmp_path_factory.mktemp("published")
    world = simulate_published(folder / "2020")
    with Bank.open(f"sqlite:///{folder / 'bank.db'}", create=True) as bank:
        result = scan([world.channels], folder / "out", bank)
    yield folder / "out", {measure.name: measure for measure in result.contents.measures}, world.unique


def test_every_published_figure_comes_out_again(scanned: tuple[Path, dict[str, Measure], int]) -> None:
    _, measures, _ = scanned
    told = list(compared(measures.values()))
    assert [figure for figure, _, _ in told] == list(FIGURES)
    assert [figure.said for figure, _, within in told if not within] == []


def test_a_figure_that_is_off_is_told(scanned: tuple[Path, dict[str, Measure], int]) -> None:
    _, measures, _ = scanned
    off = Measure("images_shared", 104_000, 104_000, 104_000, "images", "", None, None)
    told = list(compared((measures | {"images_shared": off}).values()))
    assert [figure.value for figure, _, within in told if not within] == [104_852]


def test_the_price_and_the_people_behind_the_memberships_come_out_too(
    scanned: tuple[Path, dict[str, Measure], int],
) -> None:
    _, measures, unique = scanned
    (price,) = (part for part in measures["offers"].parts if part.by == "price")
    assert price.key == "100 RUB for 100 image over 7 days"
    members = measures["unique_members"]
    assert members.low is not None and members.high is not None
    assert members.low <= unique <= members.high
    assert members.high < 101_080
    assert next(part.key for part in measures["languages"].parts if (part.value or 0) > 10_000) == "ru"
    assert measures["report_effect"].note.startswith("2 of 7 channels were reported")


def test_counts_can_be_asked_of_the_tables(scanned: tuple[Path, dict[str, Measure], int]) -> None:
    out, measures, _ = scanned
    assert query(out, "SELECT count(*) FROM images").rows == [(104_852,)]
    assert query(out, "SELECT sum(voters) FROM polls").rows == [(14_400,)]
    assert query(out, "SELECT count(*) FROM offers").rows == [(measures["offers"].value,)]


def test_the_command_answers_in_csv_and_in_json(scanned: tuple[Path, dict[str, Measure], int], tutela) -> None:
    out, _, _ = scanned
    sql = "SELECT kind, count(*) AS channels FROM channels GROUP BY kind"
    assert tutela("query", sql, "--out", out).out == "kind,channels\npublic_group,7\n"
    assert json.loads(tutela("query", sql, "--out", out, "--json").out) == {"kind": "public_group", "channels": 7}
    ended = tutela("query", "DROP TABLE channels", "--out", out)
    assert ended.status == 2
    assert "not one SELECT" in ended.err


def test_an_answer_in_json_is_json_and_keeps_every_column(
    scanned: tuple[Path, dict[str, Measure], int], tutela: Tutela
) -> None:
    out, _, _ = scanned
    numbers = "'nan'::DOUBLE AS n, ['inf'::DOUBLE, 1.5] AS l, {'x': '-inf'::DOUBLE} AS s, 1.5::DECIMAL(3, 2) AS d"
    said = tutela("query", f"SELECT {numbers}, MAP {{DATE '2020-01-01': 1}} AS m", "--out", out, "--json").out
    assert json.loads(said, parse_constant=pytest.fail) == {
        "n": None,
        "l": [None, 1.5],
        "s": {"x": None},
        "d": "1.50",
        "m": {"2020-01-01": 1},
    }
    ended = tutela("query", "SELECT 1 AS a, 2 AS a", "--out", out, "--json")
    assert (ended.status, ended.out) == (2, "")
    assert "Name the columns apart" in ended.err
    assert tutela("query", "SELECT 1 AS a, 2 AS a", "--out", out).out == "a,a\n1,2\n"


@pytest.mark.parametrize("sql", ["SELECT to_years(5000000)", "SELECT 'a' || 1 / 'b'"])
def test_what_cannot_be_answered_is_told(
    scanned: tuple[Path, dict[str, Measure], int], tutela: Tutela, sql: str
) -> None:
    ended = tutela("query", sql, "--out", scanned[0])
    assert ended.status == 2
    assert "the query: failed" in ended.err


def test_a_damaged_table_is_named(tmp_path: Path, tutela: Tutela) -> None:
    (tmp_path / "observations").mkdir()
    (tmp_path / "observations" / "posts.parquet").write_bytes(b"PAR1")
    ended = tutela("query", "SELECT 1", "--out", tmp_path)
    assert ended.status == 2
    assert "posts.parquet" in ended.err
    assert "Scan again" in ended.err
