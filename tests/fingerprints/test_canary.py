"""No imagery is kept: what is in a picture reaches no file, neither its bytes nor its pixels."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from media.pictures import drawn, encoded

CANARY = b"Tutela-canary-7f3a9c51e08d42b6-!"
PATTERN = bytes(range(7, 250, 3))
"""Pixels that stand in a row at the top of each picture, so that decoded memory written anywhere would show."""

RUN = """
import sys
from pathlib import Path
from tutela.fingerprints import Fingerprinter
from tutela.model import Fingerprint

with Fingerprinter(2) as computer:
    paths = sorted(Path(sys.argv[1]).iterdir())
    found = [result for _, result in computer.fingerprint_all((path, path.read_bytes) for path in paths)]
print(sum(isinstance(result, Fingerprint) for result in found), len(found))
"""


OPENING = ("open", "openat", "openat2", "creat", "memfd_create")
WRITING = (
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "sendto",
    "sendmsg",
    "sendfile",
    "splice",
    "rename",
    "link",
    "mkdir",
)
FOR_WRITING = re.compile("O_WRONLY|O_RDWR|O_CREAT|^creat|^memfd")
INTO_A_PIPE = re.compile(r"writev?\(\d+<pipe:")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Good and broken pictures with the canary in comments, in EXIF and at the end, and the pattern in the pixels."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    picture = drawn(1, 320, 260, "L")
    picture.paste(Image.frombytes("L", (len(PATTERN), 1), PATTERN), (0, 0))
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", CANARY.decode())
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    files = {
        "a.png": encoded(picture, "PNG", pnginfo=text),
        "b.jpg": encoded(picture, "JPEG", comment=CANARY, exif=exif.tobytes()),
        "c.bmp": encoded(picture, "BMP") + CANARY,
        "d.tif": encoded(picture, "TIFF", description=CANARY.decode()),
        "e.webp": encoded(picture, "WEBP", exif=exif.tobytes()),
        "f.jpg": encoded(picture, "JPEG", comment=CANARY)[:3000],
        "g.bin": CANARY * 20,
    }
    assert all(CANARY in data for data in files.values())
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def environment(home: Path) -> dict[str, str]:
    """Every place where a program might leave something points into `home`."""
    home.mkdir()
    places = dict.fromkeys(("HOME", "TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"), str(home))
    return {**os.environ, **places, "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_run_leaves_no_file_behind_and_changes_none(pictures: Path, tmp_path: Path):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in pictures.iterdir()}
    home = tmp_path / "home"
    run = subprocess.run(
        [sys.executable, "-c", RUN, str(pictures)], env=environment(home), cwd=home, capture_output=True, check=True
    )
    assert run.stdout == b"5 7\n"
    assert run.stderr == b""
    assert list(home.iterdir()) == []
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in pictures.iterdir()} == before


@pytest.mark.system
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_is_written_but_into_pipes(pictures: Path, tmp_path: Path):
    """Every call that could put bytes somewhere, of the calling process and of the confined ones."""
    home, trace = tmp_path / "home", tmp_path / "trace"
    strace = ["strace", "-f", "-qq", "-y", "-e", f"trace={','.join((*OPENING, *WRITING))}", "-o", str(trace)]
    command = [*strace, sys.executable, "-c", RUN, str(pictures)]
    run = subprocess.run(command, env=environment(home), cwd=home, capture_output=True, check=True)
    assert run.stdout == b"5 7\n"
    calls = [line.split(None, 1)[1] for line in trace.read_text().splitlines() if "(" in line]
    opened = [call for call in calls if call.startswith(OPENING) and FOR_WRITING.search(call)]
    written = [call for call in calls if call.startswith(WRITING)]
    assert [call for call in opened if "/dev/null" not in call and "__pycache__" not in call] == []
    assert len(written) >= 2 * 7  # the trace has seen each item go and each answer come
    assert [call for call in written if not INTO_A_PIPE.match(call) and ".pyc" not in call] == []
