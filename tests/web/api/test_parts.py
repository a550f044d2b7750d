"""Parts over the wire: altered versions are found, and parts that no picture has break nothing."""

import random
from pathlib import Path

import msgspec
import pytest

from drawings import picture as drawing
from drawings import poor
from tutela.access import Role
from tutela.fingerprints import Detail
from tutela.fingerprints import fingerprint as computed
from tutela.model import Parts
from tutela.model.parts import DESCRIPTION_BYTES, POINT_BYTES
from tutela.web.wire import POINTS, SIDE, wire
from web.api.asking import picture, wired
from web.api.conftest import Running, default, running


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """A service whose bank has a derived tier."""
    folder = tmp_path_factory.mktemp("parts")
    with running(folder, default(folder)) as web:
        for number in range(1, 4):
            data = drawing(folder / f"{number}.png", number).read_bytes()
            web.bank.protect([computed(data, Detail.PROTECT)], kind="ordinary")
        yield web


def hostile(made: random.Random, number: int) -> dict[str, object]:
    """Points and descriptions that no picture has, of a picture that has no such sides."""
    count = made.choice([1, 2, 7, 100, 800, POINTS])
    byte = made.choice([None, 0, 255, 128])

    def some(size: int) -> bytes:
        return made.randbytes(size) if byte is None else bytes([byte]) * size

    parts = Parts(some(count * POINT_BYTES), some(count * DESCRIPTION_BYTES))
    asked = picture(10_000 + number)
    sides = made.choice([(1, 1), (1, SIDE), (SIDE, 1), (SIDE, SIDE), (640, 480)])
    return {
        **asked,
        "width": sides[0],
        "height": sides[1],
        "parts": msgspec.to_builtins({"points": parts.points, "descriptions": parts.descriptions}),
    }


def test_parts_that_no_picture_has_are_answered_and_can_be_protected(described: Running) -> None:
    made = random.Random(3)
    for number in range(60):
        asked = hostile(made, number)
        answer = described.post("/api/v1/lookup", Role.MATCH, asked)
        assert answer.status_code == 200, (number, answer.text)
        if number % 6 == 0:
            opened = described.post("/api/v1/cases", Role.INTAKE, {"kind": "ordinary", "fingerprints": [asked]})
            assert opened.status_code == 201, (number, opened.text)
            assert described.post("/api/v1/lookup", Role.MATCH, asked).json()["matched"]


def test_an_altered_version_is_found_from_its_parts(described: Running, tmp_path: Path) -> None:
    data = drawing(tmp_path / "a.jpg", 2, "altered").read_bytes()
    asked = wired(computed(data, Detail.LOOKUP))
    found = described.post("/api/v1/lookup", Role.MATCH, asked).json()
    assert [each["tier"] for each in found["matches"]] == ["derived"]
    assert found["matches"][0]["review"] is True
    assert len(msgspec.json.encode(wire(computed(data, Detail.LOOKUP)))) < 512 * 1024


def test_a_picture_that_is_sent_is_looked_at_again_where_its_fingerprint_cannot_be(described: Running) -> None:
    files = [poor(number) for number in range(1, 4)]
    sent = [described.post("/api/v1/lookups/media", Role.MATCH, files={"media": ("x", data)}) for data in files]
    alone = [described.post("/api/v1/lookup", Role.MATCH, wired(computed(data, Detail.LOOKUP))) for data in files]
    assert {each["tier"] for answer in sent for each in answer.json()["matches"]} == {"derived"}
    assert sum(answer.json()["matched"] for answer in sent) > sum(answer.json()["matched"] for answer in alone)
