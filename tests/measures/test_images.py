"""Images on examples: what counts as shared, as one picture, as compared."""

from msgspec.structs import replace

from measures.conftest import (
    ABSENT,
    DOCUMENT,
    NOWHEN,
    PHOTO,
    bits,
    bounds,
    cells,
    image,
    measured,
    notes,
    observed,
    post,
    utc,
)
from tutela.model import AttachmentKind, PostKind, Pseudonym, SkipCode, Skipped

ONE, NEAR, FAR = bits(), bits(*range(31)), bits(*range(32))


def test_an_item_of_an_album_counts_one_and_a_video_does_not() -> None:
    album = Pseudonym("album-1")
    stream = [
        (replace(post(1, NOWHEN, PHOTO), album=album), [ABSENT]),
        (replace(post(2, NOWHEN, PHOTO), album=album), [ABSENT]),
        (post(3, NOWHEN, AttachmentKind.VIDEO, DOCUMENT, AttachmentKind.STICKER), [ABSENT]),
    ]
    shared = measured(observed(stream))["images_shared"]
    assert shared.value == 3
    assert cells(shared, "kind") == {"photo": 2, "image_document": 1}


def test_forwarded_images_are_part_of_those_shared() -> None:
    stream = [
        (post(1, utc("2020-05-01T00:00:00"), PHOTO, forwarded=True), [ABSENT]),
        (post(2, utc("2020-06-01T00:00:00"), PHOTO, channel="ch-b"), [ABSENT]),
    ]
    measures = measured(observed(stream))
    assert (measures["images_shared"].value, measures["forwarded_images"].value) == (2, 1)
    assert cells(measures["forwarded_images"], "channel") == {"ch-a": 1, "ch-b": 0}
    assert cells(measures["forwarded_images"], "month") == {"2020-05": 1}


def test_a_changed_chat_photo_was_not_shared() -> None:
    measures = measured(observed([(post(1, NOWHEN, PHOTO, kind=PostKind.SERVICE), [image(ONE)])]))
    assert measures["images_shared"].value == measures["unique_images"].value == measures["messages"].value == 0
    assert cells(measures["messages"], "post_kind") == {"service": 1}


def test_31_bits_apart_is_one_picture_and_32_are_two() -> None:
    def unique(*codes: bytes) -> object:
        stream = [(post(number, NOWHEN, PHOTO), [image(code)]) for number, code in enumerate(codes)]
        return measured(observed(stream))["unique_images"].value

    assert unique(ONE, NEAR) == 1
    assert unique(ONE, FAR) == 2


def test_below_quality_50_only_the_same_bytes_make_one_picture() -> None:
    flat = [image(ONE, 49, b"a" * 32), image(ONE, 49, b"b" * 32), image(ONE, 49, b"a" * 32)]
    clear = [image(ONE, 50, b"c" * 32), image(NEAR, 50, b"d" * 32)]
    unique = measured(observed([(post(1, NOWHEN, *[PHOTO] * 5), flat + clear)]))["unique_images"]
    assert bounds(unique) == (3, 3, 3)
    assert cells(unique, "hash") == {"pdq": 1, "sha256": 2}
    assert notes(unique, "hash") == {
        "pdq": "images compared: 2",
        "sha256": "images compared, without a usable PDQ hash: 3",
    }


def test_the_same_bytes_are_one_picture_even_where_only_one_of_them_has_a_hash() -> None:
    """The decoder may have run out of time once."""
    pair = [image(ONE, 80, b"a" * 32), image(sha256=b"a" * 32)]
    assert measured(observed([(post(1, NOWHEN, PHOTO, PHOTO), pair)]))["unique_images"].value == 1


def test_images_without_bytes_may_be_copies_or_all_different() -> None:
    missing = replace(ABSENT, skipped=Skipped(SkipCode.MISSING, "not there"))
    images = [image(ONE), image(FAR), image(NEAR), ABSENT, ABSENT, missing, replace(ABSENT, skipped=None), image(ONE)]
    measures = measured(observed([(post(1, NOWHEN, *[PHOTO] * 8), images)]))
    assert bounds(measures["unique_images"]) == (1, 1, 5)
    assert measures["unique_images"].completeness == 0.5
    assert cells(measures["unhashed_images"], "reason") == {"not-included": 2, "missing": 1, "not_stated": 1}


def test_where_nothing_could_be_compared_there_is_one_picture_at_least() -> None:
    measures = measured(observed([(post(1, NOWHEN, PHOTO, PHOTO), [ABSENT, ABSENT])]))
    assert bounds(measures["unique_images"]) == (None, 1, 2)
    assert measures["unique_images"].completeness == 0


def test_what_has_no_bytes_and_too_poor_a_code_was_not_compared() -> None:
    measures = measured(observed([(post(1, NOWHEN, PHOTO), [image(ONE, 20)])]))
    assert cells(measures["unhashed_images"], "reason") == {"not_stated": 1}
