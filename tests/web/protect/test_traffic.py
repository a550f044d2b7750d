"""What leaves the device: numbers, and nothing of a picture, to nobody else. Seen at the other end of the line."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Page, expect

import tutela
from tutela.model import Tier
from web.protect.conftest import Open, Outside
from web.protect.photos import ARTIST, PLACE, Photo, photo
from web.protect.server import Service
from web.protect.visits import WAIT, begin, choose, protect, review, send

pytestmark = pytest.mark.browser

PIECE = 15


def pieces(data: bytes) -> Iterator[bytes]:
    """Parts of the data from all over it, as they are, in hex and in base64 however they come to lie in it."""
    for start in range(16, len(data) - PIECE, max(1, (len(data) - PIECE) // 400)):
        piece = data[start : start + PIECE]
        if len(set(piece)) < 6:
            continue  # padding, which other things have as well
        yield piece
        yield piece.hex().encode()
        for shift in range(3):
            yield base64.b64encode(piece[shift : shift + PIECE - 3])


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    return [photo("JPEG", 1), photo("PNG", 2), photo("WEBP", 3)]


@pytest.fixture(scope="module")
def twenty() -> list[Photo]:
    return [photo(kind, seed) for seed in range(20, 25) for kind in ("JPEG", "PNG", "WEBP", "AVIF")]


def cases_sent(service: Service) -> list[bytes]:
    return [each for each in service.heard if each.startswith(b"POST /protect/api/cases")]


class TestWhatIsSent:
    def test_nothing_of_the_pictures_travels(
        self, page: Page, service: Service, outside: Outside, twenty: list[Photo]
    ) -> None:
        del service.heard[:]
        protect(page, *(each.payload for each in twenty), kind="ordinary")
        sent = b"\n".join(service.heard)
        for each in twenty:
            assert hashlib.sha256(each.data).hexdigest().encode() in sent, "the ear hears what is sent"
            for secret in (each.name, each.name.rpartition(".")[0], "jane", "telltale", ARTIST, PLACE):
                assert secret.lower().encode() not in sent.lower()
            for data in (each.data, each.pixels):
                found = list(pieces(data))
                assert len(found) > 500
                assert [piece for piece in found if piece in sent] == []
        assert b"blob:" not in sent
        assert outside.asked == []

    def test_pictures_are_in_one_request_which_is_what_the_person_read_before(
        self, page: Page, service: Service, photos: list[Photo]
    ) -> None:
        begin(page, "ordinary")
        choose(page, *(each.payload for each in photos))
        before = len(service.heard)
        review(page)
        page.get_by_text("Show every number").click()
        expect(page.locator("#numbers pre")).to_have_count(len(photos))
        shown = [json.loads(each.inner_text()) for each in page.locator("#numbers pre").all()]
        send(page)
        [request] = service.heard[before:]
        body = json.loads(request.partition(b"\n\n")[2])
        assert body["fingerprints"] == shown
        assert set(body) == {"kind", "under_18", "consent", "keep_parts", "fingerprints"}
        assert {key for each in shown for key in each} == {
            "media", "width", "height", "sha256", "md5", "pdq", "parts",
        }  # fmt: skip

    def test_it_is_what_the_bank_finds_copies_by(self, page: Page, service: Service, photos: list[Photo]) -> None:
        reference, _ = protect(page, *(each.payload for each in photos))
        for each in photos:
            exact = [m for m in service.bank.match(tutela.fingerprint(each.data)) if m.case == reference]
            assert [match.tier for match in exact] == [Tier.EXACT]
            other = photo("PNG", photos.index(each) + 1, (240, 180))  # the same pattern, smaller, as another file
            assert Tier.NEAR in {m.tier for m in service.bank.match(tutela.fingerprint(other.data))}

    def test_a_programs_request_tells_no_page_and_no_language(self, page: Page, service: Service) -> None:
        protect(page, photo("PNG", 4).payload)
        head = cases_sent(service)[-1].partition(b"\n\n")[0].lower()
        assert b"referer" not in head
        assert b"cookie" not in head


class TestParts:
    """The rough picture that could be made of them is the person's own decision."""

    @pytest.mark.parametrize("agreed", [False, True])
    def test_of_intimate_pictures_they_travel_only_after_an_agreement_of_their_own(
        self, page: Page, service: Service, agreed: bool
    ) -> None:
        begin(page, "intimate")
        choose(page, photo("PNG", 5).payload)
        review(page)
        box = page.get_by_role("checkbox", name="I agree that parts of my intimate pictures")
        expect(box).not_to_be_checked()
        expect(page.get_by_text("a rough picture", exact=False).locator("visible=true")).to_have_count(1)
        expect(page.locator("#sum")).to_have_text("Numbers of 1 picture are sent, without parts.")
        if agreed:
            box.check()
            expect(page.locator("#sum")).to_have_text(re.compile(r"^Numbers of 1 picture are sent, with \d+ parts\.$"))
        send(page)
        body = json.loads(cases_sent(service)[-1].partition(b"\n\n")[2])
        assert body["keep_parts"] is agreed
        assert (body["fingerprints"][0]["parts"] is not None) is agreed

    def test_agreement_for_one_kind_is_not_taken_for_the_other(self, page: Page) -> None:
        begin(page, "ordinary")
        choose(page, photo("PNG", 5).payload)
        review(page)
        expect(page.get_by_role("checkbox", name="Send parts as well")).to_be_checked()
        page.get_by_role("checkbox", name="I agree that these numbers").check()
        page.get_by_role("button", name="Back").click()
        page.get_by_role("button", name="Back").click()
        page.get_by_role("radio", name="Intimate pictures").check()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="Choose pictures", level=1)).to_be_focused()
        review(page)
        expect(page.get_by_role("checkbox", name="I agree that parts of my intimate pictures")).not_to_be_checked()
        expect(page.get_by_role("checkbox", name="I agree that these numbers")).not_to_be_checked()


def test_without_a_network_fingerprints_are_computed_and_nothing_is_lost(open_page: Open, service: Service) -> None:
    page = open_page(quiet=False)  # the browser names the failed request
    begin(page)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    heard = len(service.heard)
    choose(page, photo("JPEG", 6).payload, photo("WEBP", 7).payload)
    expect(page.get_by_text("Pictures ready: 2 of 2")).to_be_visible(timeout=WAIT)
    review(page)
    page.get_by_role("checkbox", name="I agree that these numbers").check()
    page.get_by_role("button", name="Send the numbers").click()
    expect(page.get_by_role("alert").filter(has_text="There is no connection")).to_be_visible()
    assert service.heard[heard:] == []
    page.context.set_offline(False)
    reference, pin = send(page)
    assert reference.startswith("TU-")
    assert len(pin) == 10


def test_what_sees_the_pixels_can_connect_to_nobody(open_page: Open, service: Service) -> None:
    page = open_page(quiet=False)
    begin(page)
    [worker] = page.workers
    tried = worker.evaluate(
        """async (base) => {
          const sent = [];
          await fetch(base + "/en/?from=worker").then(() => sent.push("fetch"), () => {});
          await new Promise((done) => {
            const request = new XMLHttpRequest();
            request.onload = () => { sent.push("xhr"); done(); };
            request.onerror = done;
            request.open("GET", base + "/en/?from=worker");
            request.send();
          });
          try { await new Promise((yes, no) => {
            const socket = new WebSocket(base.replace("http", "ws"));
            socket.onopen = yes; socket.onerror = no; }); sent.push("socket"); } catch {}
          return sent;
        }""",
        service.url,
    )
    assert tried == []
    assert not [each for each in service.heard if b"from=worker" in each]


LOADING = """async (address) => {
  const loaded = [];
  await import(address).then(() => loaded.push("import"), () => {});
  try { importScripts(address); loaded.push("importScripts"); } catch {}
  try {
    const inner = new Worker(address, { type: "module" });
    if (await new Promise((done) => { inner.onmessage = () => done(true); inner.onerror = () => done(false); }))
      loaded.push("worker");
    inner.terminate();
  } catch {}
  return loaded;
}"""


def test_what_sees_the_pixels_can_load_scripts_of_this_server_and_of_no_other(
    open_page: Open, service: Service, outside: Outside
) -> None:
    """The one thing it can ask for: a GET of an address here. With more behind a script's address it gets nothing."""
    page = open_page(quiet=False)
    begin(page)
    [worker] = page.workers
    assert worker.evaluate(LOADING, "http://elsewhere.example/x.js?pixels=1") == []
    assert not [each for each in outside.asked if b"elsewhere" in each]
    heard = len(service.heard)
    script = worker.url
    assert worker.evaluate(LOADING, f"{script}?pixels=1") == []
    asked = [each for each in service.heard[heard:] if b"pixels=1" in each]
    assert asked
    assert all(each.startswith(b"GET /protect/assets/") and each.endswith(b"\n\n") for each in asked)
    assert worker.evaluate(LOADING, script) == ["import", "worker"], "without a query it is there"


def test_every_page_together_asks_nobody_else_and_keeps_nothing(open_page: Open, outside: Outside) -> None:
    page = open_page()
    for code in ("en", "ar"):
        for path in ("", "age", "help", "help?country=us", "steps?under18=no", "case"):
            page.goto(f"/{code}/{path}")
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.cookie") == ""
            assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert outside.asked == []


def test_the_proxy_would_have_heard_it(open_page: Open, outside: Outside) -> None:
    with pytest.raises(Error):
        open_page(quiet=False).goto("http://elsewhere.example/")
    assert any(b"elsewhere.example" in each for each in outside.asked)
