"""The observer counts each post once, refuses what does not fit, and keeps a few bytes of each post."""

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np
import pytest
from msgspec.structs import replace

from measures.conftest import ABSENT, DOCUMENT, NOWHEN, PHOTO, bits, cells, chat, image, measured, post, reading, utc
from tutela.measures import ImageSeen, ObservationError, Observer
from tutela.model import AttachmentKind, ChannelKind, Post, TutelaError


def test_a_channel_and_number_count_once_and_the_first_stays() -> None:
    observer = Observer()
    assert observer.post(post(7, NOWHEN, PHOTO), [ABSENT])
    assert not observer.post(post(7, NOWHEN, PHOTO, PHOTO), [ABSENT, ABSENT])
    assert observer.post(post(-7))
    assert observer.post(post(7, channel="ch-b"))
    measures = measured(observer.finish())
    assert (measures["messages"].value, measures["images_shared"].value) == (3, 1)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63 - 1), 0, 255, 256, -256, -257])
def test_every_number_of_64_bits_is_told_from_its_neighbours(number: int) -> None:
    observer = Observer()
    for other in {number - 1, number + 1, -number} - {number, 2**63, -(2**63)}:
        assert observer.post(post(other))
    assert observer.post(post(number))
    assert not observer.post(post(number))


def test_the_longest_range_of_numbers_does_not_overflow() -> None:
    observer = Observer()
    observer.post(post(0))
    observer.post(post(2**63 - 1))
    completeness = measured(observer.finish())["completeness"]
    assert completeness.value == 2 / 2**63
    assert completeness.parts[0].note == "2 of 9223372036854775808 message numbers"


def test_the_first_kind_other_than_unknown_stays() -> None:
    observer = Observer()
    observer.post(post(1))
    for kind in (ChannelKind.UNKNOWN, ChannelKind.PUBLIC_GROUP, ChannelKind.PRIVATE_GROUP):
        observer.channel(chat("ch-a", kind))
    assert cells(measured(observer.finish())["channels"], "kind") == {"public_group": 1}


PAIR = post(1, NOWHEN, PHOTO, AttachmentKind.VIDEO, DOCUMENT)


@pytest.mark.parametrize(
    ("odd", "images", "says"),
    [
        (PAIR, [], "0 images were handed in for 2"),
        (PAIR, [ABSENT] * 3, "3 images were handed in for 2"),
        (PAIR, [ABSENT, replace(ABSENT, code=bytes(31))], "32 bytes"),
        (PAIR, [replace(ABSENT, sha256=bytes(20)), ABSENT], "32 bytes"),
        (PAIR, [ABSENT, image(bits(), 101)], "0 to 100"),
        (PAIR, [ABSENT, image(bits(), -1)], "0 to 100"),
        (post(2**63), [], "64 bits"),
        (post(-(2**63)), [], "64 bits"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_of_it_counts(odd: Post, images: list[ImageSeen], says: str) -> None:
    observer = Observer()
    with pytest.raises(ObservationError, match=says) as caught:
        observer.post(odd, images)
    assert isinstance(caught.value, TutelaError)
    assert caught.value.where == odd.ref
    measures = measured(observer.finish())
    assert (measures["messages"].value, measures["images_shared"].value, measures["channels"].value) == (0, 0, 0)
    assert odd is not PAIR or observer.post(PAIR, [ABSENT, ABSENT])


@pytest.mark.parametrize("members", [-1, 2**63])
def test_a_number_of_members_that_is_none_is_refused(members: int) -> None:
    observer = Observer()
    with pytest.raises(ObservationError, match="no number of members"):
        observer.reading(reading("ch-a", members))
    assert measured(observer.finish())["channels"].value == 0


def test_observing_may_go_on_after_a_first_look() -> None:
    observer = Observer()
    observer.post(post(1, utc("2020-05-01T00:00:00"), PHOTO), [image(bits())])
    first = observer.finish()
    before = measured(first)
    observer.post(post(2, utc("2020-06-01T00:00:00"), PHOTO), [ABSENT])
    assert measured(first) == before
    assert measured(observer.finish())["images_shared"].value == 2


def test_observations_cannot_be_changed() -> None:
    observer = Observer()
    observer.reading(reading("ch-a", 50))
    observer.post(post(1, NOWHEN, PHOTO), [image(bits())])
    seen = observer.finish()
    columns = [getattr(table, f.name) for table in (seen.readings, seen.posts, seen.images) for f in fields(table)]
    assert len(columns) == 20
    for column in columns:
        assert isinstance(column, np.ndarray)
        with pytest.raises(ValueError, match="read-only"):
            column[:] = 0


def kept(make: Callable[[int], tuple[Post, Sequence[ImageSeen]]], count: int) -> float:
    """Bytes that an observer holds for each of so many posts more, once what it remembers for a while has filled."""
    first = Observer()  # what is loaded for the first of all posts is nothing that each of them costs
    first.post(*make(0))
    first.finish()
    observer = Observer()
    tracemalloc.start()
    try:
        held = []
        for number in range(2 * count + 1):
            if number in (count, 2 * count):
                held.append(tracemalloc.get_traced_memory()[0])
            observer.post(*make(number))
    finally:
        tracemalloc.stop()
    return (held[1] - held[0]) / count


def test_a_post_costs_a_few_bytes_however_long_its_text() -> None:
    assert kept(lambda n: (replace(post(n, utc("2020-05-01T00:00:00")), text=f"{n}" * 100), ()), 1 << 12) < 41


def test_an_image_costs_its_fingerprints_and_a_few_bytes() -> None:
    def with_image(number: int) -> tuple[Post, Sequence[ImageSeen]]:
        return post(number, NOWHEN, PHOTO), [image(number.to_bytes(32), 80, number.to_bytes(32))]

    assert kept(with_image, 1 << 12) < 40 + 82
