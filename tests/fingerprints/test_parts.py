"""Parts: the conformance set, and what every implementation must keep to."""

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tutela.fingerprints import Detail, Fingerprinter
from tutela.fingerprints.answer import decode_answer, encode
from tutela.fingerprints.parts import AREAS, kept_parts, looked_up_parts, turned, working_size
from tutela.model import ORIENTATIONS, Fingerprint, Parts, Pdq, View
from tutela.model.parts import KEPT
from tutela.simulate.pictures import draw, jpeg

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "parts.json").read_text("utf-8"))
views = st.builds(
    lambda size, orientation, count, data: View(
        size, orientation, data.draw(st.binary(min_size=4 * count, max_size=4 * count)), bytes(64 * count)
    ),
    st.integers(0, 2), st.integers(0, 7), st.integers(0, 5), st.data(),
)  # fmt: skip


def luma(seed: int) -> np.ndarray:
    return np.asarray(draw(seed).convert("L"))


def places(view: View) -> np.ndarray:
    return np.frombuffer(view.places, "<u2").reshape(-1, 2) / 65536


def levels(view: View) -> np.ndarray:
    return np.frombuffer(view.descriptors, np.int8).reshape(-1, 64).astype(int)


@pytest.mark.parametrize("entry", VECTORS)
def test_the_conformance_set_is_found_again(entry: dict) -> None:
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(entry["png"]))))
    found = {(view.size, view.orientation): view for view in looked_up_parts(pixels).views}
    for expected in entry["views"]:
        mine = found[expected["size"], expected["orientation"]]
        wanted = View(
            expected["size"], expected["orientation"],
            base64.b64decode(expected["places"]), base64.b64decode(expected["descriptors"]),
        )  # fmt: skip
        height, width = turned(pixels, expected["orientation"]).shape
        scale = working_size(width, height, AREAS[expected["size"]])
        apart = np.abs((places(wanted)[:, None] - places(mine)[None]) * scale).max(axis=2)
        nearest = apart.argmin(axis=1)
        same = apart.min(axis=1) <= 1.0
        assert len(wanted) > 50
        assert same.mean() >= 0.95
        assert np.median(np.abs(levels(wanted) - levels(mine)[nearest])[same].max(axis=1)) <= 6


def test_what_protects_is_part_of_what_looks_up() -> None:
    kept, looked_up = kept_parts(luma(5)), looked_up_parts(luma(5))
    by_size = {view.size: view for view in looked_up.views if view.orientation == 0}
    for view, (size, most) in zip(kept.views, KEPT, strict=True):
        assert view.size == size
        assert len(view) <= most
        assert by_size[size].places.startswith(view.places)
        assert by_size[size].descriptors.startswith(view.descriptors)


@pytest.mark.parametrize("orientation", range(8))
def test_orientations_lie_as_their_names_say(orientation: int) -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    named = {
        "as-is": pixels, "rotated-90": np.rot90(pixels), "rotated-180": np.rot90(pixels, 2),
        "rotated-270": np.rot90(pixels, 3), "mirrored": pixels[:, ::-1], "flipped": pixels[::-1],
        "transposed": pixels.T, "transversed": np.rot90(pixels.T, 2),
    }  # fmt: skip
    assert np.array_equal(turned(pixels, orientation), named[ORIENTATIONS[orientation]])


@pytest.mark.parametrize("shape", [(1, 1), (5, 900), (900, 5), (64, 64)])
def test_flat_pictures_of_any_shape_have_hardly_any_points(shape: tuple[int, int]) -> None:
    assert len(kept_parts(np.full(shape, 90, np.uint8))) < 10


@given(st.integers(1, 30_000), st.integers(1, 30_000))
def test_working_sizes_fit_the_network_and_stay_near_the_area(width: int, height: int) -> None:
    for area in AREAS:
        across, down = working_size(width, height, area)
        assert across % 32 == down % 32 == 0
        assert 0.6 * area <= across * down <= 1.5 * area


@given(st.lists(views, max_size=4))
def test_answers_carry_parts_over_the_border(shown: list[View]) -> None:
    parts = Parts(tuple(shown)) if shown else None
    answer = encode("image/png", 3, 4, Pdq(bytes(256), 7), parts)
    assert decode_answer(answer, b"a", b"b").parts == parts


@given(st.lists(views, min_size=1, max_size=3), st.integers(1, 40))
def test_an_answer_that_is_cut_off_is_refused(shown: list[View], cut: int) -> None:
    answer = encode("image/png", 3, 4, Pdq(bytes(256), 7), Parts(tuple(shown)))
    whole = {len(encode("image/png", 3, 4, Pdq(bytes(256), 7), Parts(tuple(shown[:n])))) for n in range(4)}
    if len(answer) - cut not in whole:
        with pytest.raises(ValueError, match=r"cut off|at least"):
            decode_answer(answer[:-cut], b"", b"")


@pytest.mark.parametrize("detail", Detail)
def test_the_confined_worker_computes_what_was_asked_for(detail: Detail) -> None:
    with Fingerprinter(1, detail=detail) as computer:
        found = computer.fingerprint(jpeg(draw(3)))
    assert isinstance(found, Fingerprint)
    views_ = 0 if found.parts is None else len(found.parts.views)
    assert views_ == {Detail.PLAIN: 0, Detail.PROTECT: 2, Detail.LOOKUP: 10}[detail]


def test_parts_appear_in_no_repr() -> None:
    view = View(0, 0, b"\1\2\3\4", bytes(range(64)))
    assert "\\x01" not in repr(Fingerprint("image/png", 1, 1, b"", b"", None, Parts((view,))))


def test_the_same_file_again_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    data, other = jpeg(draw(3)), jpeg(draw(4))
    with Fingerprinter(1, detail=Detail.PROTECT) as computer:
        first, asked = computer.fingerprint(data), []
        real = computer._pool.process
        monkeypatch.setattr(computer._pool, "process", lambda item, then: asked.append(item) or real(item, then))
        assert computer.fingerprint(data) is first
        assert asked == []
        assert computer.fingerprint(other) != first
        assert asked == [other]
