"""The locales: the same keys and placeholders in each language, nothing empty, unused, promised or left in English."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tutela.web.protect
from catalogues import forms, placeholders
from tutela.web.protect.hotlines import Does, countries
from tutela.web.protect.texts import FOR_SCRIPTS, LANGUAGES, PLACEHOLDER, catalogue, direction, preferred, said

ROOM = Path(tutela.web.protect.__file__).parent
OTHERS = [code for code in LANGUAGES if code != "en"]
FORMS = {
    "en": {"one", "other"},
    "es": {"one", "many", "other"},
    "ru": {"one", "few", "many", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
FAMILIES = {
    "country_": set(countries()),
    "does_": {each.value for each in Does},
    "title_": {"start", "age", "help", "steps", "case", "lost"},
    "nav_": {"start", "help", "case"},
    "start_how_": {"1", "2", "3", "4"},
    "know_": {each + end for each in ("stored", "long", "who", "learn", "limits", "address") for end in ("", "_text")},
    "kind_": {"head", "intimate", "intimate_text", "ordinary", "ordinary_text", "text"},
    "agree_parts_": {"head", "intimate", "intimate_text", "ordinary", "ordinary_text"},
    "later_": {"head", "text", "hint", "keep"}
    | {each + end for each in ("what", "where", "others", "long") for end in ("", "_text")},
    "earlier_": {"head", "text", "hint", "go", "delete"},
    "live_": {
        *("unsupported", "hidden", "damaged", "too_large", "cancelled", "failed"),
        *("ready", "ready_exact", "intimate", "ordinary"),
        *("exact", "near", "derived", "blocked", "not_blocked", "wrong", "exit_1", "exit_2"),
    },
}
"""Beginnings of keys that are put together in the sources, and all the ends there are."""


@pytest.mark.parametrize("code", OTHERS)
class TestTranslations:
    def test_they_have_the_same_keys(self, code: str) -> None:
        assert list(catalogue(code)) == list(catalogue("en"))

    def test_they_have_the_same_placeholders(self, code: str) -> None:
        there = catalogue(code)
        assert {key: placeholders(there[key], PLACEHOLDER) for key in there} == {
            key: placeholders(entry, PLACEHOLDER) for key, entry in catalogue("en").items()
        }

    def test_no_sentence_was_left_in_english(self, code: str) -> None:
        same = [key for key, entry in catalogue("en").items() if entry == catalogue(code)[key]]
        assert set(same) <= {"done_pin", "case_pin", "live_outcome", "live_sum", "live_joined", *same_names(code)}


def same_names(code: str) -> set[str]:
    """Names of countries that are written alike."""
    alike = ("ar", "at", "au", "co", "in", "pt")
    return {f"country_{country}" for country in alike} if code == "es" else set()


@pytest.mark.parametrize("code", LANGUAGES)
class TestEachLanguage:
    def test_nothing_is_empty_or_has_a_stray_brace(self, code: str) -> None:
        for key, entry in catalogue(code).items():
            for form in forms(entry):
                assert form.strip(), key
                assert not set("{}<>") & set(PLACEHOLDER.sub("", form)), key

    def test_plural_forms_are_those_of_the_language(self, code: str) -> None:
        plural = {key: set(entry) for key, entry in catalogue(code).items() if not isinstance(entry, str)}
        assert plural
        assert all(there == FORMS[code] for there in plural.values())
        assert all(key.startswith(FOR_SCRIPTS) for key in plural)

    def test_titles_say_nothing_to_whoever_sees_a_tab_or_a_history(self, code: str) -> None:
        telling = re.compile("protect|intim|image|picture|abus|shar|imagen|защит|снимк|интим|صور|حما", re.IGNORECASE)
        titles = [said(code, key) for key in catalogue(code) if key.startswith("title_")]
        assert titles
        assert not any(telling.search(title) or len(title) > 12 for title in titles)


def test_the_words_are_those_of_people_who_help() -> None:
    """Of intimate image abuse, to you; without blame, and without a promise."""
    english = "\n".join(form for entry in catalogue("en").values() for form in forms(entry)).lower()
    assert "intimate image abuse" in english
    for word in ("revenge", "porn", "victim", "guarantee", "we will remove", "we remove", "will be removed"):
        assert word not in english
    assert "cannot promise" in said("en", "know_limits")
    assert "does not clear your browser's history" in said("en", "start_leave_text")


def test_whoever_agrees_to_parts_of_intimate_pictures_was_told_what_can_be_made_of_them() -> None:
    for code, rough in (("en", "rough picture"), ("es", "imagen aproximada"), ("ru", "приблизительное изображение"),
                        ("ar", "صورة تقريبية")):  # fmt: skip
        assert rough in said(code, "agree_parts_intimate_text")
        assert rough in said(code, "agree_parts_ordinary_text")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("en", ("the same file", "a copy", "altered", "reference", "at once", "first looked at by a person")),
        ("es", ("el mismo archivo", "una copia", "modificada", "referencia", "de inmediato", "primero la mira una")),
        ("ru", ("тот же файл", "копия", "изменённая", "номер обращения", "сразу", "сначала смотрит человек")),
        ("ar", ("الملف نفسه", "نسخة منه", "معدّلة", "الرقم المرجعي", "فورًا", "ينظر فيها شخص أولًا")),
    ],
)  # fmt: skip
def test_whoever_agrees_was_told_what_platforms_learn_and_when_they_act(code: str, told: tuple[str, ...]) -> None:
    for part in told:
        assert part in said(code, "know_learn_text"), part
    for part in told[4:]:
        assert part.split()[0] in said(code, "start_how_3"), part


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", r"\bbanks?\b|scrambled"),
        ("es", r"\bbancos?\b|publicado para ti"),
        ("ru", r"\bбанк(?!о)|\bдел(о|а|у|е|ом)\b|зашифрованном виде и только в памяти"),
        ("ar", r"بنك|حالت|الحالة"),
    ],
)
def test_no_word_has_another_and_frightening_meaning(code: str, words: str) -> None:
    """A bank of money, a criminal file, a medical condition."""
    texts = "\n".join(form for entry in catalogue(code).values() for form in forms(entry))
    assert re.findall(words, texts, re.IGNORECASE) == []


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    kinds = (".py", ".jinja", ".js")
    files = [path for path in ROOM.rglob("*") if path.suffix in kinds and "fingerprint" not in path.parts]
    sources = "\n".join(path.read_text("utf-8") for path in files)
    names = set(re.findall(r'["\'(]([a-z][a-z0-9_]*)["\')]', sources))
    built = {start + end for start, ends in FAMILIES.items() for end in ends}
    steps = {f"{step}_head" for step in ("kind", "pictures", "agree", "done")}
    known = built | steps | names | {FOR_SCRIPTS + name for name in names}
    assert set(catalogue("en")) - known == set()
    assert built | steps <= set(catalogue("en"))
    scripts = "\n".join(path.read_text("utf-8") for path in files if path.suffix == ".js")
    assert {f"live_{key}" for key in re.findall(r'\bsay\("([a-z_0-9]+)"', scripts)} <= set(catalogue("en"))


def test_what_is_put_into_a_text_is_not_filled_in_again() -> None:
    assert said("en", "run_by", operator="{operator} <b>") == "This page is run by {operator} <b>."


def test_plural_forms_are_for_scripts_alone() -> None:
    with pytest.raises(TypeError, match="plural"):
        said("en", "live_done")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"), ("*", "en"), ("de", "en"), ("es-MX,es;q=0.9,en;q=0.8", "es"), ("en;q=0.5, AR;q=0.7", "ar"),
        ("ru;q=0", "en"), ("de,ru;q=0.2", "ru"), ("en,es", "en"), ("es;q=2", "en"), ("rus", "en"),
        ("fr;q=1.0 , ar-EG ; q=0.4", "ar"),
    ],
)  # fmt: skip
def test_the_language_that_a_browser_likes_best(header: str, code: str) -> None:
    assert preferred(header) == code


@given(st.text())
def test_any_header_gives_one_of_the_languages(header: str) -> None:
    assert preferred(header) in LANGUAGES


@given(st.lists(st.sampled_from([*LANGUAGES, "de", "zh"]), max_size=6), st.data())
def test_no_other_language_of_ours_was_liked_better(codes: list[str], data: st.DataObject) -> None:
    weights = [data.draw(st.integers(0, 1000)) for _ in codes]
    header = ",".join(f"{code};q={weight / 1000:.3f}" for code, weight in zip(codes, weights, strict=True))
    liked = dict.fromkeys(LANGUAGES, 0)
    for code, weight in zip(codes, weights, strict=True):
        if code in liked:
            liked[code] = max(liked[code], weight)
    best = max(liked.values())
    assert liked[preferred(header)] == best if best else preferred(header) == "en"


def test_arabic_runs_from_right_to_left() -> None:
    assert [direction(code) for code in LANGUAGES] == ["ltr", "ltr", "ltr", "rtl"]
