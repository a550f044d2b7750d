"""How a case stands, as the page tells it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from playwright.sync_api import Page, expect

from tutela.bank import CaseOutcome, CaseStatus, ProtectionStatus, ReleasedMatch
from tutela.casework.feedback import Verdict
from tutela.model import CaseRef, Kind, ProtectionId, Tier
from tutela.web.protect.standing import standing
from tutela.web.protect.texts import LANGUAGES, catalogue
from web.protect.visits import look

DAY = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
WAITING = "1 of them waits for a check by our staff; until then only exact copies are recognised"
IDS = [ProtectionId(sign * 26) for sign in "abc"]
STATUS = CaseStatus(
    case=CaseRef("TU-7K3M-9QWX"),
    opened_at=DAY,
    withdrawn_at=None,
    protections=(
        ProtectionStatus(IDS[0], Kind.ORDINARY, DAY, False, ("sha256", "md5", "pdq", "parts")),
        ProtectionStatus(IDS[1], Kind.ORDINARY, DAY, True, ("sha256", "md5", "pdq")),
        ProtectionStatus(IDS[2], Kind.INTIMATE, DAY, False, ("sha256", "md5")),
    ),
    matches=tuple(ReleasedMatch(IDS[0], tier, DAY + timedelta(days=n)) for n, tier in enumerate(Tier)),
    outcomes=tuple(CaseOutcome(IDS[0], verdict.value, DAY) for verdict in Verdict),
)


def test_it_counts_by_kind_and_tells_what_staff_released() -> None:
    told = msgspec.to_builtins(standing(STATUS))
    assert told["protected"] == [
        {"kind": "intimate", "pictures": 1, "with_parts": False, "waiting": 0},
        {"kind": "ordinary", "pictures": 2, "with_parts": True, "waiting": 1},
    ]
    assert [each["tier"] for each in told["matches"]] == [tier.value for tier in Tier]
    assert [each["verdict"] for each in told["outcomes"]] == [verdict.value for verdict in Verdict]


def test_it_tells_no_id() -> None:
    text = msgspec.json.encode(standing(STATUS)).decode()
    assert not any(name in text for name in IDS)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_tier_kind_and_verdict_has_its_words(code: str) -> None:
    names = [each.value for each in (*Tier, *Kind, *Verdict)]
    assert {f"live_{name}" for name in names} <= set(catalogue(code))


@pytest.mark.browser
@pytest.mark.parametrize("paused", [False, True])
def test_the_page_says_when_nothing_is_looked_for(page: Page, paused: bool) -> None:
    body = msgspec.json.encode(standing(replace(STATUS, paused=paused))).decode()
    page.route("**/protect/api/status", lambda route: route.fulfill(body=body, content_type="application/json"))
    look(page, STATUS.case, "1234567890")
    expect(page.get_by_text("Opened on March 5, 2026.")).to_be_visible()
    expect(page.get_by_text("The search is paused at the moment")).to_be_visible(visible=paused)


@pytest.mark.browser
def test_the_page_says_it_in_words(page: Page) -> None:
    body = msgspec.json.encode(standing(STATUS)).decode()
    page.route("**/protect/api/status", lambda route: route.fulfill(body=body, content_type="application/json"))
    look(page, STATUS.case, "1234567890")
    expect(page.get_by_text("Opened on March 5, 2026.")).to_be_visible()
    expect(page.locator("#protected li")).to_have_text([
        "1 intimate picture",
        "2 ordinary pictures; altered versions are recognised, too; " + WAITING,
    ])  # fmt: skip
    expect(page.locator("#matches li")).to_have_text([
        "An exact copy, found on March 5, 2026",
        "The same picture, changed a little, found on March 6, 2026",
        "A picture that was made from yours, found on March 7, 2026",
    ])  # fmt: skip
    expect(page.locator("#outcomes li")).to_have_text([
        "A copy was taken down or blocked (March 5, 2026)",
        "A platform decided to leave a picture where it is (March 5, 2026)",
        "A picture turned out to be another one, not yours (March 5, 2026)",
    ])  # fmt: skip
