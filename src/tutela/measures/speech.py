"""What messages say, without the words: offers, rewards and signals as values, languages as counts."""

from collections.abc import Sequence

from msgspec import Struct

from tutela.measures.columns import LANGUAGES_AT_MOST, ORIGINS, Origin, Said, Spoken, T
from tutela.measures.gathering import Interned, Rows
from tutela.model import Bound, Offer, Post
from tutela.texts import candidates, counter, language, minor_signals, offers, remembered, reward_rules

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

    def said(self, _: type[T]) -> Said[T]:
        """Everything noted so far; the caller says what it noted."""
        post, origin, value = self.columns()
        return Said(post, origin, value, self._values.values())  # type: ignore[arg-type]


class LanguageSample:
    """The languages of one channel's texts: of all, or where there are many of an even sample.

    A text is looked at by the last bits of its post's hash, of which the more must be zero the more texts there are:
    which ones stay does not depend on the order in which they come.
    """

    __slots__ = ("_kept", "_mask", "_texts")

    def __init__(self) -> None:
        self._texts = 0
        self._mask = 0
        self._kept: list[tuple[int, str | None]] = []

    def add(self, digest: bytes, text: str) -> None:
        """One more text, with the digest in its post's pseudonym."""
        self._texts += 1
        chance = int.from_bytes(digest[-4:])
        if chance & self._mask:
            return
        self._kept.append((chance, language(text)))
        while len(self._kept) > LANGUAGES_AT_MOST:
            self._mask = 2 * self._mask + 1
            self._kept = [each for each in self._kept if not each[0] & self._mask]

    def spoken(self) -> Spoken:
        """What was found so far."""
        counts: dict[str | None, int] = {}
        for _, code in self._kept:
            counts[code] = counts.get(code, 0) + 1
        return Spoken(self._texts, self._mask + 1, counts)


class Message(Struct, frozen=True, gc=False):
    """One message with its row in `Posts`, its channel's position in `channels` and the digest in its pseudonym."""

    row: int
    channel: int
    digest: bytes
    post: Post


class Speech:
    """Gathers what messages say."""

    def __init__(self) -> None:
        self.offers, self.rewards, self.signals, self.counters = SaidRows(), SaidRows(), SaidRows(), SaidRows()
        self._languages: list[LanguageSample] = []

    def read(self, messages: Sequence[Message]) -> None:
        """Reads text, buttons and price of each."""
        self._texts([message for message in messages if message.post.text and not message.post.text.isspace()])
        for message in messages:
            row, post = message.row, message.post
            if post.buttons:
                self._buttons(row, post.buttons)
            if post.asked is not None:
                self.offers.note(row, _INVOICE, Offer(post.asked, Bound.EXACT, None, None, None, 0, 0))

    def spoken(self, channels: int) -> tuple[Spoken, ...]:
        """The languages of each channel."""
        samples = self._languages + [LanguageSample()] * (channels - len(self._languages))
        return tuple(sample.spoken() for sample in samples)

    def _texts(self, messages: Sequence[Message]) -> None:
        texts = [message.post.text for message in messages]
        found = candidates(texts)
        for place, text in enumerate(texts):
            self._language(messages[place], text)
        for place in sorted(found.offers | found.rewards | found.signals):
            row, text = messages[place].row, texts[place]
            for offer in _offers(text) if place in found.offers else ():
                self.offers.note(row, _TEXT, offer)
            for rule in _rewards(text) if place in found.rewards else ():
                self.rewards.note(row, _TEXT, rule)
            for sign in _signals(text) if place in found.signals else ():
                self.signals.note(row, _TEXT, sign)

    def _language(self, message: Message, text: str) -> None:
        while len(self._languages) <= message.channel:
            self._languages.append(LanguageSample())
        self._languages[message.channel].add(message.digest, text)

    def _buttons(self, row: int, labels: tuple[str, ...]) -> None:
        for label in labels:
            if (count := counter(label)) is not None:
                self.counters.note(row, _BUTTON, count)
                continue
            for offer in offers(label):
                self.offers.note(row, _BUTTON, offer)


# Bots and shops say the same again and again.
_offers = remembered(_REMEMBERED, longest=_LONGEST)(offers)
_rewards = remembered(_REMEMBERED, longest=_LONGEST)(reward_rules)
_signals = remembered(_REMEMBERED, longest=_LONGEST)(minor_signals)
