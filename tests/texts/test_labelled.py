"""The labelled texts keep their own rules: what the offers say is known, balanced and split without overlap."""

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tutela.model import Bound, Unit

FOLDER = Path(__file__).parent / "labelled"
FILES = {"build": "", "held": "", "build2": "2"}  # name: what its ids add to the language
LANGUAGES = {"ar", "de", "en", "es", "it", "pt", "ru", "uk"}
OFFER_KEYS = {"amount", "currency", "bound", "quantity", "unit", "days", "evidence"}
FIAT = "AED ARS AUD BRL BYN CAD CHF CLP COP EGP EUR GBP INR KGS KWD KZT MXN PEN PLN RUB SAR TRY UAH USD"
CURRENCIES = set(re.findall(r"\w+", FIAT + " BTC ETH LTC TON USDT XTR"))
PLAIN = re.compile(r"(0|[1-9]\d*)(\.\d+)?")


def rows(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{name}.ndjson").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def masked(text: str) -> str:
    return " ".join(re.sub(r"\d+", "#", text.casefold()).split())


@pytest.mark.parametrize("name", FILES)
def test_an_offer_says_known_things_and_its_evidence_is_in_the_text(name: str) -> None:
    for row in rows(name):
        assert set(row) == {"id", "lang", "text", "offers"}
        assert row["id"].split("-")[0] == row["lang"] + FILES[name]
        for offer in row["offers"]:
            assert set(offer) == OFFER_KEYS, row["id"]
            assert offer["evidence"] and row["text"].count(offer["evidence"]) == 1, row["id"]
            assert offer["evidence"] == offer["evidence"].strip(), row["id"]
            assert offer["currency"] in CURRENCIES, row["id"]
            assert offer["bound"] in set(Bound), row["id"]
            assert offer["unit"] is None or offer["unit"] in set(Unit), row["id"]
            for number in (offer["amount"], offer["quantity"]):
                assert number is None or (PLAIN.fullmatch(number) and Decimal(number) > 0), row["id"]
            assert offer["amount"] is not None, row["id"]
            assert offer["days"] is None or 0 < offer["days"] <= 365, row["id"]
            assert offer["unit"] != "access" or offer["quantity"] is None, row["id"]
            assert offer["unit"] is not None or offer["quantity"] is None, row["id"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_large_and_has_every_language_with_and_without_offers(name: str) -> None:
    texts = rows(name)
    cells = [(row["lang"], bool(row["offers"])) for row in texts]
    assert len(texts) >= 320
    assert sum(found for _, found in cells) >= 150
    assert sum(not found for _, found in cells) >= 150
    assert {lang for lang, _ in cells} == LANGUAGES
    assert min(cells.count((lang, found)) for lang in LANGUAGES for found in (True, False)) >= 12


def test_ids_are_unique_and_no_text_stands_in_two_files_or_twice() -> None:
    files = [rows(name) for name in FILES]
    ids = [row["id"] for texts in files for row in texts]
    assert len(ids) == len(set(ids))
    assert len({row["text"] for texts in files for row in texts}) == len(ids)
    homes = Counter(text for texts in files for text in {masked(row["text"]) for row in texts})
    assert max(homes.values()) == 1


def test_most_texts_without_offer_in_build2_name_an_amount_of_money() -> None:
    money = re.compile(
        r"[$€£₽₴]|\b(usd|eur|bucks?|quid|pounds?|dollars?|euros?|euro|dólares|dollari|dollar|reais|mark|pesetas)\b"
        r"|руб|доллар|евро|тенге|пятихатк|грив|\bгрн|долар|євро|دولار|يورو|ريال|درهم|دينار",
        re.IGNORECASE,
    )
    texts = [row["text"] for row in rows("build2") if not row["offers"]]
    assert sum(bool(money.search(text)) for text in texts) >= 0.6 * len(texts)


def test_the_counts_of_the_readme_are_the_counts_of_the_files() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = {name: rows(name) for name in FILES}
    for lang in sorted(LANGUAGES):
        counts = [
            sum(row["lang"] == lang and bool(row["offers"]) is found for row in files[name])
            for name in FILES
            for found in (True, False)
        ]
        assert f"| {lang} | {' | '.join(map(str, counts))} |" in readme
    totals = [sum(bool(row["offers"]) is found for row in files[name]) for name in FILES for found in (True, False)]
    assert f"| all | {' | '.join(map(str, totals))} |" in readme
    build, held, build2 = (sum(len(row["offers"]) for row in files[name]) for name in FILES)
    assert f"{build} offers in `build`, {held} in `held`, {build2} in `build2`" in readme
