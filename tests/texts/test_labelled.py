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
OTHERS = ("build3", "build4", "build5", "build6", "build7", "fresh", "build8", "build9", "build10")
"""By other hands, smaller, and with few texts that have no offer."""
WIDE = ("build11", "build12", "build13", "build14", "build15", "build16", "build17", "wide")
"""By many hands; most of those without an offer name money."""
ALL = (*FILES, *OTHERS, *WIDE)

LANGUAGES = {"ar", "de", "en", "es", "it", "pt", "ru", "uk"}
OFFER_KEYS = {"amount", "currency", "bound", "quantity", "unit", "days", "evidence"}
FIAT = (
    "AED AMD AOA ARS AUD AZN BHD BOB BRL BYN CAD CHF CLP COP CRC CVE CZK DJF DOP DZD EGP EUR GBP GEL GHS GTQ HKD HNL "
    "ILS INR IQD JMD JOD KES KGS KWD KZT LBP LYD MAD MDL MRU MXN MYR MZN NGN NIO NZD OMR PEN PKR PLN PYG QAR RUB SAR "
    "SDG SGD SYP TND TRY TTD UAH UGX USD UYU UZS YER ZAR"
)
CURRENCIES = set(re.findall(r"\w+", f"{FIAT} BTC ETH LTC TON USDT XTR"))
PLAIN = re.compile(r"(0|[1-9]\d*)(\.\d+)?")


def rows(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{name}.ndjson").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def masked(text: str) -> str:
    return " ".join(re.sub(r"\d+", "#", text.casefold()).split())


@pytest.mark.parametrize("name", ALL)
def test_an_offer_says_known_things_and_its_evidence_is_in_the_text(name: str) -> None:
    for row in rows(name):
        assert set(row) == {"id", "lang", "text", "offers"}
        assert row["id"].split("-")[0] == row["lang"] + FILES.get(name, "")
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
            assert offer["days"] is None or 0 < offer["days"] <= 730, row["id"]
            assert offer["unit"] != "access" or offer["quantity"] is None, row["id"]
            assert name not in FILES or offer["unit"] is not None or offer["quantity"] is None, row["id"]


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
    files = [rows(name) for name in ALL]
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
    files = {name: rows(name) for name in ALL}
    assert f"| language | {' | '.join(files)} |" in readme
    for lang in (*sorted(LANGUAGES), "all"):
        own = [[row for row in texts if lang in ("all", row["lang"])] for texts in files.values()]
        counts = [(sum(bool(row["offers"]) for row in texts), len(texts)) for texts in own]
        assert f"| {lang} | {' | '.join(f'{found} + {whole - found}' for found, whole in counts)} |" in readme
    for name, texts in files.items():
        assert re.search(rf"\b{sum(len(row['offers']) for row in texts)} (offers )?in `{name}`", readme)
