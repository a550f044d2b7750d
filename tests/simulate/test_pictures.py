"""Drawings: each its own, with corners all over, and altered as planned."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tutela.fingerprints.parts import kept_parts
from tutela.model.parts import KEPT
from tutela.simulate.pictures import ALTERED, SIZE, altered, draw, drawn, jpeg


def pixels(picture: Image.Image) -> NDArray[np.int64]:
    return np.asarray(picture).astype(np.int64)


def luma(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def again(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    """How many parts of one picture are found in the other where they were, to three pixels, and described alike."""
    (places, described), (there, like) = (
        (
            np.frombuffer(parts.points, "<u2").reshape(-1, 3)[:, :2] / 65536 * SIZE,
            np.frombuffer(parts.descriptions, np.int8).reshape(-1, 64).astype(np.int64),
        )
        for parts in (kept_parts(picture) for picture in (one, other))
    )
    nearest = (described @ like.T).argmax(axis=1)
    return int((np.abs(places - there[nearest]).max(axis=1) < 3).sum())


def test_the_same_number_gives_the_same_drawing_and_another_another() -> None:
    assert drawn(3, "same") == jpeg(draw(3))
    assert np.array_equal(pixels(altered(3)), pixels(altered(3)))
    assert not np.array_equal(pixels(draw(3)), pixels(draw(4)))


@pytest.mark.parametrize("number", range(4))
def test_a_drawing_has_parts_enough_and_keeps_them_when_it_is_encoded_again(number: int) -> None:
    """Soft colours alone would have none that last."""
    kept = kept_parts(luma(drawn(number, "same")))
    assert len(kept) == KEPT
    assert again(luma(drawn(number, "same")), luma(drawn(number, "re-encoded"))) > 90


@pytest.mark.parametrize("number", range(9))
def test_about_45_percent_of_an_altered_drawing_is_another_one_with_a_soft_edge(number: int) -> None:
    original, made = pixels(draw(number)), pixels(altered(number))
    changed = np.abs(original - made).max(axis=2)
    assert 0.42 < (changed > 0).mean() < 0.56
    rows, columns = (np.flatnonzero((changed > 0).any(axis=axis)) for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert (changed[box] > 0).mean() > 0.95, "one region, and nothing outside it"
    assert again(luma(drawn(number, "same")), luma(drawn(number, ALTERED))) > 40
