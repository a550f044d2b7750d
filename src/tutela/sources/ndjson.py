"""Tutela's own exchange form: one object a line, strictly checked. `docs/ndjson.md` is its specification."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from tutela.model import (
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
    Forward,
    Link,
    LinkKind,
    Money,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Pseudonym,
    Reaction,
)
from tutela.sources.account import Item, Tally
from tutela.sources.mending import mended
from tutela.sources.people import linked, once
from tutela.sources.reading import FileSource
from tutela.sources.side import Count, Instant, Number
from tutela.sources.streams import MendedFile
from tutela.sources.values import CURRENCIES, LONGEST_EMOJI, when

Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_EMOJI)]
Amount = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,18})?\Z")]
Currency = Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(sorted(CURRENCIES))})\Z")]
Action = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{0,63}\Z")]


class _Line(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What all lines have in common: nothing else than what is specified may stand in them."""


class ChannelLine(_Line, tag="channel"):
    """A channel; stands before its posts if anything but its id is known."""

    id: str | Number
    kind: ChannelKind = ChannelKind.UNKNOWN
    aliases: list[str | Number] = []


class ReadingLine(_Line, tag="reading"):
    """What a channel's front page said at one time."""

    channel: str | Number
    at: Instant | None = None
    members: Count | None = None
    state: ChannelState = ChannelState.UNKNOWN


class AttachmentPart(_Line):
    """A file that was attached; `path` is relative to the folder of the NDJSON file, None where it is not at hand."""

    kind: AttachmentKind
    path: str | None = None
    size: Count | None = None


class ForwardPart(_Line):
    """Where a post was carried over from: a channel, a person, or neither where the platform hides it."""

    channel: str | Number | None = None
    person: str | Number | None = None


class AnswerPart(_Line):
    """One option of a poll."""

    text: str
    voters: Count | None = None


class PollPart(_Line):
    """A poll."""

    question: str
    answers: list[AnswerPart]
    total_voters: Count | None = None
    closed: bool | None = None
    multiple_choice: bool | None = None


class ReactionPart(_Line):
    """How often one reaction was given."""

    emoji: Emoji
    count: Count


class LinkPart(_Line):
    """A channel that a post points to."""

    channel: str | Number
    kind: LinkKind = LinkKind.LINK


class MoneyPart(_Line):
    """An amount in major units, as a decimal string."""

    amount: Amount
    currency: Currency


class PostLine(_Line, tag="post"):
    """A post."""

    channel: str | Number
    id: Number
    kind: PostKind = PostKind.MESSAGE
    at: datetime | None = None
    author: str | Number | None = None
    forwarded: ForwardPart | None = None
    reply_to: Number | None = None
    edited: bool = False
    text: str = ""
    attachments: list[AttachmentPart] = []
    album: str | Number | None = None
    poll: PollPart | None = None
    reactions: list[ReactionPart] = []
    buttons: list[str] = []
    views: Count | None = None
    forwards: Count | None = None
    action: Action | None = None
    links: list[LinkPart] | None = None
    reactors: list[str | Number] = []
    joined: list[str | Number] = []
    paid: MoneyPart | None = None
    asked: MoneyPart | None = None


_UNREADABLE = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
_LINES = msgspec.json.Decoder(ChannelLine | ReadingLine | PostLine)


class NdjsonSource(FileSource):
    """`path` is the file; attachments are looked for in its folder."""

    kind = "ndjson"

    def _items(self, file: MendedFile, tally: Tally) -> Iterator[Item]:
        seen: set[Pseudonym] = set()
        for number, line in enumerate(file.lines(), 1):
            if line is not None and not line.strip():
                continue
            item = self._read(line or b"", file)
            if item is None:
                tally.damage(f"line {number}")
                continue
            ref = item.ref if isinstance(item, Channel) else item.channel
            if ref not in seen and not isinstance(item, Channel):
                yield Channel(ref, ChannelKind.UNKNOWN)
            seen.add(ref)
            yield item

    def _read(self, text: bytes, file: MendedFile) -> Item | None:
        """What one line tells, mended where it must be; None where it is none."""
        with suppress(*_UNREADABLE):
            return self._item(_LINES.decode(text))
        text, repairs = mended(text)
        with suppress(*_UNREADABLE):
            item = self._item(_LINES.decode(text))
            file.repaired += repairs
            return item
        return None

    def _item(self, line: ChannelLine | ReadingLine | PostLine) -> Item:
        if isinstance(line, ChannelLine):
            return Channel(self._pseudonyms.channel(str(line.id)), line.kind, self._channels(line.aliases))
        channel = self._pseudonyms.channel(str(line.channel))
        if isinstance(line, ReadingLine):
            at = None if line.at is None else line.at.astimezone(UTC)
            return ChannelReading(channel, at, line.members, line.state)
        return self._post(channel, line)

    def _post(self, channel: Pseudonym, line: PostLine) -> Post:
        return Post(  # by position, which costs a fifth of what it costs by name: the order is that of `Post`
            channel,
            line.id,
            self._pseudonyms.post(channel, line.id),
            line.kind,
            when(line.at),
            self._person(line.author),
            None if line.forwarded is None else self._forward(line.forwarded),
            line.reply_to,
            line.edited,
            line.text,
            tuple([self._files.attachment(a.kind, a.path or "", a.size) for a in line.attachments]),
            None if line.album is None else self._pseudonyms.album(channel, line.album),
            None if line.poll is None else _poll(line.poll),
            tuple([Reaction(r.emoji, r.count) for r in line.reactions]),
            tuple(line.buttons),
            line.views,
            line.forwards,
            line.action,
            self._links(line),
            self._people(line.reactors) if line.reactors else (),
            self._people(line.joined) if line.joined else (),
            _money(line.paid),
            _money(line.asked),
        )

    def _channels(self, identities: list[str | int]) -> tuple[Pseudonym, ...]:
        return once(self._pseudonyms.channel(str(identity)) for identity in identities)

    def _people(self, identities: list[str | int]) -> tuple[Pseudonym, ...]:
        return once(self._pseudonyms.person(str(identity)) for identity in identities)

    def _links(self, line: PostLine) -> tuple[Link, ...]:
        if line.links is None:
            return linked(self._pseudonyms, line.text, ())
        found = (Link(part.kind, self._pseudonyms.channel(str(part.channel))) for part in line.links)
        return tuple(dict.fromkeys(found))

    def _person(self, identity: str | int | None) -> Pseudonym | None:
        return None if identity is None else self._pseudonyms.person(str(identity))

    def _forward(self, part: ForwardPart) -> Forward:
        if part.channel is not None:
            return Forward(self._pseudonyms.channel(str(part.channel)))
        return Forward(self._person(part.person))


def _poll(part: PollPart) -> Poll:
    answers = tuple(PollAnswer(answer.text, answer.voters) for answer in part.answers)
    return Poll(part.question, answers, part.total_voters, part.closed, part.multiple_choice)


def _money(part: MoneyPart | None) -> Money | None:
    return None if part is None else Money(Decimal(part.amount), part.currency)
