"""What is taken for a value of the right kind."""

import pytest

from tutela.sources.values import currency
from tutela.texts.words import lexicon


@pytest.mark.parametrize("code", ["USD", "RUB", "KWD", "XTR", "USDT", "TON", "HRK"])
def test_a_currency_is_known_by_its_code(code: str) -> None:
    assert currency(code) == code


@pytest.mark.parametrize("value", ["IVANOV", "7012345678", "LEE", "usd", "USD ", "", None, 643, ["USD"]])
def test_anything_else_is_none(value: object) -> None:
    assert currency(value) is None


def test_every_currency_that_is_found_in_texts_is_known() -> None:
    words = lexicon()
    named = {sense.currency for sense in [*words.single.values(), *words.spelled.values(), *words.exact.values()]}
    codes = {code for code in named if code is not None and "/" not in code}
    assert len(codes) > 60
    assert {code for code in codes if currency(code) is None} == set()
