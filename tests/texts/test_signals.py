"""Signals that somebody may be under age: stated ages, words, school; never ages of things or lengths of time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.model import Sign
from tutela.texts import minor_signals


@pytest.mark.parametrize(
    "text",
    [
        "ей 16 лет",
        "мне 17, пиши",
        "16-летняя",
        "шестнадцать лет девушке",
        "15 y.o.",
        "she's 15yo",
        "she is 16 years old",
        "im 14",
        "aged 13",
        "tiene 14 años",
        "chica de 15 años",
        "tem 15 anos",
        "ho 16 anni",
        "sie ist 15 Jahre alt",
        "15-jährige",
        "їй 15 років",
        "عمرها ١٥ سنة",
    ],
)
def test_stated_ages(text: str) -> None:
    (found,) = minor_signals(text)
    assert found.sign is Sign.STATED_AGE


@pytest.mark.parametrize("text", ["underage", "несовершеннолетняя", "menor de edad", "minderjährig", "she is a minor"])
def test_words(text: str) -> None:
    (found,) = minor_signals(text)
    assert found.sign is Sign.WORD


@pytest.mark.parametrize("text", ["schoolgirl", "одноклассница", "учусь в 9 классе", "10th grade girl", "Schülerin"])
def test_school(text: str) -> None:
    (found,) = minor_signals(text)
    assert found.sign is Sign.SCHOOL


@pytest.mark.parametrize(
    "text",
    [
        "14 years of experience",
        "17 лет на рынке",
        "опыт 14 лет",
        "14 days left",
        "14 дней",
        "18+",
        "18 лет",
        "our channel is 5 years old",
        "my dog is 14 years old",
        "15 Jahre Garantie",
        "tengo 16 años de experiencia",
        "16 anni di esperienza",
        "10 лет назад",
        "через 10 лет",
        "I'm 15 minutes late",
        "no minors",
        "a minor bug",
        "школьные учебники",
        "",
    ],
)
def test_what_is_no_signal(text: str) -> None:
    assert minor_signals(text) == ()


SCRAPS = st.lists(
    st.sampled_from(
        ["16", "лет", "years", "old", "im", "schoolgirl", "no", "minor", "9", "класс", ",", "-", "١٥", "\n"]
    )
)


@given(st.text(max_size=300) | SCRAPS.map(" ".join))
@settings(max_examples=300, deadline=None)
def test_no_text_does_harm(text: str) -> None:
    for signal in minor_signals(text):
        assert 0 <= signal.start < signal.end <= len(text)


@pytest.mark.parametrize("scrap", ["16 лет ", "schoolgirl ", "im 14 ", "9 ", "15-"])
def test_time_grows_with_the_length_only(scrap: str) -> None:
    start = time.process_time()
    minor_signals(scrap * (100_000 // len(scrap)))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text", ["наращивать выручку в течение 10 лет", "в ближайшие 15 лет рынок вырастет", "in den nächsten 10 Jahren"]
)
def test_a_length_of_time_is_no_age(text: str) -> None:
    assert minor_signals(text) == ()
