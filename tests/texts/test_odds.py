"""What is seen is weighed: tables of weights, and what they may say against the rules."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.model import Bound, Money, Offer, Unit
from tutela.texts.weighing import about
from tutela.texts.weighing.about import with_unit
from tutela.texts.weighing.nearby import likeliest
from tutela.texts.weighing.odds import parsed, weights

WORDS = st.text("abcdefghij <>+-", min_size=1, max_size=5)
FEATURES = st.tuples(WORDS, WORDS)
HUNDREDTHS = st.integers(-900, 900)
TABLES = st.dictionaries(FEATURES, st.tuples(HUNDREDTHS, HUNDREDTHS), max_size=20)


def odds(**favoured: float) -> dict[str, float]:
    return {unit.value: favoured.get(unit.value, 0.0) for unit in Unit}


def offer(unit: Unit | None) -> Offer:
    return Offer(Money(5, "EUR"), Bound.EXACT, 3, unit, None, 0, 9)


@given(TABLES, st.lists(FEATURES, max_size=20, unique=True), st.randoms())
def test_each_answer_has_the_sum_of_what_is_seen_in_any_order(
    table: dict[tuple[str, str], tuple[int, int]], unknown: list[tuple[str, str]], chance: object
) -> None:
    lines = ["kind\twhat\tyes\tno", *("\t".join([*name, *(str(n or "") for n in row)]) for name, row in table.items())]
    seen = [*table, *table, *unknown]  # what is seen twice counts once
    chance.shuffle(seen)  # type: ignore[attr-defined]
    with patch("tutela.texts.weighing.odds.read", {"some.tsv": parsed(lines)}.__getitem__):
        found = weights(seen, "some.tsv")
    assert found == {
        "yes": sum(yes for yes, _ in table.values()) / 100,
        "no": sum(no for _, no in table.values()) / 100,
    }


def test_what_nothing_is_seen_of_weighs_nothing() -> None:
    with patch("tutela.texts.weighing.odds.read", {"some.tsv": parsed(["kind\twhat\tyes"])}.__getitem__):
        assert weights([("word", "photo")], "some.tsv") == {"yes": 0.0}


def test_a_thing_without_a_known_name_is_what_the_text_speaks_of() -> None:
    assert with_unit(offer(Unit.OTHER), odds(coin=1.5, other=1.0)).unit is Unit.COIN
    assert with_unit(offer(Unit.OTHER), odds(coin=0.5, other=1.0)).unit is Unit.OTHER


def test_a_known_thing_gives_way_only_to_much() -> None:
    assert with_unit(offer(Unit.IMAGE), odds(video=about.SAID - 0.5)).unit is Unit.IMAGE
    assert with_unit(offer(Unit.IMAGE), odds(video=about.SAID + 0.5)).unit is Unit.VIDEO


def test_where_nothing_is_named_nothing_is_sold_by_name_and_access_has_no_quantity() -> None:
    assert with_unit(offer(None), odds(coin=9.0)).unit is None
    assert with_unit(offer(Unit.OTHER), odds(access=2.0)).quantity is None
    assert with_unit(offer(Unit.OTHER), odds(coin=2.0)).quantity == 3


@pytest.mark.parametrize(
    ("speaks", "said", "found"),
    [
        ({None: 0.0, 3: 0.9}, None, None),
        ({None: 0.0, 3: 1.1}, None, 3),
        ({None: 0.0, 3: 0.0, 4: 1.9}, 3, 3),
        ({None: 0.0, 3: 0.0, 4: 2.1}, 3, 4),
        ({None: 9.0, 4: 9.0}, 3, 3),
    ],
)
def test_what_rules_say_gives_way_to_what_speaks_for_more_and_stays_where_they_alone_know_it(
    speaks: dict[int | None, float], said: int | None, found: int | None
) -> None:
    assert likeliest(speaks, said, known=2.0, unsaid=1.0) == found
