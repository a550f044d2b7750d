"""Every measure of a random stream of posts equals a count by hand, in plain Python, whatever the order."""

import random
from calendar import monthrange
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from measures.conftest import DOCUMENT, PHOTO, bits, bounds, cells, chat, measured, observed, patient
from measures.conftest import ref as post_ref
from oracles.clusters import clusters
from tutela.measures import ImageSeen
from tutela.model import (
    IMAGE_KINDS,
    Attachment,
    AttachmentKind,
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

Stream = list[tuple[Post, tuple[ImageSeen, ...]]]

CHANNELS = (
    chat("ch-c"),
    chat("ch-a", ChannelKind.PRIVATE_GROUP),
    chat("ch-b", ChannelKind.UNKNOWN),
    chat("folder", ChannelKind.FOLDER),
)
REFS = st.sampled_from([channel.ref for channel in CHANNELS])

EARLIEST = datetime.min.replace(tzinfo=UTC)
START, END = datetime(2019, 12, 20, tzinfo=UTC), datetime(2020, 4, 10, tzinfo=UTC)
EDGES = [datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 31, 23, 59, 59, tzinfo=UTC), END.replace(month=3, day=31)]
MOMENTS = st.sampled_from(EDGES) | (
    st.integers(0, int((END - START).total_seconds())).map(lambda seconds: START + timedelta(seconds=seconds))
)
WHENS = (
    MOMENTS.map(lambda at: When(at, None))
    | MOMENTS.map(lambda at: When(None, at.replace(tzinfo=None)))
    | st.just(When(None, None))
)
CODES = st.sampled_from([None, bits(), bits(*range(20)), bits(*range(40)), bits(*range(60)), bits(*range(100, 256))])
DIGESTS = st.sampled_from([None, b"\1" * 32, b"\2" * 32, bytes(31) + b"\1", b"\1" + bytes(31)])
SKIPS = st.sampled_from([None, *(Skipped(code, "said elsewhere") for code in SkipCode)])
IMAGES = st.builds(ImageSeen, CODES, st.sampled_from([None, 0, 49, 50, 100]), DIGESTS, SKIPS)
ITEMS = st.lists(st.tuples(st.sampled_from([PHOTO, DOCUMENT, AttachmentKind.VIDEO]), IMAGES), max_size=3)


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Posts in an order of their own, each with its images; a channel's number comes once."""
    keys = draw(st.lists(st.tuples(REFS, st.integers(-4, 12)), max_size=14, unique=True))
    return [_drawn(draw, ref, number) for ref, number in keys]


def _drawn(draw: st.DrawFn, ref: Pseudonym, number: int) -> tuple[Post, tuple[ImageSeen, ...]]:
    items = draw(ITEMS)
    post = Post(
        ref,
        number,
        post_ref(ref, number),
        draw(st.sampled_from([PostKind.MESSAGE, PostKind.MESSAGE, *PostKind])),
        draw(WHENS),
        forwarded=draw(st.sampled_from([None, Forward(None), Forward(Pseudonym("ch-far"))])),
        attachments=tuple(Attachment(kind) for kind, _ in items),
    )
    return post, tuple(image for kind, image in items if kind in IMAGE_KINDS)


READINGS = st.lists(
    st.builds(
        ChannelReading,
        REFS,
        st.none() | MOMENTS,
        st.none() | st.integers(0, 30),
        st.sampled_from(ChannelState),
    ),
    max_size=8,
)


def written(post: Post) -> datetime | None:
    """The date as it counts: in UTC, or as somebody's clock showed it."""
    return post.when.utc or (post.when.local and post.when.local.replace(tzinfo=UTC))


def months(posts: list[Post]) -> Counter[str]:
    return Counter(f"{at:%Y-%m}" for post in posts if (at := written(post)))


def ends(posts: list[Post]) -> tuple[datetime, datetime] | None:
    return days([at for post in posts if (at := written(post))])


def days(dates: list[datetime]) -> tuple[datetime, datetime] | None:
    """Whole days from the first date to the last."""
    first, last = time(0, 0, 0, tzinfo=UTC), time(23, 59, 59, tzinfo=UTC)
    return (datetime.combine(min(dates), first), datetime.combine(max(dates), last)) if dates else None


def window(measure: Measure) -> tuple[datetime, datetime] | None:
    return measure.window and (measure.window.start, measure.window.end)


def shown(counts: Counter[str]) -> dict[str, int]:
    """The counts without the zeros."""
    return {key: count for key, count in counts.items() if count}


def pictures(stream: Stream) -> list[tuple[Post, AttachmentKind, ImageSeen]]:
    """Every image in a message."""
    return [
        (post, kind, image)
        for post, images in stream
        if post.kind is PostKind.MESSAGE
        for kind, image in zip([a.kind for a in post.attachments if a.kind in IMAGE_KINDS], images, strict=True)
    ]


@patient
@given(streams())
def test_messages_are_counted_by_channel_month_and_kind(stream: Stream) -> None:
    posts = [post for post, _ in stream]
    messages = [post for post in posts if post.kind is PostKind.MESSAGE]
    measure = measured(observed(stream))["messages"]
    assert bounds(measure) == (len(messages),) * 3
    assert window(measure) == ends(messages)
    assert shown(Counter(cells(measure, "channel"))) == Counter(post.channel for post in messages)
    assert shown(Counter(cells(measure, "month"))) == months(messages)
    assert cells(measure, "post_kind") == Counter(post.kind.value for post in posts)


@patient
@given(streams())
def test_images_are_counted_by_kind_channel_and_month_and_forwarded_ones_again(stream: Stream) -> None:
    every = pictures(stream)
    measures = measured(observed(stream))
    for name, chosen in (("images_shared", every), ("forwarded_images", [p for p in every if p[0].forwarded])):
        measure = measures[name]
        posts = [post for post, _, _ in chosen]
        assert bounds(measure) == (len(chosen),) * 3
        assert window(measure) == ends(posts)
        assert cells(measure, "kind") == Counter(kind.value for _, kind, _ in chosen)
        assert shown(Counter(cells(measure, "channel"))) == Counter(post.channel for post in posts)
        assert shown(Counter(cells(measure, "month"))) == months(posts)


def usable(image: ImageSeen) -> bool:
    return image.code is not None and image.quality is not None and image.quality >= 50


@patient
@given(streams())
def test_unique_images_are_clusters_and_the_rest_is_told_by_reason(stream: Stream) -> None:
    every = pictures(stream)
    images = [image for _, _, image in every]
    hashed = [image for image in images if usable(image)]
    by_bytes = {image.sha256 for image in images if image.sha256 and not usable(image)}
    unhashed = [image for image in images if not usable(image) and image.sha256 is None]
    near = len(set(clusters([image.code for image in hashed if image.code], 31)))
    exact = len(by_bytes - {image.sha256 for image in hashed})
    measures = measured(observed(stream))
    unique = measures["unique_images"]
    known = None if images and len(unhashed) == len(images) else near + exact
    assert bounds(unique) == (known, max(near + exact, min(len(images), 1)), near + exact + len(unhashed))
    assert cells(unique, "hash") == {"pdq": near, "sha256": exact}
    assert unique.completeness == ((len(images) - len(unhashed)) / len(images) if images else None)
    assert bounds(measures["unhashed_images"]) == (len(unhashed),) * 3
    compared = [usable(image) or image.sha256 is not None for image in images]
    for name, said in (("unique_images", True), ("unhashed_images", False)):
        posts = [post for (post, _, _), was in zip(every, compared, strict=True) if was is said]
        assert window(measures[name]) == ends(posts)
    reasons = Counter(image.skipped.code.value if image.skipped else "not_stated" for image in unhashed)
    assert cells(measures["unhashed_images"], "reason") == reasons


@patient
@given(streams())
def test_growth_is_the_change_of_the_running_sum_over_whole_months(stream: Stream) -> None:
    every = [post for post, _, _ in pictures(stream)]
    span = covered([post for post, _ in stream])
    measure = measured(observed(stream))["growth"]
    assert window(measure) == span
    there = {key: value for key, value in cells(measure, "month").items() if value is not None}
    first, last = (f"{end:%Y-%m}" for end in span) if span else ("9", "0")
    assert all((key in there) is (first <= key <= last) for key in cells(measure, "month"))
    assert shown(Counter(there)) == {key: n for key, n in months(every).items() if first <= key <= last}
    whole = [key for key in cells(measure, "month") if span and is_whole(key, *span)]
    dates = [(at, post.when.utc is not None) for post in every if (at := written(post))]
    undated = len(every) - len(dates)

    def until(key: str, ahead: int) -> int:
        """Images by the end of a month where a clock without a zone runs so many hours ahead of UTC."""
        return sum(f"{at if zoned else at - timedelta(hours=ahead):%Y-%m}" <= key for at, zoned in dates)

    if len(whole) < 2 or not until(whole[0], 0):
        assert bounds(measure) == (None, None, None)
        return
    first, last = whole[0], whole[-1]
    assert measure.value == change(until(first, 0), until(last, 0))
    assert measure.low == change(until(first, 14) + undated, until(last, -12) + undated)
    most = change(until(first, -12), until(last, 14) + undated) if until(first, -12) else None
    assert measure.high == most
    assert measure.value is not None and measure.low is not None and measure.low <= measure.value
    assert most is None or measure.value <= most


def covered(posts: list[Post]) -> tuple[datetime, datetime] | None:
    """The time in which every channel was read: from its first post, or ever where that is number 0 or 1."""
    channels = [[post for post in posts if post.channel == ref] for ref in {post.channel for post in posts}]
    spans = [(min(post.id for post in own), span) for own in channels if (span := ends(own))]
    if not spans:
        return None
    cut = [span[0] for number, span in spans if number not in (0, 1)]
    start = max(cut) if cut else min(span[0] for _, span in spans)
    end = min(span[1] for _, span in spans)
    return (start, end) if start <= end else None


def change(start: int, end: int) -> float:
    return float(100 * (Fraction(end, start) - 1))


def is_whole(key: str, start: datetime, end: datetime) -> bool:
    year, month = int(key[:4]), int(key[5:])
    first, last = datetime(year, month, 1, tzinfo=UTC), datetime(year, month, monthrange(year, month)[1], tzinfo=UTC)
    return start.date() <= first.date() and last.date() <= end.date()


@patient
@given(streams())
def test_completeness_is_the_share_of_numbers_seen_in_each_range(stream: Stream) -> None:
    numbers: dict[str, list[tuple[int, int]]] = {}
    for ref in ("ch-a", "ch-b", "ch-c"):
        own = [post.id for post, _ in stream if post.channel == ref]
        halves = [[n for n in own if n < 0], [n for n in own if n >= 0]]
        if own:
            numbers[ref] = [(len(half), max(half) - min(half) + 1) for half in halves if half]
    measures = measured(observed(stream, channels=CHANNELS))
    measure = measures["completeness"]
    assert window(measure) == ends([post for post, _ in stream if post.channel != "folder"])
    seen, ranges = (sum(pair[i] for pairs in numbers.values() for pair in pairs) for i in (0, 1))
    assert bounds(measure) == ((seen / ranges, seen / ranges, 1) if numbers else (None, None, None))
    for name in ("messages", "images_shared", "forwarded_images", "unhashed_images", "completeness"):
        assert measures[name].completeness == measure.value
    assert cells(measure, "channel") == {
        ref: sum(seen for seen, _ in pairs) / sum(length for _, length in pairs) for ref, pairs in numbers.items()
    }


@patient
@given(streams(), READINGS)
def test_channels_are_chats_by_kind_and_latest_known_state(stream: Stream, readings: list[ChannelReading]) -> None:
    measure = measured(observed(stream, readings, CHANNELS))["channels"]
    states = []
    for channel in CHANNELS[:3]:
        known = [r for r in readings if r.channel == channel.ref and r.state is not ChannelState.UNKNOWN]
        known.sort(key=lambda r: (r.at or EARLIEST, list(ChannelState).index(r.state)))
        states.append(known[-1].state.value if known else "unknown")
    assert bounds(measure) == (3, 3, 3)
    assert cells(measure, "kind") == {"public_channel": 1, "private_group": 1, "unknown": 1}
    assert cells(measure, "state") == Counter(states)
    dates = [at for post, _ in stream if post.channel != "folder" and (at := written(post))]
    dates += [told.at for told in readings if told.channel != "folder" and told.at]
    assert window(measure) == days(dates)


@patient
@given(streams(), READINGS, st.randoms(use_true_random=False))
def test_the_order_in_which_things_come_changes_no_figure(
    stream: Stream, readings: list[ChannelReading], chance: random.Random
) -> None:
    one = measured(observed(stream, readings, CHANNELS))
    other = measured(observed(*(chance.sample(things, len(things)) for things in (stream, readings, CHANNELS))))
    assert one == other


@patient
@given(streams(), READINGS)
def test_a_stream_that_comes_twice_counts_once(stream: Stream, readings: list[ChannelReading]) -> None:
    once = measured(observed(stream, readings, CHANNELS))
    assert measured(observed(stream + stream, readings + readings, CHANNELS + CHANNELS)) == once


@patient
@given(streams(), READINGS)
def test_every_number_is_a_plain_one_within_its_interval(stream: Stream, readings: list[ChannelReading]) -> None:
    for measure in measured(observed(stream, readings, CHANNELS)).values():
        numbers = [measure.value, measure.low, measure.high, measure.completeness, *(p.value for p in measure.parts)]
        assert {type(number) for number in numbers} <= {int, float, type(None)}
        assert measure.completeness is None or 0 <= measure.completeness <= 1
        known = [number for number in (measure.low, measure.value, measure.high) if number is not None]
        assert known == sorted(known)
