"""The screen may let a text through for nothing, but must never hold one back in which something is found."""

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st
from scoring import LABELLED, rows

from tutela.texts import candidates, minor_signals, offers, reward_rules
from tutela.texts.words import lexicon

READERS = (offers, reward_rules, minor_signals)
WORDS = sorted({*lexicon().spelled, *lexicon().exact, *(" ".join(phrase) for phrase, _ in lexicon().spaced())})
SHAPES = (
    "{}",
    "{}!",
    "({})",
    "«{}»",
    "5{}",
    "{}12",
    "15 {}",
    "1.50 {}",
    "٧ {}",
    "𝟓 {}",
    "_{}_",
    "{}\ufe0f",
    "ال{}",
    "18",
    "a",
)
pieces = st.one_of(
    st.builds(str.format, st.sampled_from(SHAPES), st.sampled_from(WORDS)),
    st.builds(str.upper, st.sampled_from(WORDS)),
    st.text(max_size=8),
)
texts = st.builds(" ".join, st.lists(pieces, max_size=9))


def held_back(given_texts: list[str]) -> list[tuple[str, str]]:
    """Readers with the texts in which they find something, though the screen says that they cannot."""
    found = candidates(given_texts)
    return [
        (read.__name__, text)
        for read, passed in zip(READERS, found, strict=True)
        for place, text in enumerate(given_texts)
        if place not in passed and read(text)
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(texts, max_size=12))
def test_no_text_in_which_something_is_found_is_held_back(some: list[str]) -> None:
    assert held_back(some) == []


def test_no_labelled_text_is_held_back() -> None:
    every = list(
        itertools.chain.from_iterable([row["text"] for row in rows(half.stem)] for half in LABELLED.glob("*.ndjson"))
    )
    assert len(every) > 1_300
    assert held_back(every) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(texts, max_size=6))
@example(["!compré12", "SAR"])
def test_what_is_said_of_a_text_does_not_depend_on_its_neighbours(some: list[str]) -> None:
    together = candidates(some)
    for kind, passed in enumerate(together):
        assert passed == {place for place, text in enumerate(some) if candidates([text])[kind]}


def test_most_small_talk_is_held_back() -> None:
    talk = ["good morning everyone", "завтра в кино?", "¿quién viene mañana?", "ok", "", "👍", "see you at the lake 🙂"]
    assert candidates(talk) == (frozenset(), frozenset(), frozenset())


def test_long_texts_are_looked_at_to_their_end() -> None:
    long = ["a b " * 40_000 + "100 €", "word " * 30_000, "x" * 300_000 + " 12 coins for $1.50"]
    assert candidates(long).offers == {0, 2}
