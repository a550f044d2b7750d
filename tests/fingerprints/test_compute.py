"""Bytes → fingerprint through the confined process, one item or many."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.pictures import MIMES, drawn, encoded, oriented, swapped_profile
from tutela.fingerprints import Fingerprinter, Load, fingerprint
from tutela.fingerprints.answer import decode_answer, encode
from tutela.fingerprints.pdq import SHORTEST, pdq
from tutela.media import Limits, MediaError, skipped
from tutela.media.decode import decode
from tutela.model import Fingerprint, Pdq, SkipCode, Skipped

MODES = [
    *((name, drawn(), {}) for name in MIMES),
    *((name, drawn(1, 1300, 1000), {}) for name in MIMES),
    ("JPEG", drawn(mode="CMYK"), {}),
    ("JPEG", drawn(mode="L"), {}),
    ("PNG", drawn(mode="P"), {}),
    ("PNG", drawn(mode="1"), {}),
    ("PNG", drawn(mode="LA"), {}),
    ("PNG", drawn(mode="RGBA"), {}),
    ("PNG", drawn(mode="I;16"), {}),
    ("TIFF", drawn(mode="F"), {}),
    ("TIFF", drawn(mode="LAB"), {}),
    ("TIFF", drawn(), {"compression": "jpeg"}),
    ("TIFF", drawn(), {"compression": "tiff_lzw"}),
    ("TIFF", drawn(mode="1"), {"compression": "group4"}),
    ("PNG", drawn(), {"icc_profile": b"x" * 400}),
    *((name, drawn(), {"icc_profile": swapped_profile()}) for name in ("JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF")),
    ("GIF", drawn(), {"comment": b"\xff\xfe"}),
]


@pytest.mark.parametrize(("name", "picture", "options"), MODES)
def test_the_confined_process_finds_what_an_open_one_finds(computer: Fingerprinter, name, picture, options):
    """Nothing that decoding needs is loaded too late, when no file can be opened any more."""
    data = encoded(picture, name, **options)
    raster = decode(data, Limits(), shortest=SHORTEST)
    assert computer.fingerprint(data) == Fingerprint(
        MIMES[name],
        picture.width,
        picture.height,
        hashlib.sha256(data).digest(),
        hashlib.md5(data).digest(),
        pdq(raster.luma, raster.height, raster.width, raster.scale, raster.cut),
    )


def test_width_and_height_are_those_that_are_displayed(computer: Fingerprinter):
    found = computer.fingerprint(oriented(drawn(), 6))
    assert isinstance(found, Fingerprint)
    assert (found.width, found.height) == (360, 300)


def test_many_items_come_back_in_their_order_whatever_becomes_of_them(computer: Fingerprinter):
    good = [encoded(drawn(seed)) for seed in range(5)]
    known = computer.fingerprint(good[0])
    missing = skipped(SkipCode.MISSING)
    loads: list[Load] = [lambda: good[1], lambda: missing, lambda: b"no picture", lambda: known, lambda: good[4]]
    found = list(computer.fingerprint_all(enumerate(loads)))
    assert [key for key, _ in found] == [0, 1, 2, 3, 4]
    results = [result for _, result in found]
    assert results[0] == computer.fingerprint(good[1])
    assert results[1] is missing
    assert isinstance(results[2], Skipped)
    assert results[3] is known
    assert results[4] == computer.fingerprint(good[4])


def test_groups_stay_together_and_may_be_empty(computer: Fingerprinter):
    data = encoded(drawn())
    sizes = [0, 3, 1, 0, 2] * 20
    groups = ((number, [lambda: data] * size) for number, size in enumerate(sizes))
    found = [(key, len(results)) for key, results in computer.fingerprint_groups(groups)]
    assert found == list(enumerate(sizes))


def test_no_more_is_loaded_than_is_needed_soon(computer: Fingerprinter):
    loaded = []

    def items() -> Iterator[tuple[int, Load]]:
        for number in range(10_000):
            loaded.append(number)
            yield number, lambda: b"no picture"

    running = computer.fingerprint_all(items())
    next(running)
    running.close()
    assert len(loaded) < 100


def test_each_item_is_loaded_once_and_goes_with_its_own_key(computer: Fingerprinter):
    pictures = [encoded(drawn(seed), "JPEG") for seed in range(8)]
    loaded: list[int] = []

    def items() -> Iterator[tuple[int, Load]]:
        for number in range(100):

            def load(number: int = number) -> bytes:
                loaded.append(number)
                return pictures[number % 8]

            yield number, load

    found = list(computer.fingerprint_all(items()))
    assert sorted(loaded) == list(range(100))
    assert [(key, result.sha256) for key, result in found if isinstance(result, Fingerprint)] == [
        (number, hashlib.sha256(pictures[number % 8]).digest()) for number in range(100)
    ]


def test_an_error_of_the_caller_reaches_the_caller(computer: Fingerprinter):
    def fail() -> bytes:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        list(computer.fingerprint_all([("a", lambda: b"x"), ("b", fail), ("c", lambda: b"y")]))
    assert isinstance(computer.fingerprint(encoded(drawn())), Fingerprint)


def test_a_single_picture_has_a_fingerprint_or_an_error_that_says_why():
    assert fingerprint(encoded(drawn())).media == "image/png"
    with pytest.raises(MediaError, match="not a picture in a format") as caught:
        fingerprint(b"hello")
    assert caught.value.skipped.code == SkipCode.UNSUPPORTED


PROGRAM = """
import os, pathlib, sys, tutela
data = sys.stdin.buffer.read()
first = tutela.fingerprint(data)
def workers():
    return pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
kept = workers()
assert len(kept) == 1
assert all(tutela.fingerprint(data) == first for _ in range(20))
assert workers() == kept
child = os.fork()
if child == 0:
    assert tutela.fingerprint(data) == first
    assert workers() and workers() != kept
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert tutela.fingerprint(data) == first
assert workers() == kept
print(*kept)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts processes through /proc")
def test_the_process_behind_single_pictures_is_kept_survives_a_fork_and_ends_with_the_program():
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM]
    done = subprocess.run(command, input=encoded(drawn()), capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert not Path(f"/proc/{int(done.stdout)}").exists()


def test_the_callers_limits_hold_in_the_confined_process():
    with Fingerprinter(1, Limits(pixels=360 * 300 - 1)) as computer:
        refused = computer.fingerprint(encoded(drawn()))
    assert isinstance(refused, Skipped)
    assert refused.code == SkipCode.TOO_MANY_PIXELS


@given(
    st.sampled_from(list(MIMES.values())),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.binary(min_size=256, max_size=256),
    st.integers(0, 100),
)
def test_an_answer_survives_the_border(mime: str, width: int, height: int, codes: bytes, quality: int):
    answer = encode(mime, width, height, Pdq(codes, quality))
    assert decode_answer(answer, b"s", b"m") == Fingerprint(mime, width, height, b"s", b"m", Pdq(codes, quality))


@given(st.binary(max_size=300) | st.binary(min_size=266, max_size=266))
def test_an_answer_that_breaks_the_format_is_refused(answer: bytes):
    try:
        found = decode_answer(answer, b"", b"")
    except ValueError:
        return
    assert found.media in MIMES.values()
    assert 0 <= found.pdq.quality <= 100


def test_the_calling_process_never_loads_a_decoder():
    script = (
        "import sys, tutela.fingerprints; sys.exit(any(name.startswith(('PIL', 'pillow')) for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_fingerprint_does_not_print_what_identifies_the_picture(computer: Fingerprinter):
    found = computer.fingerprint(encoded(drawn()))
    assert isinstance(found, Fingerprint)
    for secret in (found.sha256, found.md5, found.pdq.code):
        assert secret.hex() not in repr(found)
        assert repr(secret) not in repr(found)
