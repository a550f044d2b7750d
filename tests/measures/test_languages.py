"""Languages of messages: told, abstained from, sampled."""

from msgspec.structs import replace

from measures.conftest import bounds, cells, measured, notes, observed, post
from tutela.measures import Observer
from tutela.measures.columns import LANGUAGES_AT_MOST

RUSSIAN, SPANISH, SHORT = (
    "Подскажите пожалуйста, когда будут новые правила?",
    "¿Cuándo abren la tienda del barrio?",
    "ok",
)


def said(number: int, text: str, channel: str = "ch-a"):
    return replace(post(number, channel=channel), text=text), ()


def test_texts_are_counted_by_language_and_short_ones_stand_apart() -> None:
    texts = [RUSSIAN] * 3 + [SPANISH] + [SHORT] * 4 + ["", "  "]
    found = measured(observed(said(n, text) for n, text in enumerate(texts)))["languages"]
    assert bounds(found) == (4, 4, 4)
    assert cells(found, "language") == {"ru": 3, "es": 1, "not told": 4}
    assert found.completeness == 0.5


def test_a_channel_stands_with_the_share_of_its_commonest_language() -> None:
    texts = [said(n, RUSSIAN) for n in range(3)] + [said(9, SPANISH), said(1, SHORT, "ch-b")]
    found = measured(observed(texts))["languages"]
    assert cells(found, "channel") == {"ch-a": 0.75, "ch-b": None}
    assert notes(found)["ch-a"] == "ru; 4 of 4 texts told"


def test_of_many_texts_an_even_sample_is_counted_up() -> None:
    count = 3 * LANGUAGES_AT_MOST
    texts = [said(n, RUSSIAN if n % 4 else SPANISH) for n in range(count)]
    seen = observed(texts)
    (spoken,) = seen.spoken
    assert (spoken.texts, spoken.every) == (count, 4)
    found = measured(seen)["languages"]
    assert found.value == count
    assert abs(cells(found, "language")["es"] / count - 0.25) < 0.04
    assert "samples" in found.note


def test_the_sample_does_not_depend_on_the_order() -> None:
    texts = [said(n, RUSSIAN if n % 3 else SHORT) for n in range(2 * LANGUAGES_AT_MOST)]
    one, other = Observer(), Observer()
    for each, images in texts:
        one.post(each, images)
    for each, images in reversed(texts):
        other.post(each, images)
    assert measured(one.finish())["languages"] == measured(other.finish())["languages"]
