"""The catalogues: the same keys and placeholders in each language, nothing empty, unused or left in English."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest

import tutela.report
from catalogues import forms, placeholders
from report.examples import DEFINED, contents, match, measure, realistic
from report.tree import Node, read
from tutela.cli.scan import LANGUAGES as OFFERED
from tutela.measures import MEASURES
from tutela.measures.columns import EDGE_KINDS, ORIGINS, ROLES
from tutela.measures.effect import HORIZONS, RECOVERY
from tutela.model import Bound, ChannelKind, ChannelState, Deed, PostKind, Sign, SkipCode, Tier, Unit
from tutela.report import SkippedLine, write_report
from tutela.report.catalogue import LANGUAGES, PLACEHOLDER, catalogue, category
from tutela.report.notes import PREFIX
from tutela.report.sections.dictionary import EVIDENCE, OBSERVED
from tutela.sources.desktop import _REFUSED, PRIVATE_SECTIONS
from tutela.texts.language import LANGUAGES as TOLD

FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}, "es": {"one", "many", "other"}}
OTHERS = [code for code in LANGUAGES if code != "en"]

ROOM = Path(tutela.report.__file__).parent
SOURCES = "\n".join(path.read_text("utf-8") for path in sorted(ROOM.rglob("*")) if path.suffix in (".py", ".jinja"))

FAMILIES: Mapping[str, set[str]] = {
    "label_": set(MEASURES),
    "define_": set(MEASURES),
    "unit_": set(MEASURES),
    "skip_": {code.value for code in SkipCode},
    "tier_": {tier.value for tier in Tier} | {f"meaning_{tier.value}" for tier in Tier},
    "matches_": {tier.value for tier in Tier},
    "language_": set(TOLD),
    "refused_": {*PRIVATE_SECTIONS, *_REFUSED, "person", "unknown_type"},
    "source_": {"telegram-desktop", "telethon", "ndjson", "folder"},
    "goods_": {*(unit.value for unit in Unit), *(f"any_{unit.value}" for unit in Unit)},
    "deed_": {deed.value for deed in Deed},
    "month_": {str(n) for n in range(1, 13)},
    "month_of_": {str(n) for n in range(1, 13)},
    "month_short_": {str(n) for n in range(1, 13)},
    "orientation_": {
        "as-is", "rotated-90", "rotated-180", "rotated-270", "mirrored", "flipped", "transposed", "transversed",
    },
    "is_kind_": {*(kind.value for kind in (*ChannelKind, *EDGE_KINDS)), "photo", "image_document"},
    "is_state_": {state.value for state in ChannelState}
    | {f"{who}_within_{days}_days" for who, days in product(("reported", "unreported", "back"), HORIZONS)}
    | {f"{who}_median_days" for who in ("reported", "unreported", "back")},
    "is_members_": {f"after_{RECOVERY}_days"},
    "is_post_kind_": {kind.value for kind in PostKind},
    "is_role_": {role.value for role in ROLES},
    "is_origin_": {origin.value for origin in ORIGINS},
    "is_sign_": {sign.value for sign in Sign},
    "file_": {"report_html", "report_json", "matches_ndjson"},
    "file_evidence_": set(EVIDENCE),
    "file_observations_": set(OBSERVED),
}  # fmt: skip
"""Beginnings of keys that end with a name from the data, and all the names there are."""

FROM_DATA = (PREFIX, "is_", "by_", "currency_", "column_")
"""Beginnings of keys that end with a name from the data, which is no enumeration."""


ENGLISH = re.compile(r"\b(?:the|of|and|is|are|was|were|which|that|from|with|not|for)\b")
"""Words that no sentence in another of the languages has."""


@pytest.mark.parametrize("code", OTHERS)
class TestTranslations:
    def test_they_have_the_same_keys(self, code: str) -> None:
        assert set(catalogue(code)) == set(catalogue("en"))

    def test_they_have_the_same_placeholders(self, code: str) -> None:
        there = catalogue(code)
        assert {key: placeholders(there[key], PLACEHOLDER) for key in there} == {
            key: placeholders(entry, PLACEHOLDER) for key, entry in catalogue("en").items()
        }

    def test_they_have_plural_forms_where_english_has(self, code: str) -> None:
        there = catalogue(code)
        assert [
            key for key, entry in catalogue("en").items() if isinstance(entry, str) != isinstance(there[key], str)
        ] == []

    def test_no_sentence_was_left_in_english(self, code: str) -> None:
        same = [
            key
            for key, entry in catalogue("en").items()
            if isinstance(entry, str) and entry == catalogue(code)[key] and re.search(r"[a-z]{3,} [a-z]{3,}", entry)
        ]
        assert same == []


@pytest.mark.parametrize("code", LANGUAGES)
class TestEveryCatalogue:
    def test_no_text_is_empty_or_padded(self, code: str) -> None:
        separators = {"number_group", "number_decimal"}
        texts = [
            (key, form) for key, entry in catalogue(code).items() for form in forms(entry) if key not in separators
        ]
        assert [key for key, form in texts if not form or form != form.strip(" \n")] == []

    def test_plural_forms_are_those_of_the_language(self, code: str) -> None:
        tables = {key: set(entry) for key, entry in catalogue(code).items() if not isinstance(entry, str)}
        assert {key: found for key, found in tables.items() if found - {"none"} != FORMS[code]} == {}

    def test_braces_are_placeholders(self, code: str) -> None:
        texts = [(key, form) for key, entry in catalogue(code).items() for form in forms(entry)]
        assert [key for key, form in texts if re.search("[{}]", PLACEHOLDER.sub("", form))] == []

    def test_each_form_is_one_that_numbers_have(self, code: str) -> None:
        found = {category(code, n) for n in (0, 1, 2, 5, 11, 21, 22, 112, 1.5, 10**6, 3 * 10**6)}
        assert found == FORMS[code]


def test_every_name_that_the_program_gives_has_its_words() -> None:
    keys = set(catalogue("en"))
    assert {f"{start}{name}" for start, names in FAMILIES.items() for name in names} - keys == set()


def test_every_key_is_used() -> None:
    """Said by its name in the source, or made of a beginning there and a name that is known."""
    there = set(re.findall(r"""["']([A-Za-z0-9_-]+)["']|\b([a-z_]+)=""", SOURCES))
    there = {name for names in there for name in names}
    made = [
        re.compile(re.sub(r"\\\{.*?\\\}", "([A-Za-z0-9_-]+)", re.escape(form)))
        for form in set(re.findall(r'f"([a-z_]+\{[^"]*)"', SOURCES))
    ]
    known = {f"{start}{name}" for start, names in FAMILIES.items() for name in names}

    def used(key: str) -> bool:
        if re.search(rf"""["']{re.escape(key)}["']""", SOURCES) or key in known:
            return True
        found = [match for form in made if (match := form.fullmatch(key))]
        return any(key.startswith(FROM_DATA) or set(match.groups()) <= there for match in found)

    assert [key for key in catalogue("en") if not key.startswith(PREFIX) and not used(key)] == []


def test_the_english_definitions_and_units_are_the_programs_own() -> None:
    """A definition that changes in the program has to be translated anew: change it in every catalogue."""
    en = catalogue("en")
    assert {name: en[f"define_{name}"] for name in MEASURES} == {
        name: said.definition for name, said in DEFINED.items()
    }
    for name, said in DEFINED.items():
        unit = en[f"unit_{name}"]
        assert not isinstance(unit, str)
        assert unit["other"] == said.unit.removeprefix("% ").removeprefix("share ")


def test_the_languages_offered_are_those_that_there_are() -> None:
    assert OFFERED == LANGUAGES
    assert sorted(path.stem for path in (ROOM / "locales").iterdir()) == sorted(LANGUAGES)


def test_bounds_and_prices_are_all_known() -> None:
    assert {f"price_{bound.value}" for bound in Bound} <= set(catalogue("en"))


def own_texts(node: Node) -> Iterator[str]:
    """The texts of a page that are not marked as English and are no names of files and columns; plots included."""
    for part in node.inside:
        if isinstance(part, str):
            yield " ".join(part.split())
        elif (
            part.attributes.get("lang") != "en" and part.tag != "code" and "id" not in part.attributes.get("class", "")
        ):
            yield from own_texts(part)


@pytest.mark.parametrize("code", OTHERS)
class TestPages:
    def test_nothing_english_is_left_but_what_is_marked(self, tmp_path: Path, code: str) -> None:
        skipped = tuple(SkippedLine(each, "anything", 1) for each in SkipCode)
        said = realistic(code)
        write_report(
            tmp_path,
            contents(
                said.measures,
                said.matches,
                sources=said.sources,
                skipped=skipped,
                cases=2,
                lang=code,
                evidence=said.evidence,
            ),
        )
        page = read((tmp_path / "report.html").read_text("utf-8"))
        own = set(own_texts(page.one("body"))) - {said.title}
        english = {form for entry in catalogue("en").values() for form in forms(entry)}
        translated = {form for entry in catalogue(code).values() for form in forms(entry)}
        assert own & (english - translated) == set()
        sentences = [text for text in own if ENGLISH.search(text)]
        assert sentences == []

    def test_an_empty_page_too(self, tmp_path: Path, code: str) -> None:
        write_report(tmp_path, contents(lang=code))
        own = own_texts(read((tmp_path / "report.html").read_text("utf-8")).one("body"))
        assert [text for text in own if ENGLISH.search(text)] == []

    def test_what_nobody_translated_is_marked_as_english(self, tmp_path: Path, code: str) -> None:
        strange = measure("something_new", 3, 4, unit="things", definition="What is new.", note="Nobody knows this.")
        write_report(tmp_path, contents([strange], [match(why="For a reason.")], cases=1, lang=code))
        page = read((tmp_path / "report.html").read_text("utf-8"))
        marked = {node.text for node in page.all("span") if node.attributes.get("lang") == "en"}
        assert {"Something new", "things", "What is new.", "Nobody knows this.", "For a reason."} <= marked


def test_nothing_is_marked_on_a_page_that_is_english(tmp_path: Path) -> None:
    write_report(tmp_path, realistic())
    page = read((tmp_path / "report.html").read_text("utf-8"))
    assert not [node for node in page.one("body").all() if "lang" in node.attributes]
