"""Offers, payments and rewards as figures, with the evidence behind them."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from measures.conftest import cells, measured, notes, observed, post, ref
from tutela.measures import Observations, evidence
from tutela.model import Money, Post, PostKind, Reaction

PRICE = "100 ₽ за 100 фото на 7 дней"


def said(number: int, text: str = "", channel: str = "ch-a", **more: object) -> Post:
    return replace(post(number, channel=channel), text=text, **more)


def seen(*posts: Post) -> Observations:
    return observed((each, ()) for each in posts)


def test_the_same_offer_in_other_words_is_one_price_and_counts_each_time() -> None:
    found = measured(seen(said(1, PRICE), said(2, "100 RUB for 100 images over 7 days"), said(3, "hello")))["offers"]
    assert (found.value, found.low, found.high) == (2, 1, 3)
    assert cells(found, "price") == {"100 RUB for 100 image over 7 days": 2}
    assert cells(found, "currency") == {"RUB": 2}
    assert cells(found, "origin") == {"text": 2}


def test_buttons_and_invoices_offer_too_and_a_button_with_a_count_does_not() -> None:
    invoice = Money(Decimal("4.99"), "USD")
    measures = measured(seen(said(1, buttons=("12 coins — $1.50", "👍 41")), said(2, asked=invoice)))
    assert cells(measures["offers"], "origin") == {"button": 1, "invoice": 1}
    assert (measures["offers"].low, measures["offers"].high) == (1, 3), "the invoice is sure"
    assert "4.99 USD" in cells(measures["offers"], "price")
    assert cells(measures["reward_rules"], "counter") == {"buttons": 1}
    assert notes(measures["reward_rules"], "counter") == {"buttons": "adding up to 41"}


def test_what_was_paid_adds_up_by_currency_and_refunds_are_taken_off() -> None:
    stars = said(1, reactions=(Reaction("paid", 25), Reaction("👍", 3)))
    paid = [said(n, kind=PostKind.SERVICE, paid=Money(Decimal(amount), "XTR")) for n, amount in ((2, 50), (3, -50))]
    found = measured(seen(stars, *paid))["payments_floor"]
    assert (found.value, found.low, found.high, found.unit) == (25, 25, None, "XTR")
    assert notes(found, "currency") == {"XTR": "fewer than 10 payments"}


def test_more_refunds_than_payments_are_no_debt() -> None:
    """Whoever got money back had paid it where nobody saw it."""
    refund = said(1, kind=PostKind.SERVICE, paid=Money(Decimal(-50), "XTR"))
    found = measured(seen(refund))["payments_floor"]
    assert (found.value, found.low, found.high) == (0, 0, None)
    assert cells(found, "currency") == {"XTR": 0}
    assert found.note == "More was refunded than was seen paid: that counts as 0."


def test_two_currencies_are_not_added_up() -> None:
    paid = [said(n, kind=PostKind.SERVICE, paid=Money(Decimal(5), code)) for n, code in enumerate(("USD", "EUR"))]
    found = measured(seen(*paid))["payments_floor"]
    assert (found.value, found.unit) == (None, "by currency")
    assert cells(found, "currency") == {"EUR": 5, "USD": 5}


def test_a_price_that_is_only_stated_is_no_payment() -> None:
    assert measured(seen(said(1, PRICE)))["payments_floor"].value == 0


def test_reward_rules_are_counted_in_plain_words() -> None:
    found = measured(seen(*(said(n, "Invite 3 friends and get 5 tokens") for n in range(2))))["reward_rules"]
    assert found.value == 2
    assert cells(found, "rule") == {"5 coin for 3 invite": 2}


def test_no_offer_found_is_still_read_by_rules() -> None:
    assert "which miss some" in measured(seen(said(1, "hello")))["offers"].note


def test_signals_count_messages_and_not_words() -> None:
    found = measured(seen(said(1, "мне 16 лет, учусь в 9 классе"), said(2, "ей 25 лет")))["minor_signals"]
    assert found.value == 1
    assert sum(value or 0 for value in cells(found, "sign").values()) >= 1
    assert cells(found, "channel") == {"ch-a": 1}


def test_the_evidence_leads_to_the_post_and_the_words() -> None:
    text = f"всем привет! {PRICE}, пишите"
    (row,) = evidence(seen(said(7, text)))["offers"].rows
    assert row[:9] == ("ch-a", ref("ch-a", 7), "text", 100, "RUB", "exact", 100, "image", 7)
    assert PRICE in text[row[9] : row[10]]


@pytest.mark.parametrize("kind", [PostKind.SERVICE, PostKind.UNSUPPORTED])
def test_service_lines_offer_nothing(kind: PostKind) -> None:
    assert measured(seen(said(1, PRICE, kind=kind)))["offers"].value == 0


def test_a_post_that_comes_twice_offers_once() -> None:
    assert measured(seen(said(1, PRICE), said(1, PRICE)))["offers"].value == 1
