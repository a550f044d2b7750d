"""Amounts: how they are written, in digits and in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.texts import counter, offers, reward_rules
from tutela.texts.offers import amounts


def amount(text: str) -> tuple[Decimal, str] | None:
    found = [each.offer.price for each in amounts(text)]
    return (found[0].amount, found[0].currency) if len(found) == 1 else None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.500", "1500"),
        ("1,500", "1500"),
        ("1 500", "1500"),
        ("1\u00a0500", "1500"),
        ("1.50", "1.50"),
        ("1,5", "1.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("0.125", "0.125"),
        ("2k", "2000"),
        ("1.5к", "1500"),
        ("2 тыс", "2000"),
        ("2 тыс.", "2000"),
        ("2 mil", "2000"),
        ("3 Tsd", "3000"),
        ("1,2 млн", "1200000"),
        ("٢٥", "25"),
        ("𝟓𝟎", "50"),
    ],
)
def test_digits(written: str, value: str) -> None:
    assert amount(f"bike {written} €") == (Decimal(value), "EUR")


@pytest.mark.parametrize("written", ["12.05.2023", "1.2.3", "1,23,456.7.8", "0", "0,00", "9" * 40, "1000000000000"])
def test_no_amounts(written: str) -> None:
    assert offers(f"bike {written} €") == ()


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("five hundred and twenty-one dollars", "521 USD"),
        ("one thousand two hundred dollars", "1200 USD"),
        ("two dozen dollars", "24 USD"),
        ("две тысячи пятьсот рублей", "2500 RUB"),
        ("сто двадцать пять рублей", "125 RUB"),
        ("полторы тысячи рублей", "1500 RUB"),
        ("тысяча рублей", "1000 RUB"),
        ("п'ятсот сорок гривень", "540 UAH"),
        ("treinta y cinco euros", "35 EUR"),
        ("dos mil quinientos euros", "2500 EUR"),
        ("cento e vinte e cinco reais", "125 BRL"),
        ("duemila euro", "2000 EUR"),
        ("centoventuno euro", "121 EUR"),
        ("zweihundertfünfundzwanzig Euro", "225 EUR"),
        ("tausend Euro", "1000 EUR"),
        ("مئة وخمسة وعشرون دولارا", "125 USD"),
        ("ثلاثة آلاف دولار", "3000 USD"),
    ],
)
def test_words(words: str, value: str) -> None:
    number, code = value.split()
    assert amount(words) == (Decimal(number), code)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("C$50", "CAD"),
        ("MX$ 50", "MXN"),
        ("R$ 50", "BRL"),
        ("US$50", "USD"),
        ("50 zł", "PLN"),
        ("50 tl", "TRY"),
        ("50 quid", "GBP"),
        ("50 баксов", "USD"),
        ("50 бел. руб.", "BYN"),
        ("50 pesos argentinos", "ARS"),
        ("50 ريال سعودي", "SAR"),
        ("50 usdt", "USDT"),
        ("50 звёзд", "XTR"),
        ("⭐️ 50", "XTR"),
        ("CHF 50", "CHF"),
    ],
)
def test_currencies(written: str, code: str) -> None:
    assert amount(f"VIP {written}") == (50, code)


@pytest.mark.parametrize(
    ("written", "value"),
    [("косарь", "1000 RUB"), ("пятихатку", "500 RUB"), ("a fiver", "5 GBP"), ("3 косаря", "3000 RUB")],
)
def test_names_of_sums(written: str, value: str) -> None:
    number, code = value.split()
    assert amount(f"вип за {written}") == (Decimal(number), code)


def test_pounds_and_pence() -> None:
    assert amount("the album for 6 pounds 50") == (Decimal("6.50"), "GBP")


@given(st.integers(1, 999_999))
def test_grouped_and_plain_digits_are_one_number(number: int) -> None:
    plain, grouped = f"VIP {number} €", f"VIP {number:,} €"
    assert amount(plain) == amount(grouped) == amount(grouped.replace(",", ".")) == (number, "EUR")
    assert amount(grouped.replace(",", " ")) == (number, "EUR")


@given(st.integers(2, 999))
def test_german_and_italian_compounds(number: int) -> None:
    from tutela.texts.words import german, italian

    assert amount(f"VIP {german(number)} Euro") == (number, "EUR")
    assert amount(f"VIP {italian(number)} euro") == (number, "EUR")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("up to 5 €", "at_most"),
        ("no more than 5 €", "at_most"),
        ("5 € max", "at_most"),
        ("bis zu 5 €", "at_most"),
        ("не больше 5 €", "at_most"),
        ("fino a 5 €", "at_most"),
        ("hasta 5 €", "at_most"),
        ("até 5 €", "at_most"),
        ("حتى 5 €", "at_most"),
        ("ما أدفع أكثر من 5 €", "at_most"),
        ("from 5 €", "at_least"),
        ("ab 5 €", "at_least"),
        ("5 €+", "at_least"),
        ("не меньше 5 €", "at_least"),
        ("a partire da 5 €", "at_least"),
        ("5-10 €", "at_least"),
        ("$5-10", "at_least"),
        ("€5–€10", "at_least"),
        ("entre 5 y 10 €", "at_least"),
        ("von 5 bis 10 €", "at_least"),
        ("5 €", "exact"),
    ],
)
def test_bounds(text: str, bound: str) -> None:
    (offer,) = offers(text)
    assert (offer.price.amount, offer.bound.value) == (5, bound)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("selling a lamp, R350, collect today", (Decimal(350), "ZAR")),
        ("selling a fridge, R2 400, collect today", (Decimal(2400), "ZAR")),
        ("vendo silla, Q175 nada más", (Decimal(175), "GTQ")),
        ("fresh rolls 45p each, come by", (Decimal("0.45"), "GBP")),
        ("selling mangoes J$300 a bag", (Decimal(300), "JMD")),
        ("Verkaufe Regal, 45,- €", (Decimal(45), "EUR")),
        ("vendo scarpe per Fr. 60.–", (Decimal(60), "CHF")),
        ("vendo miele a sette euro e cinquanta il vasetto", (Decimal("7.5"), "EUR")),
        ("للبيع عسل بـ 4.500 د.ك", (Decimal("4.5"), "KWD")),
        ("للبيع عسل بـ ٢٫٢٥٠ ر.ع", (Decimal("2.25"), "OMR")),
        ("للبيع كرسي 400ج.م", (Decimal(400), "EGP")),
        ("Verkaufe das Sofa jetzt von 90 auf 70 € runtergesetzt", (Decimal(70), "EUR")),
        ("vendo jabones a 2,50 cada uno (euros)", (Decimal("2.50"), "EUR")),
    ],
)
def test_signs_stand_in_many_places(text: str, expected: tuple[Decimal, str]) -> None:
    assert amount(text) == expected


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("vendo gorras 8 €, bufandas 12", [8, 12]),
        ("Verkaufe die Lampe für 20 Euro, den Tisch für 55.", [20, 55]),
        ("продам шапку за 400 рублей, а шарф за 600", [400, 600]),
        ("selling prints, 20 £ each, or two for 35", [20, 35]),
        ("Hundefrisur kostet ab 35, mit Bad ab 50 €", [35, 50]),
        ("selling prints, 9 € for four", [9]),
        ("selling mugs 12 €, open from 9 to 17", [12]),
    ],
)
def test_a_currency_may_be_said_once(text: str, amounts: list[int]) -> None:
    assert [offer.price.amount for offer in offers(text)] == amounts


@given(
    st.from_regex(r"\+?[1-9][0-9]{9,15}", fullmatch=True) | st.from_regex(r"[1-9][0-9]{6}[1-9]", fullmatch=True),
    st.sampled_from(
        ["Киви {} ₽ 300", "{} рублей", "500 руб за {} фото", "VIP $5 for {} days", "invite {} friends, get 5 coins",
         "invite 3 friends and get {} coins", "👍 {}", "Waiting – {}", "up to {} euro", "100–{} €", "{} 000 грн"]
    ),
)  # fmt: skip
def test_no_number_of_a_telephone_a_card_or_an_account_becomes_a_figure(number: str, template: str) -> None:
    text = template.format(number)
    told = {each for offer in offers(text) for each in (offer.price.amount, offer.quantity, offer.days)}
    told |= {each for rule in reward_rules(text) for each in (rule.count, rule.reward)} | {counter(text)}
    assert not [each for each in told if each is not None and number.lstrip("+") in str(each)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 000 000 ₽", 5_000_000),
        ("250 000 000 VND", 250_000_000),
        ("1.23456789 ETH", Decimal("1.23456789")),
        ("Viber +7 (916) 123-45-67, 300 ₽", 300),
    ],
)
def test_large_and_exact_amounts_are_no_numbers_of_people(text: str, value: Decimal) -> None:
    assert [each.offer.price.amount for each in amounts(text)] == [value]
