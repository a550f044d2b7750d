"""Whatever the bytes hold: a fingerprint, or a code and a sentence, at a bounded cost, and the next item is fine."""

import os
import random
import signal
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from media.pictures import MIMES, drawn, encoded, oriented
from tutela.fingerprints import Fingerprinter
from tutela.media import Limits
from tutela.model import Fingerprint, SkipCode, Skipped

MIB = 2**20
MUTATIONS = 10_000


def children() -> list[int]:
    """The processes that this one has started and that still run."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def status(process: int | str, row: str) -> int:
    """A figure of a process in bytes, for instance its peak of resident memory, ``VmHWM``."""
    rows = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(rows[row].split()[0]) * 1024


def sound(result: object) -> bool:
    """A fingerprint, or a skip with a code and a sentence for people."""
    if isinstance(result, Fingerprint):
        return True
    return isinstance(result, Skipped) and result.code in SkipCode and len(result.reason.split()) > 3


def code_of(result: Fingerprint | Skipped) -> SkipCode | None:
    return result.code if isinstance(result, Skipped) else None


@pytest.mark.corpora
def test_every_hostile_file_ends_as_a_fingerprint_or_with_a_reason(computer: Fingerprinter, corpora: Path):
    files = [path for path in sorted((corpora / "hostile").iterdir()) if path.is_file()]
    assert len(files) > 100
    results = dict(computer.fingerprint_all((path.name, path.read_bytes) for path in files))
    assert [name for name, result in results.items() if not sound(result)] == []
    assert isinstance(computer.fingerprint(encoded(drawn())), Fingerprint)


def specimens() -> list[bytes]:
    """Small good files in all formats, with what parsers stumble over: EXIF, profiles, palettes, frames, 16 bits."""
    small = drawn(1, 44, 36)
    frames = {"save_all": True, "append_images": [drawn(2, 44, 36)]}
    return [
        *(encoded(small, name) for name in MIMES),
        *(oriented(small, 6, name) for name in ("JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF")),
        *(encoded(small, name, **frames) for name in ("GIF", "WEBP", "TIFF")),
        *(encoded(small.convert(mode), "PNG") for mode in ("P", "LA", "RGBA", "1", "I;16")),
        encoded(small, "JPEG", progressive=True),
        encoded(small.convert("CMYK"), "JPEG"),
        *(encoded(small, "TIFF", compression=kind) for kind in ("jpeg", "tiff_lzw", "tiff_deflate", "packbits")),
    ]


def mutated(dice: random.Random, files: list[bytes]) -> bytes:
    """One of the files with bits flipped, a header edited, a piece cut out, doubled or taken from another file."""
    data = bytearray(dice.choice(files))
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(data) or 1)
        match dice.randrange(6):
            case 0:
                for _ in range(dice.choice((1, 3, 20))):
                    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            case 1:
                place = dice.randrange(min(64, len(data)))
                data[place : place + 4] = dice.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", dice.randbytes(4)))
            case 2:
                data = data[: max(at, 20)]
            case 3:
                del data[at : at + dice.randrange(1, 200)]
            case 4:
                data[at:at] = data[at : at + dice.randrange(1, 200)]
            case _:
                other = dice.choice(files)
                data[at:] = other[dice.randrange(len(other)) :]
        if len(data) < 30:
            break
    return bytes(data)


def test_ten_thousand_mutations_cost_nothing_but_themselves():
    dice, files = random.Random(20240229), specimens()
    limits = Limits(pixels=4_000_000, scaled_pixels=4_000_000, memory=256 * MIB, cpu=5, wall=10.0)

    def items() -> Iterator[tuple[int, object]]:
        for number in range(MUTATIONS):
            data = mutated(dice, files)
            yield number, lambda data=data: data

    with Fingerprinter(2, limits) as computer:
        computer.fingerprint(files[0])
        before = status("self", "VmRSS")
        results = [result for _, result in computer.fingerprint_all(items())]
        grown = status("self", "VmRSS") - before
        peaks = [status(child, "VmHWM") for child in children()]
        assert isinstance(computer.fingerprint(files[0]), Fingerprint)
    assert len(results) == MUTATIONS
    assert all(map(sound, results))
    assert grown < 64 * MIB
    assert peaks
    assert max(peaks) < limits.memory + 128 * MIB
    read = sum(isinstance(result, Fingerprint) for result in results)
    assert 500 < read < MUTATIONS - 500  # otherwise the mutations would be too wild or too tame to say anything


def png(width: int, height: int, rows: int) -> bytes:
    """A PNG that claims a size and holds `rows` rows of zeros."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes((3 * width + 1) * rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def forged(name: str, width: int, height: int) -> bytes:
    """A small file that claims a size."""
    data = bytearray(encoded(drawn(1, 40, 30), name, **({"lossless": True} if name == "WEBP" else {})))
    match name:
        case "GIF":
            data[6:10] = struct.pack("<HH", width, height)
        case "BMP":
            data[18:26] = struct.pack("<ii", width, height)
        case "JPEG":
            place = data.index(b"\xff\xc0") + 5
            data[place : place + 4] = struct.pack(">HH", height, width)
        case "WEBP":
            data[21:25] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(data)


BOMBS = {
    "PNG": lambda: png(60_000, 60_000, 2),
    "TIFF": lambda: encoded(Image.new("1", (16_000, 16_000)), "TIFF", compression="group4"),
    "GIF": lambda: forged("GIF", 65_535, 65_535),
    "BMP": lambda: forged("BMP", 65_535, 65_535),
    "JPEG": lambda: forged("JPEG", 65_000, 65_000),
    "WEBP": lambda: forged("WEBP", 16_383, 16_383),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_decompression_bomb_is_refused_before_it_goes_off(computer: Fingerprinter, name: str):
    data = BOMBS[name]()
    assert len(data) < 600_000
    start = time.monotonic()
    assert code_of(computer.fingerprint(data)) == SkipCode.TOO_MANY_PIXELS
    assert time.monotonic() - start < 5


def test_a_picture_within_the_limit_on_pixels_may_still_not_take_more_memory_than_allowed():
    small = encoded(drawn())
    with Fingerprinter(1, Limits(memory=64 * MIB)) as computer:
        for shape in ((7000, 7000), (5, 8_000_000)):
            assert code_of(computer.fingerprint(png(*shape, rows=shape[1]))) == SkipCode.OUT_OF_MEMORY
        assert isinstance(computer.fingerprint(small), Fingerprint)


@pytest.mark.parametrize(
    ("sign", "wall", "code"), [(signal.SIGKILL, 30.0, SkipCode.DECODER_DIED), (None, 0.5, SkipCode.TOO_SLOW)]
)
def test_a_worker_that_dies_or_hangs_in_the_middle_of_an_item_costs_one_item(sign, wall: float, code: SkipCode):
    data = encoded(drawn())
    earlier = set(children())
    with Fingerprinter(1, Limits(wall=wall)) as computer:
        assert isinstance(computer.fingerprint(data), Fingerprint)
        (worker,) = set(children()) - earlier
        os.kill(worker, signal.SIGSTOP)  # now it is sure to be in the middle of the item
        if sign:
            threading.Timer(0.3, os.kill, (worker, sign)).start()
        assert code_of(computer.fingerprint(data)) == code
        assert isinstance(computer.fingerprint(data), Fingerprint)
        assert worker not in children()
    assert set(children()) <= earlier
