"""Counts on buttons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.texts import counter


@pytest.mark.parametrize(
    ("label", "count"),
    [
        ("👍 41", 41),
        ("41 ❤️", 41),
        ("❤️41", 41),
        ("Like (1.2k)", 1200),
        ("👍 1,5к", 1500),
        ("❤️ 1 234", 1234),
        ("Лайк 5", 5),
        ("Да (12)", 12),
        ("votes: 30", 30),
        ("١٢ 👍", 12),
        ("❤️ 0", 0),
        ("👍 – 44", 44),
        ("Ждем! – 44", 44),
        ("Next week - 7", 7),
    ],
)
def test_counts(label: str, count: int) -> None:
    assert counter(label) == count


@pytest.mark.parametrize(
    "label",
    [
        "👎",
        "Open bot 24/7",
        "12 coins — 1.50$",
        "50%",
        "+1",
        "1️⃣",
        "$5",
        "Top 10",
        "👍 41 👎 3",
        "4.5 ⭐",
        "Photos – 12",
        "Days – 12",
        "Level-12",
        "– 12",
        "👍 4276380012345678",
        "like",
        "",
        "x" * 999,
    ],
)
def test_no_counts(label: str) -> None:
    assert counter(label) is None


@given(st.text(max_size=80))
def test_no_label_does_harm(label: str) -> None:
    count = counter(label)
    assert count is None or count >= 0


@given(st.integers(0, 10**6), st.sampled_from(["👍 {}", "{} 👍", "🔥{}", "Like ({})", "{}"]))
def test_counts_are_read_back(count: int, label: str) -> None:
    assert counter(label.format(count)) == count
