"""The report for programs: `report.json`, `matches.ndjson` and the tables."""

import csv
import io
import json
import math
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.examples import CHANNELS, contents, defined, derivation, match, measure, realistic
from report.strategies import HOSTILE, matches, texts
from tutela.matching.fields import match_fields
from tutela.model import Box, Measure, Part, Similarity, SkipCode, Tier
from tutela.report import Contents, MatchLine, SkippedLine, write_report
from tutela.report.catalogue import LANGUAGES
from tutela.report.data import matches_ndjson, skipped_csv
from tutela.report.wording import clean

HEADER = [
    "by",
    "key",
    "value",
    "low",
    "high",
    "unit",
    "window_start",
    "window_end",
    "completeness",
    "note",
    "definition",
]


def report(folder: Path, said: Contents) -> dict[str, Any]:
    write_report(folder, said)
    loaded: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"), parse_constant=pytest.fail)
    return loaded


def rows(folder: Path, said: Measure) -> list[list[str]]:
    write_report(folder, contents([said]))
    return list(csv.reader(io.StringIO((folder / f"measures/{said.name}.csv").read_bytes().decode(), newline="")))


class TestReportJson:
    @pytest.mark.parametrize(("cases", "said"), [(0, 0), (1, None), (9, None), (10, 10), (4000, 4000)])
    def test_a_number_of_cases_below_ten_is_withheld(self, tmp_path: Path, cases: int, said: int | None) -> None:
        assert report(tmp_path, contents(cases=cases))["cases"] == said

    def test_it_names_its_schema_and_says_everything_but_the_match_lines(self, tmp_path: Path) -> None:
        said = report(tmp_path, realistic())
        assert list(said) == [
            "cases", "generated", "lang", "matches", "measures", "schema", "skipped", "sources", "title", "version",
        ]  # fmt: skip
        assert (said["schema"], said["generated"]) == ("tutela.report/1", "2026-11-05T14:05:09Z")
        assert said["matches"] == {"total": 18, "by_tier": {"exact": 3, "near": 11, "derived": 4}}
        assert said["skipped"][1] == {
            "code": "damaged", "reason": "the picture is damaged or cut off and cannot be decoded", "count": 131,
        }  # fmt: skip
        assert said["sources"][1] == {
            "label": "Source 2", "kind": "telethon", "posts": 41_220, "images": 14_114, "repairs": 0, "damaged": 3,
            "refused": {"personal_chat": 2},
        }  # fmt: skip

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_in_every_language_the_data_are_the_same(self, tmp_path: Path, lang: str) -> None:
        """But for the page and for the word that says which language it is in."""
        for folder, said in (("en", realistic()), (lang, realistic(lang))):
            write_report(tmp_path / folder, said)
        names = [path.relative_to(tmp_path / "en") for path in (tmp_path / "en").rglob("*.*")]
        told = {name: (tmp_path / lang / name).read_text("utf-8") for name in names if name.name != "report.html"}
        assert json.loads(told[Path("report.json")])["lang"] == lang
        told[Path("report.json")] = told[Path("report.json")].replace(f'"lang": "{lang}"', '"lang": "en"')
        assert told == {name: (tmp_path / "en" / name).read_text("utf-8") for name in told}

    def test_a_measure_says_all_that_is_needed_to_cite_it(self, tmp_path: Path) -> None:
        part = Part("channel", CHANNELS[0], None, "suppressed")
        said = measure(
            "unique_images", 12, 15, value=13, unit="pictures", parts=(part,), note="Why.", definition="What."
        )
        assert report(tmp_path, contents([said]))["measures"] == [
            {
                "name": "unique_images",
                "value": 13,
                "low": 12,
                "high": 15,
                "unit": "pictures",
                "definition": "What.",
                "window": {"start": "2025-09-12T08:30:00Z", "end": "2026-07-31T21:15:00Z"},
                "completeness": 0.97,
                "parts": [{"by": "channel", "key": CHANNELS[0], "value": None, "note": "suppressed"}],
                "note": "Why.",
            }
        ]

    def test_measures_stand_in_the_order_given(self, tmp_path: Path) -> None:
        names = [said.name for said in realistic().measures]
        assert [said["name"] for said in report(tmp_path, realistic())["measures"]] == names

    def test_unknown_is_null_and_never_zero(self, tmp_path: Path) -> None:
        unknown = measure("messages", None, None, window=None, completeness=None)
        (said,) = report(tmp_path, contents([unknown]))["measures"]
        assert [said[name] for name in ("value", "low", "high", "window", "completeness")] == [None] * 5

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, pytest.param(10**5000, id="endless")])
    def test_what_no_reader_can_hold_is_unknown(self, tmp_path: Path, value: float) -> None:
        part = Part("month", "2026-01", value)
        odd = measure("messages", value, value, completeness=None, parts=(part,))
        (said,) = report(tmp_path, contents([odd]))["measures"]
        assert (said["value"], said["low"], said["high"], said["parts"][0]["value"]) == (None, None, None, None)

    def test_instants_are_in_utc(self, tmp_path: Path) -> None:
        there = datetime(2026, 11, 5, 1, 30, 59, 999_999, tzinfo=timezone(timedelta(hours=2)))
        assert report(tmp_path, contents(generated=there))["generated"] == "2026-11-04T23:30:59Z"

    def test_letters_of_every_script_stay_readable(self, tmp_path: Path) -> None:
        write_report(tmp_path, contents(title="Übersicht ✓ مرحبا"))
        assert "Übersicht ✓ مرحبا" in (tmp_path / "report.json").read_text("utf-8")


class TestMatches:
    def test_one_line_a_match_in_the_order_given(self, tmp_path: Path) -> None:
        found = [match(Tier.DERIVED, 2), match(Tier.EXACT, 0), match(Tier.NEAR, 1)]
        write_report(tmp_path, contents(matches=found, cases=1))
        lines = [json.loads(line) for line in (tmp_path / "matches.ndjson").read_text("utf-8").splitlines()]
        assert [line["tier"] for line in lines] == ["derived", "exact", "near"]
        assert lines[2] == {
            "channel": found[2].channel,
            "post": found[2].post,
            "attachment": 1,
            "case": "TU-7K3M-9QWX",
            "protection": "abcdefghijklmnopqrstuvwxyz",
            "tier": "near",
            "transform": "mirrored",
            "distance": 12,
            "inliers": None,
            "confidence": 0.994,
            "copied": None,
            "altered": None,
            "why": found[2].match.why,
        }

    def test_a_derived_match_says_how_the_picture_was_made(self) -> None:
        lies = Similarity(2 / 3, -33.3333, True, 0.123456, 1.5)
        holes = (Box(0.0, 0.25, 1 / 3, 1.0), Box(0.5, 0.0, 1.0, 0.5))
        line = match(Tier.DERIVED, derivation=derivation(inliers=41, similarity=lies, copied=(), altered=holes))
        said = json.loads(matches_ndjson([line]))
        assert said["transform"] == {"scale": 0.6667, "rotation": -33.33, "mirrored": True, "x": 0.1235, "y": 1.5}
        assert (said["distance"], said["inliers"], said["copied"]) == (None, 41, [])
        assert said["altered"] == [[0.0, 0.25, 0.3333, 1.0], [0.5, 0.0, 1.0, 0.5]]

    @given(matches)
    def test_every_match_has_the_same_fields_and_is_json(self, line: MatchLine) -> None:
        said = json.loads(matches_ndjson([line]), parse_constant=pytest.fail)
        assert set(said) == {"channel", "post", "attachment"} | set(match_fields(line.match))
        names = ("case", "protection", "tier", "transform", "distance", "inliers", "confidence", "copied", "altered")
        assert tuple(match_fields(line.match)) == (*names, "why")
        derived = line.match.derivation is not None
        assert [said[name] is not None for name in ("inliers", "copied", "altered")] == [derived] * 3

    def test_no_text_can_break_a_line_in_two(self, tmp_path: Path) -> None:
        """Not the separators of Unicode either, for readers that split at the line feed."""
        found = [match(why=text) for text in ("a\nb", "a\r\nb", "a\u2028b", "a\x85b", '"},{"')]
        write_report(tmp_path, contents(matches=found))
        lines = (tmp_path / "matches.ndjson").read_bytes().decode().split("\n")
        assert [json.loads(line)["why"] for line in lines[:-1]] == [line.match.why for line in found]


class TestTables:
    def test_the_first_row_is_the_figure_and_the_others_are_its_parts(self, tmp_path: Path) -> None:
        parts = (Part("channel", CHANNELS[0], 5), Part("channel", CHANNELS[1], None, "suppressed"))
        said = measure("messages", 7, None, parts=parts, note="Why.", definition="What.")
        window = ["2025-09-12T08:30:00Z", "2026-07-31T21:15:00Z"]
        assert rows(tmp_path, said) == [
            HEADER,
            ["", "", "", "7", "", "messages", *window, "0.97", "Why.", "What."],
            ["channel", CHANNELS[0], "5", "", "", "messages", "", "", "", "", ""],
            ["channel", CHANNELS[1], "", "", "", "messages", "", "", "", "suppressed", ""],
        ]

    @pytest.mark.parametrize(
        ("name", "by", "key", "unit"),
        [
            ("growth", "month", "2026-07", "images"),
            ("growth", "trend", "% more images each week", "% more images each week"),
            ("growth", "change", "2026-07-06", "ratio"),
            ("languages", "language", "ru", "messages with text"),
            ("languages", "channel", CHANNELS[0], "share (0 to 1)"),
            ("polls", "poll", "po-1", "voters"),
            ("reward_rules", "counter", "buttons", "buttons"),
            ("payments_floor", "currency", "XTR", "XTR"),
            ("promotion_edges", "hub", CHANNELS[0], "share (0 to 1)"),
            ("report_effect", "state", "reported median days", "days"),
            ("communities", "channel", CHANNELS[0], ""),
            ("images_shared", "month", "2026-07", "images"),
        ],
    )
    def test_each_part_has_the_unit_of_its_value(self, tmp_path: Path, name: str, by: str, key: str, unit: str) -> None:
        said = defined(name, 7, 7, Part(by, key, 1))
        assert [row[5] for row in rows(tmp_path, said)[1:]] == [said.unit, unit]

    @pytest.mark.parametrize("sign", "=+-@＝＋－＠")
    @pytest.mark.parametrize("lead", ["", " ", "\t", "\r\n", "\u00a0", "\u3000"])
    def test_a_text_that_a_spreadsheet_would_run_is_defused(self, tmp_path: Path, lead: str, sign: str) -> None:
        text = f"{lead}{sign}1+1"
        said = measure(parts=(Part(text, text, 1, text),), unit=text, note=text, definition=text)
        for row in rows(tmp_path, said)[1:]:
            assert [cell for cell in row if "1+1" in cell] == [f"'{text}"] * len(
                [cell for cell in row if "1+1" in cell]
            )
            assert "1+1" in "".join(row)

    def test_numbers_below_zero_stay_numbers(self, tmp_path: Path) -> None:
        assert rows(tmp_path, measure("growth", -12.5, -12.5))[1][2:5] == ["-12.5", "-12.5", "-12.5"]

    def test_control_characters_do_not_hide_a_formula(self, tmp_path: Path) -> None:
        assert rows(tmp_path, measure(note="\x00=1+1"))[1][9] == "\ufffd=1+1"

    def test_quotes_commas_and_line_ends_stay_in_their_cell(self, tmp_path: Path) -> None:
        note = 'a,"b",\r\nc\nd'
        assert rows(tmp_path, measure(note=note))[1][9] == note

    @given(texts)
    def test_no_cell_of_any_text_starts_as_a_formula(self, text: str) -> None:
        table = skipped_csv([SkippedLine(SkipCode.EMPTY, text, 3)])
        header, row = csv.reader(io.StringIO(table, newline=""))
        assert (header, row[0], row[2]) == (["code", "reason", "count"], "empty", "3")
        assert not row[1].lstrip().startswith(tuple("=+-@＝＋－＠"))

    @given(st.lists(st.one_of(texts, st.from_regex(r"[A-Za-z][0-9A-Za-z_-]*", fullmatch=True)), max_size=8))
    def test_what_stands_around_a_text_does_not_hide_it(self, some: list[str]) -> None:
        table = skipped_csv([SkippedLine(SkipCode.EMPTY, text, 3) for text in some])
        cells = [row[1] for row in csv.reader(io.StringIO(table, newline=""))][1:]
        shown = [clean(text) for text in some]
        assert cells == [f"'{text}" if text.lstrip().startswith(tuple("=+-@＝＋－＠")) else text for text in shown]

    def test_a_text_between_thousands_of_words_is_defused(self) -> None:
        lines = [SkippedLine(SkipCode.EMPTY, "word", number) for number in range(5000)]
        lines[4321] = SkippedLine(SkipCode.EMPTY, "word\n=1+1", 4321)
        lines[4322] = SkippedLine(SkipCode.EMPTY, "=1+1", 4322)
        cells = [row[1] for row in csv.reader(io.StringIO(skipped_csv(lines), newline=""))][1:]
        assert cells == ["word"] * 4321 + ["word\n=1+1", "'=1+1"] + ["word"] * 677

    def test_the_reasons_why_items_were_skipped_have_a_table(self, tmp_path: Path) -> None:
        write_report(tmp_path, realistic())
        table = list(csv.reader((tmp_path / "measures/skipped.csv").read_text("utf-8").splitlines()))
        assert table[:2] == [
            ["code", "reason", "count"],
            ["not-included", "the exporter was set to leave such files out", "6204"],
        ]


def test_nothing_but_what_was_given_is_in_any_file(tmp_path: Path) -> None:
    """No place on this disk, no name of this machine, no time of writing: the folder's bytes depend on nothing else."""
    hostile = [match(n=n, why=text) for n, text in enumerate(HOSTILE)]
    for place in ("one", "another"):
        write_report(tmp_path / place, replace(realistic(), matches=tuple(hostile)))
    for path in (tmp_path / "one").rglob("*.*"):
        content = path.read_bytes()
        assert content == (tmp_path / "another" / path.relative_to(tmp_path / "one")).read_bytes()
        assert str(tmp_path).encode() not in content
