"""Sentences that code wrote are known by the English catalogue and said in the reader's language, or marked."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from measures.conftest import ABSENT, NOWHEN, PHOTO, local, observed, post, reading, utc
from report.examples import realistic
from report.strategies import HOSTILE, notes, texts
from tutela.measures import Observations, measure_all
from tutela.model import Forward, Link, LinkKind, Money, PostKind, Pseudonym
from tutela.report.catalogue import LANGUAGES
from tutela.report.notes import english, joined, said


@pytest.mark.parametrize(
    ("text", "english_text", "spanish"),
    [
        ("", "", ""),
        ("read 2026-07-31", "read 31 July 2026", "leído el 31 de julio de 2026"),
        ("fewer than 10: suppressed; read 2026-07-31", "fewer than 10: suppressed; read 31 July 2026",
         "menos de 10: omitido; leído el 31 de julio de 2026"),
        ("voters; one choice, closed", "voters; one choice, closed", "votantes; una opción, cerrada"),
        ("voters unknown; choices unknown, open when read", "voters unknown; choices unknown, open when read",
         "votantes desconocidos; opciones desconocidas, abierta al leerla"),
        ("ru; 1604 of 2048 texts told", "ru; 1,604 of 2,048 texts told".replace("ru", "Russian"),
         "ruso; 1604 de 2048 textos determinados"),
        ("1.02e+03 to 1.65e+03 (95 %)", "1,020 to 1,650 (95 %)", "de 1020 a 1650 (95 %)"),
        ("1 without a date is in no month.", "1 without a date is in no month.", "1 sin fecha no está en ningún mes."),
        ("345 images by the end of 2025-10, 11 by the end of 2026-06. 2 without a date are in no month.",
         "345 images by the end of October 2025, 11 by the end of June 2026. 2 without a date are in no month.",
         "345 imágenes al final de octubre de 2025, 11 al final de junio de 2026. 2 sin fecha no están en ningún mes."),
        ("The same picture, rotated by 90°; its bytes differ.",
         "The same picture, turned 90° to the left; its bytes differ.",
         "La misma imagen, girada 90° a la izquierda; sus bytes difieren."),
        ("Made from the protected picture: about 70 % of it reappears, 30 % was replaced, mirrored, turned by -33°.",
         "Made from the protected picture: about 70 % of it reappears, 30 % was replaced, mirrored, turned by −33°.",
         "Hecha de la imagen protegida: reaparece cerca del 70\xa0%, se sustituyó el 30\xa0%, reflejada, girada −33°."),
    ],
)  # fmt: skip
def test_known_sentences_are_said_with_numbers_and_dates(text: str, english_text: str, spanish: str) -> None:
    assert (str(said("en", text)), str(said("es", text)).replace("\xa0%", "\xa0%")) == (english_text, spanish)
    assert not any(foreign for _, foreign in said("es", text).pieces)


def test_an_unknown_sentence_stays_as_it_is_and_is_marked() -> None:
    found = said("ru", "12 images by magic. Nobody knows.")
    assert found.pieces == (("12 images by magic. Nobody knows.", True),)
    assert str(found.__html__()) == '<span lang="en">12 images by magic. Nobody knows.</span>'
    assert said("en", "Nobody knows.").pieces == (("Nobody knows.", False),)


def test_what_follows_a_known_sentence_is_marked_alone() -> None:
    assert said("es", "No message with a number was read. And then this.").pieces == (
        ("No se leyó ningún mensaje con número. ", False),
        ("And then this.", True),
    )


def test_a_word_that_only_begins_like_a_sentence_is_none() -> None:
    assert said("es", "votersome").pieces == (("votersome", True),)


@pytest.mark.parametrize("code", LANGUAGES)
@given(text=texts | notes | st.lists(notes, min_size=2, max_size=3).map("; ".join))
def test_any_text_is_said_without_loss(code: str, text: str) -> None:
    """A text that nothing recognises comes back whole, whatever it holds."""
    found = said(code, text)
    assert bool(found) is bool(text)
    if all(foreign for _, foreign in found.pieces):
        assert str(found) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_strangers_are_escaped(text: str) -> None:
    shown = str(joined("<", said("ru", text), english(text)).__html__())
    assert shown.startswith("&lt;")
    assert "<script" not in shown
    assert "<img" not in shown


TEXT = "100 ₽ за 100 фото на 7 дней. Invite 3 friends and get 5 tokens. мне 16 лет"
TIMES = (
    utc("2019-01-05T00:00:00"),
    utc("2026-05-01T00:00:00"),
    utc("1970-01-01T00:00:00"),
    local("2026-05-01T09:00:00"),
)
PAID = [Money(Decimal(amount), code) for amount, code in ((-5, "XTR"), (7, "USD"))]
SEEN = [
    *(replace(post(n, when, PHOTO, PHOTO), text=TEXT) for n, when in enumerate((*TIMES, NOWHEN), 40)),
    *(replace(post(n, TIMES[1], kind=PostKind.SERVICE), paid=paid) for n, paid in enumerate(PAID, 60)),
    replace(post(70, TIMES[1], PHOTO, channel="ch-b"), forwarded=Forward(Pseudonym("ch-far")), buttons=("👍 41",)),
    replace(post(71, TIMES[0], channel="ch-b"), links=(Link(LinkKind.MENTION, Pseudonym("ch-a")),)),
]
OBSERVED = {
    "nothing": observed(),
    "one post": observed([(post(1, TIMES[1], PHOTO), [ABSENT])]),
    "many": observed(
        [(each, [ABSENT] * len(each.attachments)) for each in SEEN],
        [reading("ch-a", 7, "2026-05-01"), reading("ch-b", None), reading("ch-c", 5000)],
    ),
}
"""Observations of which measures have much to note."""


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("seen", OBSERVED.values(), ids=list(OBSERVED))
def test_every_sentence_that_a_measure_itself_writes_is_known(code: str, seen: Observations) -> None:
    texts = [text for one in measure_all(seen) for text in (one.note, *(part.note for part in one.parts))]
    assert {text for text in texts for _, foreign in said(code, text).pieces if foreign} == set()


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_sentence_of_the_measures_of_an_investigation_is_known(code: str) -> None:
    said_by_measures = [text for one in realistic().measures for text in (one.note, *(part.note for part in one.parts))]
    said_by_matches = [line.match.why for line in realistic().matches]
    unknown = {text for text in said_by_measures + said_by_matches for _, foreign in said(code, text).pieces if foreign}
    assert unknown == set()
