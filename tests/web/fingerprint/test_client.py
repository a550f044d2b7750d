"""What the protect page asks of the fingerprinter: fingerprints, progress, an end when it is told, no network."""

import base64

import msgspec
import pytest
from browser import distances, encoded, grainy
from browser_page import FingerprintPage
from points import found_again

from tutela.fingerprints import Detail, Fingerprinter
from tutela.fingerprints.parts import PROTECTED, working_size
from tutela.model import Fingerprint
from tutela.simulate.pictures import draw, jpeg
from tutela.web.wire import WireFingerprint

pytestmark = pytest.mark.browser

LONGEST = 3000
"""Milliseconds for a photograph of 12 megapixels, with parts; it takes a quarter of that where nothing else runs."""


def photograph(width: int, height: int) -> bytes:
    return encoded(grainy((width, height)), "JPEG", quality=90)


@pytest.fixture(scope="module", autouse=True)
def files(page: FingerprintPage) -> None:
    """Two files at hand in the page: a small picture and a large one."""
    paths = [page.served.put(jpeg(draw(1))), page.served.put(photograph(2800, 2100))]
    page.page.evaluate(
        "async (paths) => { [window.small, window.large] = await Promise.all(paths.map(tutela.fetched)) }", paths
    )


def test_a_fingerprint_is_pythons(page: FingerprintPage):
    files = [jpeg(draw(1)), encoded(draw(2), "PNG"), encoded(draw(3), "WEBP")]
    answers = page.fingerprints(files, parts=True)
    with Fingerprinter(1, detail=Detail.PROTECT) as computer:
        for data, answer in zip(files, answers, strict=True):
            del answer["ms"]
            expected, found = computer.fingerprint(data), msgspec.convert(answer, WireFingerprint).model()
            assert isinstance(expected, Fingerprint)
            assert expected.pdq and found.pdq and expected.parts and found.parts
            for name in ("media", "width", "height", "sha256", "md5"):
                assert getattr(found, name) == getattr(expected, name)
            assert max(distances(expected.pdq, found.pdq)) <= 10
            assert abs(expected.pdq.quality - found.pdq.quality) <= 1
            again, _ = found_again(expected.parts, found.parts, working_size(480, 360, PROTECTED))
            assert again.mean() >= 0.95


def test_without_parts_there_are_none(page: FingerprintPage):
    (answer,) = page.fingerprints([jpeg(draw(1))])
    assert answer["parts"] is None
    assert len(bytes.fromhex(answer["pdq"]["hash"])) == 256


@pytest.mark.parametrize("parts", [True, False])
def test_progress_rises_to_the_whole_through_all_stages(page: FingerprintPage, parts: bool):
    said = page.page.evaluate(
        """async (parts) => {
          const said = [];
          await tutela.fingerprinter.fingerprint(small, {parts, onprogress: (...each) => said.push(each)});
          return said;
        }""",
        parts,
    )
    shares = [share for share, _ in said]
    assert shares == sorted(shares)
    assert 0 <= min(shares) < max(shares) == 1
    assert list(dict.fromkeys(stage for _, stage in said)) == ["reading", "decoding", "pdq", "parts"][: 3 + parts]


def test_several_files_are_done_one_after_the_other(page: FingerprintPage):
    ended = page.page.evaluate(
        """async () => {
          const ended = [];
          const files = [large, small, new Blob(["nothing"]), small];
          await Promise.all(files.map((file, number) => tutela.fingerprinter.fingerprint(file, {parts: true})
            .then(({width}) => ended.push([number, width]), ({code}) => ended.push([number, code]))));
          return ended;
        }"""
    )
    assert ended == [[0, 2800], [1, 480], [2, "unsupported"], [3, 480]]


def test_a_fault_of_the_browser_is_not_called_one_of_the_file(page: FingerprintPage):
    worker = page.page.workers[0]
    worker.evaluate(
        """() => {
          self.plain = Blob.prototype.arrayBuffer;
          Blob.prototype.arrayBuffer = async () => { throw new RangeError("out of memory"); };
        }"""
    )
    (answer,) = page.fingerprints([jpeg(draw(1))])
    worker.evaluate("() => { Blob.prototype.arrayBuffer = self.plain; }")
    assert answer["code"] == "failed"
    assert "no fault of the file" in answer["message"]


@pytest.mark.parametrize("stage", ["reading", "decoding", "pdq", "parts"])
def test_what_is_cancelled_ends_at_once_and_the_next_file_follows(page: FingerprintPage, stage: str):
    answer = page.page.evaluate(
        """async (stage) => {
          const cancel = new AbortController();
          const heard = [];
          const onprogress = (share, now) => { heard.push(now); if (now === stage) cancel.abort(); };
          const cancelled = tutela.fingerprinter.fingerprint(large, {parts: true, signal: cancel.signal, onprogress});
          const next = tutela.fingerprinter.fingerprint(small, {parts: false});
          const code = await cancelled.catch((error) => error instanceof Error && error.code);
          const before = heard.length;
          return [code, (await next).width, heard.length - before];
        }""",
        stage,
    )
    assert answer == ["cancelled", 480, 0]


def test_what_was_cancelled_before_is_not_begun(page: FingerprintPage):
    code = page.page.evaluate(
        """() => tutela.fingerprinter.fingerprint(small, {signal: AbortSignal.abort()}).catch(({code}) => code)"""
    )
    assert code == "cancelled"


def test_closing_ends_what_is_under_way(page: FingerprintPage):
    codes = page.page.evaluate(
        """async () => {
          const other = new tutela.Fingerprinter("/fingerprint/worker.js");
          const running = other.fingerprint(large, {parts: true}).catch(({code}) => code);
          other.close();
          return [await running, await other.fingerprint(small).catch(({code}) => code)];
        }"""
    )
    assert codes == ["cancelled", "cancelled"]


def test_a_file_beyond_the_limit_is_not_even_read(page: FingerprintPage):
    code = page.page.evaluate(
        """() => {
          const file = new Blob([large, new Uint8Array(64 << 20)]);
          return tutela.fingerprinter.fingerprint(file).catch(({code}) => code);
        }"""
    )
    assert code == "too_large"


def test_once_it_is_loaded_no_network_is_needed_and_none_is_asked(page: FingerprintPage):
    before = len(page.served.asked)
    page.page.context.set_offline(True)
    try:
        answer = page.page.evaluate("tutela.fingerprinter.fingerprint(large, {parts: true})")
    finally:
        page.page.context.set_offline(False)
    assert page.served.asked[before:] == []
    assert answer["width"] == 2800
    assert len(base64.b64decode(answer["parts"]["points"])) > 600


def test_a_photograph_of_twelve_megapixels_takes_less_than_three_seconds(page: FingerprintPage):
    fastest = page.page.evaluate(
        """async ([path, longest]) => {
          const file = await tutela.fetched(path);
          let fastest = Infinity;
          for (let n = 0; n < 5 && fastest >= longest; n++) {
            const start = performance.now();
            await tutela.fingerprinter.fingerprint(file, {parts: true});
            fastest = Math.min(fastest, performance.now() - start);
          }
          return fastest;
        }""",
        [page.served.put(photograph(4000, 3000)), LONGEST],
    )
    assert fastest < LONGEST


def test_a_worker_that_cannot_be_loaded_is_told(page: FingerprintPage):
    codes = page.page.evaluate(
        """async () => {
          const other = new tutela.Fingerprinter("/fingerprint/no-such-worker.js");
          const running = other.fingerprint(small).catch(({code}) => code);
          return [await running, await other.ready.catch(({code}) => code)];
        }"""
    )
    assert codes == ["failed", "failed"]
    page.complaints[:] = [each for each in page.complaints if "404" not in each]
