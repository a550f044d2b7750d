"""Rewards promised for likes, invitations and the like."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.texts import reward_rules


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("invite 3 friends and get 5 tokens", "invite 3 5 coin"),
        ("Invite 3 friends! Get 5 tokens", "invite 3 5 coin"),
        ("100 likes = 1 free photo", "like 100 1 image"),
        ("100 лайков = 1 бесплатное фото", "like 100 1 image"),
        ("пригласи 3 друзей и получи 5 монет", "invite 3 5 coin"),
        ("получи 5 токенов за 3 приглашения", "invite 3 5 coin"),
        ("приведи 5 друзей — VIP на неделю", "invite 5 1 access"),
        ("за репост +3 балла", "share 1 3 coin"),
        ("запроси 2 друзів і отримай 10 монет", "invite 2 10 coin"),
        ("invita a 5 amigos y gana 50 monedas", "invite 5 50 coin"),
        ("a cada 10 curtidas você ganha 1 ficha", "like 10 1 coin"),
        ("per ogni amico +10 punti", "invite 1 10 coin"),
        ("lade 3 Freunde ein und bekomme 15 Münzen", "invite 3 15 coin"),
        ("ادع ٣ أصدقاء واحصل على ٥ نقاط", "invite 3 5 coin"),
        ("vote 10 times, receive 3 credits", "vote 10 3 coin"),
        ("leave 5 comments, earn 20 points", "comment 5 20 coin"),
        ("join 2 channels → 5 coins", "join 2 5 coin"),
    ],
)
def test_rules_are_read(text: str, rule: str) -> None:
    (found,) = reward_rules(text)
    deed, count, reward, unit = rule.split()
    assert (found.deed, found.count, found.reward, found.unit) == (deed, int(count), int(reward), unit)
    assert any(sign.isdigit() for sign in text[found.start : found.end])


def test_several_rules_in_one_line() -> None:
    found = reward_rules("за репост +3 балла, за отзыв +10 баллов")
    assert [(rule.deed.value, rule.reward) for rule in found] == [("share", 3), ("comment", 10)]


@pytest.mark.parametrize(
    "text",
    [
        "I like 3 photos of you",
        "we have 300 likes and 20 photos",
        "1000 подписчиков — 250 рублей",
        "bring 3 friends",
        "",
    ],
)
def test_no_rules(text: str) -> None:
    assert reward_rules(text) == ()


SCRAPS = st.lists(st.sampled_from(["invite", "3", "friends", "get", "=", "5", "монет", "за", "like", "+", "\n"]))


@given(st.text(max_size=300) | SCRAPS.map(" ".join))
@settings(max_examples=300, deadline=None)
def test_no_text_does_harm(text: str) -> None:
    for rule in reward_rules(text):
        assert 0 <= rule.start < rule.end <= len(text)
        assert rule.count >= 1
        assert rule.reward > 0


@pytest.mark.parametrize("scrap", ["invite 3 friends ", "5 tokens for ", "like ", "3 ", "get 5 tokens "])
def test_time_grows_with_the_length_only(scrap: str) -> None:
    start = time.process_time()
    reward_rules(scrap * (100_000 // len(scrap)))
    assert time.process_time() - start < 5
