"""What messages say, without the words: offers, rewards and signals as values, languages as counts."""

from collections.abc import Iterable, Sequence

import numpy as np

from tutela.measures.block import Columns, Stated
from tutela.measures.columns import LANGUAGES_AT_MOST, ORIGINS, Origin, Said, Spoken, T
from tutela.measures.gathering import Interned, Rows
from tutela.model import Bound, Money, Offer
from tutela.texts import candidates, counter, minor_signals, offers, remembered, reward_rules

_TEXT, _BUTTON, _INVOICE = (ORIGINS.index(origin) for origin in (Origin.TEXT, Origin.BUTTON, Origin.INVOICE))
_REMEMBERED, _LONGEST = 2048, 300  # texts, and characters in one


class SaidRows(Rows):
    """Rows for `Said`."""

    def __init__(self) -> None:
        super().__init__("i4", "u1", "i4")
        self._values: Interned[object] = Interned()

    def note(self, post: int, origin: int, value: object) -> None:
        """The post in this row said so."""
        self.add((post, origin, self._values.position(value)))

    def take(self, rows: Columns, values: Sequence[object]) -> None:
        """What posts said according to a block; the third column holds positions in `values`."""
        post, origin, value = rows
        if value.size:
            self.extend(post, origin, self._values.positions(values, value))

    def said(self, _: type[T]) -> Said[T]:
        """Everything noted so far; the caller says what it noted."""
        post, origin, value = self.columns()
        return Said(post, origin, value, self._values.values())  # type: ignore[arg-type]

    def stated(self, _: type[T]) -> Stated[T]:
        """The same for a block."""
        return Stated(by_post(self), self._values.values())  # type: ignore[arg-type]


def by_post(rows: Rows) -> Columns:
    """Rows in the order of their first column, those of one post as they came."""
    columns = rows.columns()
    order = np.argsort(columns[0], kind="stable")
    return tuple(column[order] for column in columns)


class LanguageSample:
    """The languages of one channel's texts: of all, or where there are many of an even sample.

    A text is looked at by the last bits of its post's hash, of which the more must be zero the more texts there are:
    which ones stay does not depend on the order in which they come.
    """

    __slots__ = ("_kept", "_texts", "mask")

    def __init__(self) -> None:
        self._texts = 0
        self.mask = 0
        self._kept: list[tuple[int, str | None]] = []

    def take(self, texts: int, looked_at: Iterable[tuple[int, str | None]]) -> None:
        """So many more texts; of those that `mask` does not pass over the hash and the language."""
        self._texts += texts
        self._kept += [each for each in looked_at if not each[0] & self.mask]
        while len(self._kept) > LANGUAGES_AT_MOST:
            self.mask = 2 * self.mask + 1
            self._kept = [each for each in self._kept if not each[0] & self.mask]

    def spoken(self) -> Spoken:
        """What was found so far."""
        counts: dict[str | None, int] = {}
        for _, code in self._kept:
            counts[code] = counts.get(code, 0) + 1
        return Spoken(self._texts, self.mask + 1, counts)


class Speech:
    """Gathers what the messages of a block say; `row` is the one of the message."""

    def __init__(self) -> None:
        self.offers, self.rewards, self.signals, self.counters = SaidRows(), SaidRows(), SaidRows(), SaidRows()

    def texts(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Reads many texts, one of each row."""
        found = candidates(texts)
        for place in sorted(found.offers | found.rewards | found.signals):
            row, text = rows[place], texts[place]
            for offer in _offers(text) if place in found.offers else ():
                self.offers.note(row, _TEXT, offer)
            for rule in _rewards(text) if place in found.rewards else ():
                self.rewards.note(row, _TEXT, rule)
            for sign in _signals(text) if place in found.signals else ():
                self.signals.note(row, _TEXT, sign)

    def buttons(self, row: int, labels: Sequence[str]) -> None:
        """Reads the labels of buttons."""
        for label in labels:
            if (count := counter(label)) is not None:
                self.counters.note(row, _BUTTON, count)
                continue
            for offer in offers(label):
                self.offers.note(row, _BUTTON, offer)

    def price(self, row: int, price: Money) -> None:
        """Takes in the price of an invoice."""
        self.offers.note(row, _INVOICE, Offer(price, Bound.EXACT, None, None, None, 0, 0))


# Bots and shops say the same again and again.
_offers = remembered(_REMEMBERED, longest=_LONGEST)(offers)
_rewards = remembered(_REMEMBERED, longest=_LONGEST)(reward_rules)
_signals = remembered(_REMEMBERED, longest=_LONGEST)(minor_signals)
