"""Conformance: real pictures, confined, against what the reference implementation says of them (`bench/vectors.py`)."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutela.fingerprints import Fingerprinter
from tutela.model import ORIENTATIONS, Fingerprint

pytestmark = pytest.mark.corpora

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "pdq.json").read_text())
CONFORMING = 10
"""Bits that implementations may lie apart at quality 80 or more."""


def distance(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@pytest.fixture(scope="module")
def found(corpora: Path) -> dict[Path, Fingerprint]:
    """The fingerprints of all corpus pictures that have a vector."""

    def items() -> Iterator[tuple[Path, bytes]]:
        for folder in ("photos", "pdq", "orientation"):
            for path in sorted((corpora / folder).rglob("*")):
                if path.is_file() and hashlib.sha256(data := path.read_bytes()).hexdigest() in VECTORS:
                    yield path.relative_to(corpora), data

    with Fingerprinter() as computer:
        results = dict(computer.fingerprint_all((path, lambda data=data: data) for path, data in items()))
    assert len(results) > 1000
    return results


def test_every_picture_lies_within_ten_bits_of_the_reference(found: dict[Path, Fingerprint]):
    far = {}
    for path, fingerprint in found.items():
        vector = VECTORS[fingerprint.sha256.hex()]
        apart = distance(fingerprint.pdq.code, bytes.fromhex(vector["hash"]))
        if vector["quality"] >= 80 and apart > CONFORMING:
            far[path] = apart
    assert far == {}


def test_quality_is_that_of_the_reference(found: dict[Path, Fingerprint]):
    for fingerprint in found.values():
        assert abs(fingerprint.pdq.quality - VECTORS[fingerprint.sha256.hex()]["quality"]) <= 2


def original(path: Path) -> Path | None:
    """Of which picture the corpus says that this one is the same in another mode or orientation."""
    if path.parent.name == "modes" and path.name != "original.jpg":
        return path.with_name("original.jpg")
    if path.parent.name == "orientation":
        return path.with_name(path.name.split("_")[0] + "_1.jpg")
    return None


def test_other_modes_and_orientations_lie_within_ten_bits_of_the_plain_original(found: dict[Path, Fingerprint]):
    pairs = {path: source for path in found if (source := original(path))}
    apart = {path: distance(found[path].pdq.code, found[source].pdq.code) for path, source in pairs.items()}
    assert len(apart) > 25
    assert {path: bits for path, bits in apart.items() if bits > CONFORMING} == {}


def test_one_of_the_eight_codes_finds_the_really_turned_picture(found: dict[Path, Fingerprint]):
    """Meta's dihedral set, whose files were turned and saved again."""
    dihedral = sorted(path for path in found if path.parent.name == "dih")
    codes = found[dihedral[0]].pdq.codes
    places = []
    for path in dihedral:
        apart = [distance(codes[32 * place :][:32], found[path].pdq.code) for place in range(8)]
        assert min(apart) <= CONFORMING
        places.append(apart.index(min(apart)))
    assert sorted(places) == list(range(len(ORIENTATIONS)))
