"""A person's way through the page in a real browser."""

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

import tutela
from samples import fingerprint
from tutela.model import Kind
from web.protect.conftest import PHONE, Open
from web.protect.photos import broken, flat, photo
from web.protect.server import Service
from web.protect.visits import WAIT, begin, choose, hold, keep, look, protect, review, send, take_up

pytestmark = pytest.mark.browser


class TestChoosing:
    def test_no_file_name_is_echoed_and_no_picture_shown_until_asked(self, page: Page) -> None:
        begin(page)
        choose(page, photo("JPEG").payload, photo("PNG").payload)
        assert "telltale" not in page.content()
        assert page.locator("#files").evaluate("(input) => input.value + input.files.length") == "0"
        expect(page.locator("main img")).to_have_count(0)
        page.get_by_role("checkbox", name="Show small previews").check()
        expect(page.get_by_role("img", name=re.compile("Preview of picture"))).to_have_count(2)
        assert page.locator("main img").evaluate_all("(all) => all.every((each) => each.src.startsWith('blob:'))")
        page.get_by_role("checkbox", name="Show small previews").uncheck()
        expect(page.locator("main img")).to_have_count(0)

    def test_what_cannot_be_used_is_named_plainly_and_the_rest_goes_on(self, page: Page, service: Service) -> None:
        begin(page)
        choose(page, *broken(), flat().payload, photo("PNG").payload)
        told = page.get_by_role("list", name="Chosen pictures").get_by_role("listitem").all_inner_texts()
        expected = ["not a picture that this browser can read", "the file is damaged", "only exact copies", "ready"]
        assert all(part in line for part, line in zip(expected, told, strict=True)), told
        expect(page.get_by_role("status").filter(has_text="Pictures ready: 2 of 4")).to_be_visible()
        review(page)
        assert len(service.bank.status(*send(page)).protections) == 2

    def test_nothing_to_protect_is_said_and_the_chooser_gets_the_focus(self, page: Page) -> None:
        begin(page)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert").filter(has_text="Choose at least one picture")).to_be_visible()
        expect(page.get_by_label("Choose pictures")).to_be_focused()

    def test_work_can_be_cancelled_and_taken_up_again(self, page: Page) -> None:
        begin(page)
        many = [photo("PNG", n, (1600, 1200)).payload for n in range(1, 5)]
        page.get_by_label("Choose pictures").set_input_files(many)
        page.get_by_role("button", name="Cancel the rest").click()
        expect(page.get_by_role("button", name="Cancel the rest")).to_be_hidden()
        expect(page.get_by_text("cancelled").first).to_be_visible()
        page.get_by_role("button", name=re.compile("Try picture . again")).last.click()
        expect(page.get_by_role("listitem").filter(has_text="ready").last).to_be_visible(timeout=WAIT)

    def test_a_picture_can_be_taken_out(self, page: Page) -> None:
        begin(page)
        choose(page, photo("PNG", 1).payload, photo("PNG", 2).payload)
        page.get_by_role("button", name="Remove picture 1").click()
        expect(page.get_by_text("Pictures ready: 1 of 1")).to_be_visible()
        expect(page.get_by_role("heading", name="Chosen pictures")).to_be_focused()

    def test_the_same_file_is_counted_once_for_as_long_as_it_is_there(self, page: Page, service: Service) -> None:
        begin(page)
        choose(page, photo("PNG", 1).payload, photo("PNG", 2).payload, photo("PNG", 1).payload)
        line = page.get_by_role("listitem").filter(has_text="Picture 3")
        expect(line).to_contain_text("the same file as a picture above: once is enough")
        expect(page.get_by_text("Pictures ready: 2 of 3")).to_be_visible()
        page.get_by_role("button", name="Remove picture 1").click()
        expect(line).to_contain_text("ready")
        expect(page.get_by_text("Pictures ready: 2 of 2")).to_be_visible()
        page.get_by_label("Choose pictures").set_input_files([photo("PNG", 2).payload])
        expect(page.get_by_role("listitem").filter(has_text="Picture 4")).to_contain_text("once", timeout=WAIT)
        review(page)
        assert len(service.bank.status(*send(page)).protections) == 2

    def test_more_than_a_case_has_room_for_is_left_out_and_said(self, page: Page) -> None:
        begin(page)
        tiny = [photo("PNG", n, (32, 32)).payload for n in range(101)]
        page.get_by_label("Choose pictures").set_input_files(tiny)
        expect(page.get_by_role("alert").filter(has_text="A case has room for 100 pictures.")).to_be_visible()
        expect(page.get_by_role("list", name="Chosen pictures").get_by_role("listitem")).to_have_count(100)


class TestWithoutAWorker:
    """Where the device cannot compute, that is what is said, where it can be heard, and no picture gets the blame."""

    def test_it_is_said_once_the_step_is_shown_and_nothing_can_be_added(self, open_page: Open) -> None:
        page = open_page(quiet=False)
        page.route("**/fingerprint/worker.js", lambda route: route.abort())
        begin(page)
        told = page.get_by_role("alert").filter(has_text="Your device cannot compute the numbers here.")
        expect(told).to_be_visible()
        expect(page.get_by_label("Choose pictures")).to_be_disabled()
        page.get_by_role("button", name="Continue").click()
        expect(told).to_be_visible()
        expect(page.get_by_role("heading", name="Choose pictures", level=1)).to_be_focused()
        page.get_by_role("button", name="Back").click()
        page.get_by_role("button", name="Continue").click()
        expect(told).to_be_visible()

    def test_pictures_that_wait_when_it_fails_are_not_called_unreadable(self, open_page: Open) -> None:
        page = open_page(quiet=False)
        held: list[Route] = []
        page.route("**/fingerprint/worker.js", lambda route: held.append(route))
        begin(page)
        page.get_by_label("Choose pictures").set_input_files([photo("PNG", 1).payload, photo("PNG", 2).payload])
        expect(page.get_by_text("Pictures ready: 0 of 2")).to_be_visible()
        held[0].abort()
        expect(page.get_by_role("alert").filter(has_text="Your device cannot compute")).to_be_visible()
        expect(page.get_by_text("not a picture that this browser can read")).to_have_count(0)
        expect(page.get_by_label("Choose pictures")).to_be_disabled()


BREAK = "() => { setTimeout(() => { throw new Error('broken') }); }"
FAILED = "the browser failed here, not your picture"


class TestAWorkerThatBreaksDown:
    """The picture that it was at is not called damaged, and the others go on."""

    def test_the_next_picture_gets_another_one_and_the_first_can_be_tried_again(self, open_page: Open) -> None:
        page = open_page(quiet=False)
        begin(page)
        [worker] = page.workers
        worker.evaluate("() => { crypto.subtle.digest = () => new Promise(() => {}); }")  # at the first, for ever
        page.get_by_label("Choose pictures").set_input_files([photo("PNG", 1).payload, photo("PNG", 2).payload])
        expect(page.get_by_role("listitem").filter(has_text="working").first).to_be_visible()
        worker.evaluate(BREAK)
        expect(page.get_by_text("Pictures ready: 1 of 2")).to_be_visible(timeout=WAIT)
        expect(page.get_by_role("listitem").filter(has_text="Picture 1")).to_contain_text(FAILED)
        page.get_by_role("button", name="Try picture 1 again").click()
        expect(page.get_by_text("Pictures ready: 2 of 2")).to_be_visible(timeout=WAIT)

    def test_where_none_can_be_started_no_picture_gets_the_blame_and_what_was_ready_stays(
        self, open_page: Open
    ) -> None:
        page = open_page(quiet=False)
        begin(page)
        choose(page, photo("PNG", 1).payload)
        page.route("**/fingerprint/worker.js", lambda route: route.abort())
        [worker] = page.workers
        worker.evaluate(BREAK)
        page.get_by_label("Choose pictures").set_input_files([photo("PNG", 2).payload, photo("PNG", 3).payload])
        expect(page.get_by_role("listitem").filter(has_text=FAILED)).to_have_count(2, timeout=WAIT)
        expect(page.get_by_text("Pictures ready: 1 of 3")).to_be_visible()
        page.unroute("**/fingerprint/worker.js")
        page.get_by_role("button", name="Try picture 3 again").click()
        expect(page.get_by_text("Pictures ready: 2 of 3")).to_be_visible(timeout=WAIT)
        review(page)


class TestAgreeing:
    def test_who_learns_what_is_said_right_before(self, page: Page) -> None:
        begin(page)
        choose(page, photo("PNG").payload)
        review(page)
        expect(page.get_by_role("heading", name="What platforms learn")).to_be_visible()
        expect(page.get_by_text("the reference of the case, so that they know")).to_be_visible()

    def test_nothing_is_sent_without_it(self, page: Page, service: Service) -> None:
        begin(page)
        choose(page, photo("PNG").payload)
        review(page)
        heard = len(service.heard)
        page.get_by_role("button", name="Send the numbers").click()
        expect(page.get_by_role("alert").filter(has_text="Please tick this box")).to_be_visible()
        expect(page.get_by_role("checkbox", name="I agree that these numbers")).to_be_focused()
        assert len(service.heard) == heard

    def test_it_is_asked_for_anew_where_the_pictures_changed(self, page: Page) -> None:
        begin(page)
        choose(page, photo("PNG", 1).payload, photo("PNG", 2).payload)
        review(page)
        agreed = page.get_by_role("checkbox", name="I agree that these numbers")
        agreed.check()
        page.get_by_role("button", name="Back").click()
        page.get_by_label("Choose pictures").set_input_files([photo("PNG", 3).payload])
        expect(page.get_by_text("Pictures ready: 3 of 3")).to_be_visible(timeout=WAIT)
        review(page)
        expect(agreed).not_to_be_checked()
        agreed.check()
        page.go_back()
        page.get_by_role("button", name="Remove picture 1").click()
        page.go_forward()
        expect(page.get_by_text("Numbers of 2 pictures are sent")).to_be_visible()
        expect(agreed).not_to_be_checked()

    def test_it_is_asked_for_anew_where_the_kind_changed(self, page: Page) -> None:
        begin(page, "intimate")
        choose(page, photo("PNG").payload)
        review(page)
        page.get_by_role("checkbox", name="I agree that parts of my intimate pictures").check()
        page.get_by_role("checkbox", name="I agree that these numbers").check()
        page.go_back()
        page.go_back()
        page.get_by_role("radio", name=re.compile("ordinary", re.IGNORECASE)).check()
        page.go_forward()
        page.go_forward()
        expect(page.get_by_role("checkbox", name="Send parts as well")).to_be_checked()
        expect(page.get_by_role("checkbox", name="I agree that these numbers")).not_to_be_checked()
        page.go_back()
        page.go_back()
        page.get_by_role("radio", name=re.compile("intimate", re.IGNORECASE)).check()
        page.go_forward()
        page.go_forward()
        expect(page.get_by_role("checkbox", name="I agree that parts of my intimate pictures")).not_to_be_checked()

    def test_a_picture_that_gets_ready_meanwhile_is_in_the_sum_and_asks_anew(self, page: Page) -> None:
        begin(page)
        choose(page, photo("PNG", 1).payload)
        review(page)
        page.go_back()
        page.get_by_label("Choose pictures").set_input_files([photo("PNG", 2, (1600, 1200)).payload])
        page.go_forward()
        page.get_by_role("checkbox", name="I agree that these numbers").check()
        expect(page.get_by_text("Numbers of 2 pictures are sent")).to_be_visible(timeout=WAIT)
        expect(page.get_by_role("checkbox", name="I agree that these numbers")).not_to_be_checked()

    def test_the_browsers_way_back_leads_through_the_steps_and_loses_nothing(self, page: Page) -> None:
        begin(page)
        choose(page, photo("PNG").payload)
        review(page)
        page.go_back()
        expect(page.get_by_text("Pictures ready: 1 of 1")).to_be_visible()
        page.go_forward()
        expect(page.get_by_role("heading", name="See what will be sent, and agree")).to_be_visible()

    def test_a_step_cannot_be_reached_by_its_address_before_its_time(self, page: Page) -> None:
        page.goto("/en/steps?under18=no#4")
        expect(page.get_by_role("heading", name="What kind of pictures are they?")).to_be_visible()
        page.evaluate("location.hash = '3'")
        expect(page.get_by_role("heading", name="What kind of pictures are they?")).to_be_visible()


class TestALostAnswer:
    """The numbers arrived and the answer did not: sending them again must not open a second case."""

    def test_the_same_numbers_are_sent_again_under_the_same_key_and_others_under_another(self, open_page: Open) -> None:
        page = open_page(quiet=False)
        keys: list[str] = []

        def lose(route: Route) -> None:
            keys.append(route.request.headers["idempotency-key"])
            route.abort()

        page.route("**/protect/api/cases", lose)
        begin(page, "ordinary")
        choose(page, photo("PNG", 1).payload)
        review(page)
        page.get_by_role("checkbox", name="I agree that these numbers").check()
        button = page.get_by_role("button", name="Send the numbers")
        for asked in range(1, 4):
            if asked == 3:
                page.get_by_role("checkbox", name="Send parts as well").uncheck()
            button.click()
            expect(page.get_by_role("alert").filter(has_text="There is no connection")).to_be_visible()
            expect(button).to_be_enabled()
            assert len(keys) == asked
        assert keys[0] == keys[1] != keys[2]
        assert all(re.fullmatch('"[0-9a-f]{32}"', key) for key in keys)

    @pytest.mark.parametrize("another_day", [False, True])
    def test_the_case_is_opened_once_and_its_reference_and_pin_are_told(
        self, open_page: Open, service: Service, another_day: bool
    ) -> None:
        page = open_page(quiet=False)
        opened: list[dict[str, str]] = []

        def lose(route: Route) -> None:
            opened.append(route.fetch().json())
            route.abort()

        page.route("**/protect/api/cases", lose)
        given = photo("PNG", 30 + another_day)
        begin(page)
        choose(page, given.payload)
        review(page)
        page.get_by_role("checkbox", name="I agree that these numbers").check()
        page.get_by_role("button", name="Send the numbers").click()
        expect(page.get_by_role("alert").filter(has_text="There is no connection")).to_be_visible()
        page.unroute("**/protect/api/cases")
        if another_day:
            keep(page, "lamp river seven")
            take_up(page, "lamp river seven")
            review(page)
        assert send(page) == (opened[0]["case"], opened[0]["pin"])
        assert len(opened) == 1
        assert {match.case for match in service.bank.match(tutela.fingerprint(given.data))} == {opened[0]["case"]}


class TestDone:
    def test_going_back_does_not_send_twice(self, page: Page) -> None:
        reference, _ = protect(page, photo("PNG").payload)
        page.go_back()
        expect(page.locator("#reference")).to_have_text(reference)
        expect(page.get_by_role("button", name="Send the numbers")).to_be_hidden()

    def test_the_browser_asks_before_the_pin_is_lost_until_it_was_kept(self, page: Page) -> None:
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        reference, _ = protect(page, photo("PNG").payload)
        page.on("dialog", stay)
        with page.expect_event("dialog"):
            page.get_by_role("link", name="Go to your case").click()
        expect(page.locator("#reference")).to_have_text(reference)
        assert asked == ["beforeunload"]
        with page.expect_download():
            page.get_by_role("button", name="Save as a text file").click()
        page.get_by_role("link", name="Go to your case").click()
        expect(page.get_by_role("heading", name="Your case")).to_be_visible()
        assert asked == ["beforeunload"]

    def test_both_can_be_copied_and_saved_under_a_name_that_says_nothing(self, open_page: Open) -> None:
        page = open_page(permissions=["clipboard-read", "clipboard-write"])
        reference, pin = protect(page, photo("PNG").payload)
        page.get_by_role("button", name="Copy both").click()
        expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as a text file").click()
        assert download.value.suggested_filename == "note.txt"
        assert download.value.path().read_text("utf-8") == copied
        assert copied.splitlines()[:2] == [f"Reference: {reference}", f"PIN: {pin}"]
        assert copied.splitlines()[2].endswith("/en/case")

    def test_paper_shows_the_slip_alone(self, page: Page) -> None:
        reference, pin = protect(page, photo("PNG").payload)
        page.emulate_media(media="print")
        shown = page.locator("body *:visible").evaluate_all(
            "(all) => all.filter((each) => !each.children.length).map((each) => each.textContent)"
        )
        assert [each for each in shown if each.strip()] == ["Reference", reference, "PIN", pin]
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


class TestCase:
    def test_reference_and_pin_can_be_pasted(self, open_page: Open, service: Service) -> None:
        page = open_page(permissions=["clipboard-read", "clipboard-write"])
        reference, pin = service.bank.protect([fingerprint(901), fingerprint(902)], kind=Kind.ORDINARY)
        page.goto("/en/case")
        for name, text in (("Reference", reference.lower()), ("PIN", f" {pin[:5]} {pin[5:]}\n")):
            page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
            page.get_by_role("textbox", name=name).focus()
            page.keyboard.press("Control+V")
        page.get_by_role("button", name="Show my case").click()
        expect(page.get_by_text("2 ordinary pictures")).to_be_visible()
        expect(page.get_by_role("heading", name="Your case")).to_be_focused()
        expect(page.get_by_text("Nothing so far.")).to_have_count(2)
        assert pin not in page.url
        assert pin not in page.locator("#opened").inner_text()

    def test_a_wrong_pin_is_said_without_telling_which_of_the_two_is_wrong(self, open_page: Open) -> None:
        page = open_page(quiet=False)
        look(page, "TU-AAAA-AAAA", "1234567890")
        expect(page.get_by_role("alert")).to_have_text(
            "This reference and this PIN do not belong together. Please check both."
        )
        expect(page.get_by_role("textbox", name="Reference")).to_be_focused()
        assert page.locator("#entry [aria-invalid=true]").count() == 2

    def test_what_is_missing_is_said_and_gets_the_focus(self, page: Page) -> None:
        page.goto("/en/case")
        page.get_by_role("textbox", name="Reference").fill("TU-AAAA-AAAA")
        page.get_by_role("button", name="Show my case").click()
        expect(page.get_by_role("alert")).to_have_text("Please enter the reference and the PIN.")
        expect(page.get_by_role("textbox", name="PIN")).to_be_focused()

    def test_pressed_twice_it_is_asked_for_once(self, page: Page, service: Service) -> None:
        reference, pin = service.bank.protect([fingerprint(931)], kind=Kind.INTIMATE)
        asked = hold(page, "**/protect/api/status")
        look(page, reference, pin, twice=True)
        expect(page.get_by_role("button", name="Looking…")).to_be_disabled()
        assert len(asked) == 1
        asked[0].continue_()
        expect(page.get_by_text("1 intimate picture")).to_be_visible()
        page.get_by_role("button", name="Close my case on this screen").click()
        expect(page.get_by_role("button", name="Show my case")).to_be_enabled()

    def test_pressed_twice_it_is_withdrawn_once(self, page: Page, service: Service) -> None:
        reference, pin = service.bank.protect([fingerprint(941)], kind=Kind.INTIMATE)
        look(page, reference, pin)
        page.get_by_role("button", name="Withdraw my case").click()
        asked = hold(page, "**/protect/api/withdrawal")
        page.get_by_role("button", name="Yes, withdraw and delete").dblclick()
        expect(page.get_by_role("button", name="One moment…")).to_be_disabled()
        assert len(asked) == 1
        asked[0].continue_()
        expect(page.get_by_text("Your case is withdrawn. The numbers of 1 picture are deleted.")).to_be_visible()

    def test_where_withdrawing_fails_it_can_be_tried_again_from_where_the_focus_is(
        self, open_page: Open, service: Service
    ) -> None:
        page = open_page(quiet=False)
        look(page, *service.bank.protect([fingerprint(951)], kind=Kind.INTIMATE))
        page.get_by_role("button", name="Withdraw my case").click()
        page.route("**/protect/api/withdrawal", lambda route: route.abort())
        page.get_by_role("button", name="Yes, withdraw and delete").click()
        expect(page.get_by_role("alert").filter(has_text="There is no connection")).to_be_visible()
        expect(page.get_by_role("button", name="Yes, withdraw and delete")).to_be_focused()
        page.unroute("**/protect/api/withdrawal")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Your case is withdrawn.")).to_be_visible()

    def test_it_is_withdrawn_only_after_a_second_word(self, page: Page, service: Service) -> None:
        reference, pin = service.bank.protect([fingerprint(911)], kind=Kind.INTIMATE)
        look(page, reference, pin)
        page.get_by_role("button", name="Withdraw my case").click()
        expect(page.get_by_role("heading", name="Do you want to withdraw the whole case?")).to_be_focused()
        page.get_by_role("button", name="No, keep it").click()
        assert service.bank.match(fingerprint(911))
        page.get_by_role("button", name="Withdraw my case").click()
        page.get_by_role("button", name="Yes, withdraw and delete").click()
        expect(page.get_by_text("Your case is withdrawn. The numbers of 1 picture are deleted.")).to_be_visible()
        assert service.bank.match(fingerprint(911)) == []
        look(page, reference, pin)
        expect(page.get_by_text(re.compile("^Withdrawn on .* 2[0-9]{3}"))).to_be_visible()
        expect(page.get_by_role("button", name="Withdraw my case")).to_be_hidden()

    def test_it_is_closed_without_a_trace_on_the_screen(self, page: Page, service: Service) -> None:
        reference, pin = service.bank.protect([fingerprint(921)], kind=Kind.INTIMATE)
        look(page, reference, pin)
        page.get_by_role("button", name="Close my case on this screen").click()
        expect(page.get_by_role("textbox", name="PIN")).to_have_value("")
        expect(page.get_by_role("textbox", name="Reference")).to_have_value("")
        expect(page.locator("#opened")).to_be_hidden()


def test_whoever_was_under_18_is_led_to_services_without_a_script(open_page: Open) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    page.goto("/en/")
    page.get_by_role("link", name="Begin").click()
    page.get_by_role("link", name="Yes, or I am not sure").click()
    page.get_by_label("Country").select_option("Germany")
    page.get_by_role("button", name="Show services").click()
    expect(page.get_by_role("link", name=re.compile("Call .116 111"))).to_be_visible()
    expect(page.get_by_role("link", name="Take It Down (NCMEC)")).to_be_visible()
    assert page.locator("input[type=file]").count() == 0


@pytest.mark.parametrize(
    ("code", "done", "side"), [("ar", "صورك محمية", "right"), ("ru", "Ваши снимки защищены", "left")]
)
def test_the_way_is_the_same_in_other_languages(open_page: Open, code: str, done: str, side: str) -> None:
    page = open_page(PHONE)
    page.goto(f"/{code}/steps?under18=no")
    page.locator("#kind-ordinary").check()
    page.locator("#kind-form button").click()
    page.locator("#files").set_input_files([photo("PNG").payload])
    expect(page.locator("#cancel")).to_be_hidden(timeout=WAIT)
    page.locator("#pictures-form .moves button").first.click()
    page.locator("#agreed").check()
    page.locator("#send").click()
    expect(page.get_by_role("heading", name=done)).to_be_focused(timeout=WAIT)
    exit_box, slip = page.locator(".exit").bounding_box(), page.locator("#slip dt").first
    assert exit_box is not None
    assert (exit_box["x"] > 100) is (side == "right")
    assert slip.evaluate("(each) => getComputedStyle(each).direction") == ("rtl" if side == "right" else "ltr")
    assert page.locator("#pin").evaluate("(each) => getComputedStyle(each).direction") == "ltr"
