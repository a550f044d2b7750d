"""The claim: nothing writes media to disk. A canary in the bytes and one in the pixels, looked for in every file."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

CANARY = b"canary-3f9a1c77-in-the-bytes"
PIXELS = bytes([201, 13, 77, 5, 142, 250, 33, 91])
"""A pattern of luma that fills the picture: whoever writes pixels, raw or as RGB, writes it somewhere."""

CALLS = "openat,open,creat,rename,renameat,link,memfd_create"


def plant(folder: Path, number: int) -> None:
    width, height = 640, 480
    grey = (PIXELS * (width * height // len(PIXELS) + 1))[: width * height]
    picture = Image.frombytes("L", (width, height), grey).convert("RGB")
    note = PngInfo()
    note.add_text("note", CANARY.decode())
    picture.save(folder / f"{number}.png", pnginfo=note)
    picture.save(folder / f"{number}.jpg", quality=100, subsampling=0, comment=CANARY)


def traces(path: Path) -> list[str]:
    data = path.read_bytes()
    raw, rgb = PIXELS * 4, bytes(value for value in PIXELS for _ in range(3))
    return [name for name, needle in (("bytes", CANARY), ("luma", raw), ("rgb", rgb)) if needle in data]


@pytest.mark.system
def test_no_file_that_a_run_touches_holds_anything_of_the_media(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed; scripts/system-needs installs it")
    source, home = tmp_path / "source", tmp_path / "home"
    source.mkdir()
    home.mkdir()
    for number in range(3):
        plant(source, number)
    (source / "damaged.png").write_bytes((source / "0.png").read_bytes()[:5000])
    inside = {"HOME": str(home), "TMPDIR": str(home), "XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    program = "import sys; from tutela.cli.main import main; main()"
    trace = tmp_path / "trace"
    for command in (
        ["protect", str(source), "--kind", "intimate"],
        ["match", str(source)],
        ["scan", str(source), "--out", str(home / "out")],
    ):
        traced = [
            "strace",
            "-f",
            "-A",
            "-o",
            str(trace),
            "-e",
            "trace=openat,open,creat,rename,renameat,link,memfd_create",
        ]
        subprocess.run(
            [*traced, sys.executable, "-B", "-c", program, *command],
            env={**os.environ, **inside, "TUTELA_BANK": f"sqlite:///{home / 'bank.db'}"},
            cwd=home,
            check=True,
            timeout=300,
            capture_output=True,
        )
    text = trace.read_text()
    assert "memfd_create" not in text
    opened = re.findall(r'openat?\((?:AT_FDCWD, )?"([^"]+)", ([A-Z_|]+)[^=]*= \d', text)
    written = {Path(home, name) for name, flags in opened if re.search("O_WRONLY|O_RDWR|O_CREAT", flags)}
    strangers = {path for path in written if not path.is_relative_to(home) and not str(path).startswith("/dev/")}
    assert len(written) > 10, "the trace must have seen the report being written"
    assert strangers == set()
    left = [path for path in home.rglob("*") if path.is_file()]
    assert {path.name for path in left} >= {"bank.db", "report.html", "custody.ndjson"}
    assert {str(path): found for path in left if (found := traces(path))} == {}
    assert traces(source / "0.jpg")[0] == "bytes", "the canary itself must be findable where it was planted"
