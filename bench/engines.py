"""The page's fingerprints in any browser, beside those of Python: Firefox, Safari and others, without a driver.

    .venv/bin/python bench/engines.py [FOLDER] [--open COMMAND]

Serves a page on this machine, under the protect page's own policies, and prints its address: open it in the browser
that is to be tried. COMMAND is started with the address behind it, such as `firefox --headless --profile DIR`. FOLDER
holds photographs (default: `photos` in the folder that TUTELA_CORPORA names). It prints one column of the table in
`bench/README.md`.
"""

import argparse
import base64
import json
import shlex
import subprocess
from io import BytesIO
from pathlib import Path
from queue import Queue
from statistics import fmean, median
from typing import Any

import numpy as np
from browser import agreement, encoded, grainy, in_python, of_luma, parts_of, read
from browser_page import Computing, Served
from near import default_folder
from PIL import Image
from points import found_again

from tutela.fingerprints import Detail
from tutela.fingerprints.parts import LOOKED_UP, PROTECTED, working_size
from tutela.fingerprints.pdq import pdq
from tutela.media import Limits
from tutela.media.decode import decode
from tutela.simulate.pictures import draw

VECTORS = Path(__file__).parents[1] / "tests/vectors/parts.json"
DRAWN = 40
PHOTOGRAPHS = 60
FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "WebP": "WEBP", "GIF": "GIF", "BMP": "BMP", "AVIF": "AVIF", "TIFF": "TIFF"}


class Visitor(Computing):
    """Whatever browser comes to the page. `agent` is what it calls itself."""

    def __init__(self) -> None:
        self._answers: Queue[bytes] = Queue()
        self._calls: Queue[bytes] = Queue()
        self.served = Served(self._next, script="/engines.js")
        self.agent = ""

    def wait(self) -> None:
        """Until one has come."""
        self.agent = self._answer()

    def call(self, name: str, *arguments: object) -> Any:
        """What a function of `browser_page.js` answers. Raises ValueError where it fails."""
        self._calls.put(json.dumps({"name": name, "given": arguments}).encode())
        return self._answer()

    def close(self) -> None:
        """Lets the browser go."""
        self._calls.put(b"{}")
        self.served.close()

    def _next(self, answer: bytes) -> bytes:
        self._answers.put(answer)
        return self._calls.get()

    def _answer(self) -> Any:
        answer = json.loads(self._answers.get())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["value"]


def same_codes(page: Computing) -> str:
    """PDQ of drawn luma: how many are Python's own, bit by bit."""
    same = 0
    for seed in range(DRAWN):
        grey = np.asarray(draw(seed).convert("L"))
        height, width = grey.shape
        same += of_luma(page, grey, (height, width))[0] == pdq(grey, height, width)
    return f"{same} of {DRAWN}"


def conforming_parts(page: Computing) -> tuple[str, str]:
    """The conformance set: sets that are the same byte by byte, and the least share of points found again."""
    same, again = [], []
    for entry in json.loads(VECTORS.read_text("utf-8")):
        grey = np.asarray(Image.open(BytesIO(base64.b64decode(entry["png"]))))
        height, width = grey.shape
        for name, area in (("protect", PROTECTED), ("lookup", LOOKED_UP)):
            expected, (_, found) = parts_of(entry[name]), of_luma(page, grey, (height, width), detail=name.upper())
            if found is None:
                raise ValueError("no parts")
            same.append(found == expected)
            again.append(found_again(expected, found, working_size(width, height, area))[0].mean())
    return f"{sum(same)} of {len(same)}", f"{min(again):.1%}"


def decoding(page: Computing) -> str:
    """The format whose luma lies farthest from Python's, in levels; and those that the browser does not read."""
    apart, unread = {}, []
    for name, kind in FORMATS.items():
        data = encoded(draw(4), kind)
        try:
            luma = base64.b64decode(page.call("luma", page.served.put(data), False)["luma"])
        except ValueError:
            unread.append(name)
            continue
        expected = decode(data, Limits(), shortest=240).luma
        apart[name] = np.abs(np.frombuffer(luma, np.uint8).astype(float) - expected.ravel()).mean()
    farthest = max(apart, key=lambda name: apart[name])
    return f"{farthest} {apart[farthest]:.2f}; not read: {', '.join(unread) or 'none'}"


def photographs(page: Computing, folder: Path) -> tuple[str, str]:
    """PDQ's bits apart, mean and largest of all orientations, and the share of points found again."""
    paths = sorted(folder.rglob("*.jpg"))
    files = [path.read_bytes() for path in paths[:: max(1, len(paths) // PHOTOGRAPHS)]]
    some = list(map(agreement, in_python(files, Detail.PROTECT), map(read, page.fingerprints(files, parts=True))))
    bits = f"{fmean(each.bits for each in some):.2f}, {max(each.turned_bits for each in some)}"
    return bits, f"{fmean(each.again for each in some):.1%}"


def main() -> None:
    """Waits for a browser, and prints what it makes of the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--open", help="command that opens the address behind it")
    options = parser.parse_args()
    page = Visitor()
    print(f"Open {page.served.address}", flush=True)
    browser = subprocess.Popen([*shlex.split(options.open), page.served.address]) if options.open else None
    try:
        page.wait()
        print(f"| | {page.agent} |\n|---|---|")
        print(f"| PDQ of {DRAWN} drawings, the same | {same_codes(page)} |")
        same, again = conforming_parts(page)
        print(f"| conformance set of parts, the same | {same} |\n| … points found again, the least | {again} |")
        print(f"| luma of files, levels apart at most | {decoding(page)} |", flush=True)
        bits, again = photographs(page, options.folder or default_folder())
        print(f"| photographs: PDQ, bits apart, mean and largest | {bits} |\n| … points found again | {again} |")
        large = encoded(grainy((4000, 3000)), "JPEG", quality=90)
        times = [answer["ms"] for answer in page.fingerprints([large] * 5, parts=True)]
        print(f"| 12 megapixels with parts, ms | {median(times):.0f} |", flush=True)
    finally:
        page.close()
        if browser:
            browser.terminate()
            browser.wait()


if __name__ == "__main__":
    main()
