"""The cascade exact → near → derived: pure values in, matches with their explanation out."""

from tutela.matching.cascade import Matcher, Protected
from tutela.matching.columns import text_words, word_texts
from tutela.matching.quarantine import Watch
from tutela.matching.thresholds import THRESHOLDS, Thresholds

__all__ = ["DERIVED_BY", "THRESHOLDS", "Matcher", "Protected", "Thresholds", "Watch", "text_words", "word_texts"]

DERIVED_BY = "derived/3"
"""Names how altered pictures are found; changed whenever more could be: what was taken for nothing is read again."""
