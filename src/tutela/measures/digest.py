"""From posts to a block: many posts at a time, since columns are cheaper than rows."""

from collections.abc import Callable, Sequence
from datetime import UTC
from decimal import Decimal

import numpy as np

from tutela.measures.block import DIGEST, FORWARDED, TEXT, ZONED, Block, Columns
from tutela.measures.columns import EDGE_KINDS, POST_KINDS, ROLES, UNDATED, UNKNOWN, EdgeKind, PollSeen, Role
from tutela.measures.gathering import Interned, Rows
from tutela.measures.speech import SaidRows, Speech
from tutela.model import LinkKind, MinorSignal, Money, Offer, Poll, Post, PostKind, Pseudonym, RewardRule, When
from tutela.texts import language

_KINDS = {kind: position for position, kind in enumerate(POST_KINDS)}
_REACTOR, _JOINER = ROLES.index(Role.REACTOR), ROLES.index(Role.JOINER)
_FORWARD = EDGE_KINDS.index(EdgeKind.FORWARD)
_EDGES = {kind: EDGE_KINDS.index(EdgeKind(kind.value)) for kind in LinkKind}
_CHANNEL = "ch-"  # how the pseudonym of a channel begins
_STARS, _PAID = "XTR", "paid"
_YEARS = range(1990, 2100)


def digest(posts: Sequence[Post], mask: Callable[[Pseudonym], int]) -> Block:
    """What there is to observe in posts, whose pseudonyms are sound and whose numbers fit 64 bits.

    The language is told of a text whose hash has zeros where the `mask` of its channel has ones.
    """
    return _Digest().block(posts, mask)


class _Digest:
    """What is gathered of one block."""

    def __init__(self) -> None:
        self._channels: Interned[Pseudonym] = Interned()
        self._people: Interned[Pseudonym] = Interned()
        self._places: Interned[Pseudonym] = Interned()
        self._codes: Interned[str | None] = Interned()
        self._acts = Rows("i4", "i4", "u1")
        self._edges = Rows("i4", "u1", "i4")
        self._languages = Rows("i4", "u1")
        self._polls: list[PollSeen] = []
        self._payments = SaidRows()
        self._speech = Speech()

    def block(self, posts: Sequence[Post], mask: Callable[[Pseudonym], int]) -> Block:
        refs = bytes.fromhex("".join([post.ref[3:] for post in posts]))
        columns = self._columns(posts)
        masks = tuple(mask(channel) for channel in self._channels.values())
        self._texts(posts, refs, columns, masks)
        for row, post in enumerate(posts):
            if post.kind is PostKind.MESSAGE:
                self._message(row, post)
            if post.joined:
                self._act(row, _JOINER, post.joined)
            if post.paid is not None:
                self._payments.note(row, 0, post.paid)
        speech = self._speech
        return Block(
            channels=self._channels.values(),
            people=self._people.values(),
            places=self._places.values(),
            posts=columns,
            refs=refs,
            acts=tuple(self._acts.columns()),
            edges=tuple(self._edges.columns()),
            polls=tuple(self._polls),
            offers=speech.offers.stated(Offer),
            rewards=speech.rewards.stated(RewardRule),
            signals=speech.signals.stated(MinorSignal),
            payments=self._payments.stated(Money),
            counters=speech.counters.stated(int),
            languages=tuple(self._languages.columns()),
            codes=self._codes.values(),
            masks=masks,
        )

    def _columns(self, posts: Sequence[Post]) -> Columns:
        channel, person = self._channels.position, self._people.position
        return (
            np.array([channel(post.channel) for post in posts], np.int32),
            np.array([post.id for post in posts], np.int64),
            np.floor([_timestamp(post.when) for post in posts]).astype(np.int64),
            np.array([_flags(post) for post in posts], np.uint8),
            np.array([UNKNOWN if post.author is None else person(post.author) for post in posts], np.int32),
        )

    def _texts(self, posts: Sequence[Post], refs: bytes, columns: Columns, masks: Sequence[int]) -> None:
        rows = np.flatnonzero(columns[3] & TEXT)
        texts = [posts[row].text for row in rows.tolist()]
        self._speech.texts(rows.tolist(), texts)
        passed_over = chances(refs)[rows] & np.array(masks, np.uint32)[columns[0][rows]]
        for place in np.flatnonzero(passed_over == 0).tolist():
            self._languages.add((rows[place], self._codes.position(language(texts[place]))))

    def _message(self, row: int, post: Post) -> None:
        if post.forwarded and post.forwarded.origin and post.forwarded.origin.startswith(_CHANNEL):
            self._edges.add((row, _FORWARD, self._places.position(post.forwarded.origin)))
        for link in post.links:
            self._edges.add((row, _EDGES[link.kind], self._places.position(link.channel)))
        if post.poll is not None:
            self._polls.append(_poll(row, post.poll))
        if post.reactors:
            self._act(row, _REACTOR, post.reactors)
        for reaction in post.reactions:
            if reaction.emoji == _PAID and reaction.count:
                self._payments.note(row, 0, Money(Decimal(reaction.count), _STARS))
        if post.buttons:
            self._speech.buttons(row, post.buttons)
        if post.asked is not None:
            self._speech.price(row, post.asked)

    def _act(self, row: int, role: int, people: Sequence[Pseudonym]) -> None:
        for person in people:
            self._acts.add((row, self._people.position(person), role))


def chances(refs: bytes) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """For each digest the number by which its post falls into a sample or not."""
    last = np.frombuffer(refs, np.uint8).reshape(-1, DIGEST)[:, -4:].copy()
    return last.view(">u4").ravel().astype(np.uint32)


def _poll(row: int, poll: Poll) -> PollSeen:
    voters = tuple(answer.voters for answer in poll.answers)
    return PollSeen(row, poll.total_voters, voters, poll.closed, poll.multiple_choice)


def _timestamp(when: When) -> float:
    """Seconds since 1970, of the date as it was written where the time zone is not known.

    Dates that nobody can have posted at count as none: one alone would make centuries of empty months.
    """
    dated = when.utc or (when.local and when.local.replace(tzinfo=UTC))
    return UNDATED if dated is None or dated.year not in _YEARS else dated.timestamp()


def _flags(post: Post) -> int:
    kind = _KINDS[post.kind]
    return (
        kind
        | (0 if post.when.utc is None else ZONED)
        | (0 if post.forwarded is None else FORWARDED)
        | (TEXT if post.text and post.kind is PostKind.MESSAGE and not post.text.isspace() else 0)
    )
