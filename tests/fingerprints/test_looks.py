"""Looking at a media again: what is at given points of it, as long as it is at hand."""

import pickle
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tutela.fingerprints import Detail, Fingerprinter, fingerprint
from tutela.fingerprints.parts import looked_up_parts, parts_at
from tutela.fingerprints.places import packed
from tutela.fingerprints.worker import NEEDED
from tutela.media import Limits, read_file
from tutela.media.decode import decode
from tutela.model import Fingerprint, Parts
from tutela.model.parts import LOOKED_AT
from tutela.simulate.pictures import draw, jpeg

MIDDLE = packed(np.array([[0.5, 0.5, 0.02, 1.0], [0.25, 0.75, 0.05, -2.0]]))


@pytest.fixture(scope="module")
def looking() -> Iterator[Fingerprinter]:
    with Fingerprinter(1, detail=Detail.LOOKUP) as made:
        yield made


def descriptions(parts: Parts) -> np.ndarray:
    return np.frombuffer(parts.descriptions, np.int8).reshape(-1, 64).astype(int)


def looked(found: object, points: bytes = MIDDLE) -> Parts | None:
    assert isinstance(found, Fingerprint)
    assert found.look is not None
    return found.look(points)


def test_key_points_are_described_as_they_were_found() -> None:
    """But for what their places lose in six bytes, and for the few that lie between two layers."""
    luma = np.asarray(draw(1).convert("L"))
    found = looked_up_parts(luma)
    away = np.linalg.norm(descriptions(found) - descriptions(parts_at(luma, found.points)), axis=1)
    length = np.median(np.linalg.norm(descriptions(found), axis=1))
    assert np.median(away) < 0.08 * length
    assert (away < 0.5 * length).mean() > 0.95


def test_any_place_and_size_can_be_described() -> None:
    rng = np.random.default_rng(5)
    points = packed(np.column_stack([rng.random((200, 2)), 2 ** rng.uniform(-10, 2, 200), rng.uniform(-4, 4, 200)]))
    found = parts_at(np.asarray(draw(2).convert("L")), points)
    assert (found.points, len(found)) == (points, 200)
    assert np.ptp(descriptions(found), axis=0).max() > 50


def test_what_is_larger_than_any_picture_takes_no_time() -> None:
    luma, points = np.asarray(draw(2).convert("L")), b"\x00\x80\x00\x80\xff\x00"
    parts_at(luma, points)
    start = time.process_time()
    parts_at(luma, points * LOOKED_AT)
    assert time.process_time() - start < 5


def test_what_is_turned_is_described_alike_along_the_turn() -> None:
    picture = draw(3)
    turned = picture.transpose(Image.Transpose.ROTATE_90)  # the other way round than angles are counted
    here, there = [[0.4, 0.3, 0.03, 0.7]], [[0.3, 0.6, 0.03, 0.7 - np.pi / 2]]
    first, second = (
        descriptions(parts_at(np.asarray(each.convert("L")), packed(np.array(where))))[0]
        for each, where in ((picture, here), (turned, there))
    )
    assert np.linalg.norm(first - second) < 0.15 * np.linalg.norm(first)


def test_the_confined_process_looks_as_an_open_one_does(looking: Fingerprinter) -> None:
    data = jpeg(draw(1))
    luma = decode(data, Limits(), shortest=NEEDED[Detail.LOOKUP]).luma
    assert looked(looking.fingerprint(data)) == parts_at(luma, MIDDLE)


def test_each_fingerprint_looks_at_its_own_media(looking: Fingerprinter) -> None:
    items = [(number, jpeg(draw(number % 2))) for number in range(4)]
    found = [result for _, result in looking.fingerprint_all((key, lambda data=data: data) for key, data in items)]
    seen = [looked(result) for result in found]
    assert seen[0] == seen[2] != seen[1] == seen[3]
    assert found[0] == found[2] != found[1]  # how it is looked at again is no part of what it is


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(jpeg(draw(2))), Path.unlink])
def test_a_file_that_changed_or_went_is_not_looked_at(looking: Fingerprinter, tmp_path: Path, change) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(jpeg(draw(1)))
    ((_, found),) = looking.fingerprint_all([("one", lambda: read_file(path, Limits()))])
    assert looked(found) is not None
    change(path)
    assert looked(found) is None


def test_nothing_is_looked_at_once_the_processes_ended() -> None:
    with Fingerprinter(1, detail=Detail.LOOKUP) as ended:
        found = ended.fingerprint(jpeg(draw(1)))
        assert looked(found) is not None
    assert looked(found) is None


@pytest.mark.parametrize("detail", [Detail.PLAIN, Detail.PROTECT])
def test_only_what_is_looked_up_is_looked_at_again(detail: Detail) -> None:
    assert fingerprint(jpeg(draw(1)), detail).look is None


def test_no_more_points_are_looked_at_than_agreed(looking: Fingerprinter) -> None:
    found = looking.fingerprint(jpeg(draw(1)))
    assert looked(found, MIDDLE[:6] * LOOKED_AT) is not None
    assert looked(found, MIDDLE[:6] * (LOOKED_AT * 2)) is None
    assert looked(found) is not None


def test_a_fingerprint_can_let_go_of_its_media(looking: Fingerprinter) -> None:
    found = looking.fingerprint(jpeg(draw(1)))
    assert isinstance(found, Fingerprint)
    assert replace(found, look=None) == found
    assert "look" not in repr(found)


def test_a_fingerprint_goes_to_other_processes_without_its_media(looking: Fingerprinter) -> None:
    found = looking.fingerprint(jpeg(draw(1)))
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.look is None
