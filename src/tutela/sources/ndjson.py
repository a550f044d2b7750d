"""Tutela's own exchange form: one object a line, strictly checked. `docs/ndjson.md` is its specification."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from tutela.model import (
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
    Forward,
    Poll,
    PollAnswer,
    Post,
    PostKind,
    Pseudonym,
    Reaction,
)
from tutela.sources.account import Item, Tally
from tutela.sources.reading import FileSource
from tutela.sources.side import Count, Instant, Number
from tutela.sources.streams import MendedFile
from tutela.sources.values import LONGEST_EMOJI, when

Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_EMOJI)]
Action = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{0,63}\Z")]


class _Line(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What all lines have in common: nothing else than what is specified may stand in them."""


class ChannelLine(_Line, tag="channel"):
    """A channel; stands before its posts if anything but its id is known."""

    id: str | Number
    kind: ChannelKind = ChannelKind.UNKNOWN


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


_LINES = msgspec.json.Decoder(ChannelLine | ReadingLine | PostLine)


class NdjsonSource(FileSource):
    """`path` is the file; attachments are looked for in its folder."""

    kind = "ndjson"

    def _items(self, file: MendedFile, tally: Tally) -> Iterator[Item]:
        seen: set[Pseudonym] = set()
        for number, line in enumerate(file.lines(), 1):
            if line is not None and not line.strip():
                continue
            try:
                item = self._item(_LINES.decode(line or b""))
            except (msgspec.DecodeError, OverflowError, RecursionError):
                tally.damage(f"line {number}")
                continue
            ref = item.ref if isinstance(item, Channel) else item.channel
            if ref not in seen and not isinstance(item, Channel):
                yield Channel(ref, ChannelKind.UNKNOWN)
            seen.add(ref)
            yield item

    def _item(self, line: ChannelLine | ReadingLine | PostLine) -> Item:
        if isinstance(line, ChannelLine):
            return Channel(self._pseudonyms.channel(str(line.id)), line.kind)
        channel = self._pseudonyms.channel(str(line.channel))
        if isinstance(line, ReadingLine):
            at = None if line.at is None else line.at.astimezone(UTC)
            return ChannelReading(channel, at, line.members, line.state)
        return self._post(channel, line)

    def _post(self, channel: Pseudonym, line: PostLine) -> Post:
        return Post(
            channel=channel,
            id=line.id,
            ref=self._pseudonyms.post(channel, line.id),
            kind=line.kind,
            when=when(line.at),
            author=self._person(line.author),
            forwarded=None if line.forwarded is None else self._forward(line.forwarded),
            reply_to=line.reply_to,
            edited=line.edited,
            text=line.text,
            attachments=tuple(self._files.attachment(a.kind, a.path or "", a.size) for a in line.attachments),
            album=None if line.album is None else self._pseudonyms.album(channel, line.album),
            poll=None if line.poll is None else _poll(line.poll),
            reactions=tuple(Reaction(r.emoji, r.count) for r in line.reactions),
            buttons=tuple(line.buttons),
            views=line.views,
            forwards=line.forwards,
            action=line.action,
        )

    def _person(self, identity: str | int | None) -> Pseudonym | None:
        return None if identity is None else self._pseudonyms.person(str(identity))

    def _forward(self, part: ForwardPart) -> Forward:
        if part.channel is not None:
            return Forward(self._pseudonyms.channel(str(part.channel)))
        return Forward(self._person(part.person))


def _poll(part: PollPart) -> Poll:
    answers = tuple(PollAnswer(answer.text, answer.voters) for answer in part.answers)
    return Poll(part.question, answers, part.total_voters, part.closed, part.multiple_choice)
