"""What reading texts takes, loaded before the first of them comes: processes that are forked then share it."""

from tutela.texts.language import language
from tutela.texts.offers import offers
from tutela.texts.rewards import reward_rules
from tutela.texts.screen import candidates
from tutela.texts.signals import minor_signals

_ANY = (
    "друзья, сегодня 100 ₽ за 100 фото на 7 дней",
    "invite 3 friends today and get 5 coins, 14 years old",
    "صور جديدة اليوم بسعر 5 دولار",
    "आज नई तस्वीरें आई हैं",
)
"""Texts in each script, so that the models of all of them are loaded; what is read in them does not matter."""


def prepare() -> None:
    """Loads word lists and language models, which takes about a second and else happens at the first texts."""
    candidates(_ANY)
    for text in _ANY:
        offers(text)
        reward_rules(text)
        minor_signals(text)
        language(text)
