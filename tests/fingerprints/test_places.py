"""Where key points lie, as numbers and as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.fingerprints.places import packed, unpacked

POINTS = st.lists(st.binary(min_size=6, max_size=6), max_size=8).map(b"".join)


@given(POINTS)
def test_bytes_come_back_as_they_were(points: bytes) -> None:
    assert packed(unpacked(points)) == points


@given(
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1, exclude_max=True),
    st.floats(1 / 1024, 1),
    st.floats(-10, 10),
)
def test_numbers_come_back_as_exactly_as_the_bytes_tell(x: float, y: float, blur: float, turn: float) -> None:
    ((again_x, again_y, again_blur, again_turn),) = unpacked(packed(np.array([[x, y, blur, turn]])))
    assert (again_x, again_y) == pytest.approx((x, y), abs=1 / 65536)
    assert abs(np.log2(again_blur / blur)) <= 1 / 32 + 1e-9
    assert np.cos(again_turn - turn) >= np.cos(np.pi / 256) - 1e-9


@pytest.mark.parametrize("x", [-0.5, -1e-9, 1.0, 7.0])
def test_places_outside_are_moved_to_the_edge(x: float) -> None:
    ((again, _, _, _),) = unpacked(packed(np.array([[x, 0.5, 0.1, 0.0]])))
    assert again == pytest.approx(min(max(x, 0), 1), abs=1 / 65536)


def test_points_that_are_cut_off_are_refused() -> None:
    with pytest.raises(ValueError, match="6 bytes"):
        unpacked(bytes(7))
