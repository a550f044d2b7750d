"""Languages of short texts: right where one is told, and none told where nobody could."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.texts import LANGUAGES, language

HELD = Path(__file__).parent / "labelled" / "held.ndjson"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Подскажите пожалуйста, когда обновление", "ru"),
        ("дякую за підписку на канал", "uk"),
        ("thanks, see you at the market tomorrow", "en"),
        ("gracias a todos por venir ayer", "es"),
        ("obrigado pela ajuda, pessoal", "pt"),
        ("grazie a tutti, ci vediamo domani", "it"),
        ("wir sehen uns morgen auf dem Markt", "de"),
        ("شكرا لكم جميعا على المساعدة", "ar"),
    ],
)
def test_a_sentence_is_told(text: str, code: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    "text", ["", "ok", "+", "haha", "👍👍👍", "12 500", "@someone @other", "https://example.org/a/long/path", "x" * 50]
)
def test_what_is_no_language_or_too_short_is_not_told(text: str) -> None:
    assert language(text) is None


def test_links_and_handles_do_not_speak() -> None:
    assert language("https://example.org/gracias-a-todos-por-venir @muchas_gracias thanks for coming everybody") == "en"


def test_on_short_chat_texts_that_nothing_was_tuned_on_it_is_nearly_always_right() -> None:
    """The half of the labelled offers that was not used for building; two thirds are prices and hardly words."""
    rows = [json.loads(line) for line in HELD.read_text("utf-8").splitlines()]
    told = [(row["lang"], found) for row in rows if (found := language(row["text"]))]
    assert len(told) >= 0.75 * len(rows)
    assert sum(code == found for code, found in told) >= 0.95 * len(told)
    every = Counter(code for code, _ in told)
    for code, count in every.items():
        assert sum(found == code for of, found in told if of == code) >= 0.85 * count, code


@given(st.text(max_size=200))
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    assert language(text) in (*LANGUAGES, None)
