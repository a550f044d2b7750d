"""Words for telling a stream of posts shortly."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from hypothesis import HealthCheck, settings

from tutela.measures import ImageSeen, Observations, Observer, measure_all
from tutela.model import (
    Attachment,
    AttachmentKind,
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
    Forward,
    Measure,
    Post,
    PostKind,
    Pseudonym,
    SkipCode,
    Skipped,
    When,
)
from tutela.sources.pseudonyms import Pseudonymiser

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine makes no property false."""

PHOTO, DOCUMENT = AttachmentKind.PHOTO, AttachmentKind.IMAGE_DOCUMENT
NOWHEN = When(None, None)
ABSENT = ImageSeen(None, None, None, Skipped(SkipCode.NOT_INCLUDED, "not in the export"))


def utc(text: str) -> When:
    """An instant in UTC, `2020-07-31T23:59:59`."""
    return When(datetime.fromisoformat(text).replace(tzinfo=UTC), None)


def local(text: str) -> When:
    """The same as somebody's clock showed it."""
    return When(None, datetime.fromisoformat(text))


def bits(*positions: int) -> bytes:
    """A code in which these bits are set."""
    return sum(1 << position for position in positions).to_bytes(32)


def image(code: bytes | None = None, quality: int | None = 100, sha256: bytes | None = None) -> ImageSeen:
    return ImageSeen(code, quality if code is not None else None, sha256, None)


def ref(channel: str, number: int) -> Pseudonym:
    """The pseudonym of a post, as a source would make it."""
    return Pseudonymiser(bytes(32)).post(Pseudonym(channel), number)


def post(
    number: int,
    when: When = NOWHEN,
    *attachments: AttachmentKind,
    channel: str = "ch-a",
    kind: PostKind = PostKind.MESSAGE,
    forwarded: bool = False,
) -> Post:
    return Post(
        Pseudonym(channel),
        number,
        ref(channel, number),
        kind,
        when,
        forwarded=Forward(None) if forwarded else None,
        attachments=tuple(Attachment(attachment) for attachment in attachments),
    )


def reading(channel: str, members: int | None, at: str | None = None, state: str = "unknown") -> ChannelReading:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None
    return ChannelReading(Pseudonym(channel), moment, members, ChannelState(state))


def chat(ref: str, kind: ChannelKind = ChannelKind.PUBLIC_CHANNEL) -> Channel:
    return Channel(Pseudonym(ref), kind)


def observed(
    posts: Iterable[tuple[Post, Sequence[ImageSeen]]] = (),
    readings: Iterable[ChannelReading] = (),
    channels: Iterable[Channel] = (),
) -> Observations:
    observer = Observer()
    for channel in channels:
        observer.channel(channel)
    for one in readings:
        observer.reading(one)
    for some, images in posts:
        observer.post(some, images)
    return observer.finish()


def shared(number: int, when: When, count: int = 1) -> tuple[Post, list[ImageSeen]]:
    """A message with so many photos whose bytes are not there."""
    return post(number, when, *[PHOTO] * count), [ABSENT] * count


def measured(observations: Observations) -> dict[str, Measure]:
    return {measure.name: measure for measure in measure_all(observations)}


def cells(measure: Measure, by: str) -> dict[str, int | float | None]:
    """The parts of one sort, by key."""
    found = [part for part in measure.parts if part.by == by]
    assert len({part.key for part in found}) == len(found), "a key stands twice"
    return {part.key: part.value for part in found}


def notes(measure: Measure, by: str = "channel") -> dict[str, str]:
    return {part.key: part.note for part in measure.parts if part.by == by}


def bounds(measure: Measure) -> tuple[object, object, object]:
    return measure.value, measure.low, measure.high
