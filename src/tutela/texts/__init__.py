"""What a text says that can be measured: prices, rewards, links, signals, its language. Pure: text in, values out."""

from tutela.texts.counters import counter
from tutela.texts.language import LANGUAGES, language
from tutela.texts.offers import offers
from tutela.texts.preparing import prepare
from tutela.texts.rewards import reward_rules
from tutela.texts.screen import Candidates, candidates
from tutela.texts.signals import minor_signals
from tutela.texts.words import remembered

__all__ = [
    "LANGUAGES",
    "Candidates",
    "candidates",
    "counter",
    "language",
    "minor_signals",
    "offers",
    "prepare",
    "remembered",
    "reward_rules",
]
