"""What followed reports, from posts and readings as a scan gathers them."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from measures.conftest import cells, measured, notes, post
from tutela.measures import Observer
from tutela.model import (
    Channel,
    ChannelKind,
    ChannelReading,
    ChannelState,
    Link,
    LinkKind,
    Measure,
    Pseudonym,
    Report,
    When,
)

START = datetime(2020, 1, 6, tzinfo=UTC)  # a Monday
WEEKS, REPORTED = 30, 20
REPORT = START + timedelta(weeks=REPORTED, days=1)


def story(drop: float = 1.0, reported: int = 5, unreported: int = 6, gone: int = 0) -> Observer:
    """Channels with 40 to 50 posts a week; after the report the reported ones keep the share `drop` of theirs."""
    observer = Observer()
    for place in range(reported + unreported):
        ref = Pseudonym(f"ch-{place}")
        observer.channel(Channel(ref, ChannelKind.PUBLIC_CHANNEL))
        number = 0
        for week in range(WEEKS):
            rate = 40 + (7 * place + 3 * week) % 11
            for n in range(round(rate * (drop if place < reported and week > REPORTED else 1))):
                number += 1
                at = START + timedelta(weeks=week, hours=n)
                observer.post(replace(post(number, channel=ref), when=When(at, None)))
        if place < reported:
            observer.report(Report(ref, REPORT))
        for day in range(0, 7 * WEEKS, 5):
            at = START + timedelta(days=day)
            state = (
                ChannelState.NOT_FOUND if place < gone and at > REPORT + timedelta(days=9) else ChannelState.ACCESSIBLE
            )
            observer.reading(ChannelReading(ref, at, 1000, state))
    return observer


def effect(observer: Observer) -> Measure:
    return measured(observer.finish())["report_effect"]


def test_a_drop_by_half_is_found_and_its_interval_holds_it() -> None:
    found = effect(story(drop=0.5))
    assert found.low < -50 < found.high < 0
    assert found.value == pytest.approx(-50, abs=10)
    assert "5 reported and 6 unreported" in found.note


def test_where_nothing_happened_the_interval_holds_nothing() -> None:
    found = effect(story())
    assert found.low < 0 < found.high
    assert cells(found, "state")["reported within 30 days"] == 0
    assert notes(found, "state")["reported within 30 days"].endswith("0 of 5 channels")


def test_states_that_changed_are_counted_with_how_soon() -> None:
    found = effect(story(gone=3))
    assert cells(found, "state")["reported within 30 days"] == pytest.approx(0.6)
    assert cells(found, "state")["unreported within 30 days"] == 0
    assert 9 < cells(found, "state")["reported median days"] <= 15
    assert cells(found, "replaced") == {"came back or have a successor": 0}


def test_a_channel_that_a_reported_one_leads_to_and_that_is_younger_is_a_successor() -> None:
    observer, late = story(gone=3), REPORT + timedelta(days=8)
    links = (Link(LinkKind.LINK, Pseudonym("ch-new")),)
    observer.post(replace(post(99_999, channel="ch-0"), when=When(late, None), links=links))
    observer.post(replace(post(1, channel="ch-new"), when=When(late, None)))
    assert cells(effect(observer), "replaced")["came back or have a successor"] == pytest.approx(1 / 3)


def test_without_reports_nothing_is_said_and_how_to_say_so() -> None:
    found = effect(story(reported=0))
    assert (found.value, found.low, found.high, found.parts) == (None, None, None, ())
    assert "reports.json" in found.note


def test_too_few_channels_give_no_figure() -> None:
    found = effect(story(reported=2))
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.note.startswith("2 of 8 channels were reported.")


@pytest.mark.parametrize("at", [START - timedelta(days=10), START - timedelta(weeks=60), START + timedelta(weeks=90)])
def test_a_channel_reported_outside_what_was_read_is_not_taken_for_an_unreported_one(at: datetime) -> None:
    observer = story(reported=4, unreported=4)
    for place in range(4, 8):
        observer.report(Report(Pseudonym(f"ch-{place}"), at))
    found = effect(observer)
    assert found.value is None
    assert found.note.startswith("8 of 8 channels were reported. Fewer than 4 reported and 4 unreported")


@pytest.mark.parametrize("at", [START - timedelta(weeks=60), START + timedelta(weeks=90)])
def test_a_report_outside_what_was_read_is_no_error(at: datetime) -> None:
    observer = story(reported=0)
    for place in range(4):
        observer.report(Report(Pseudonym(f"ch-{place}"), at))
    assert effect(observer).value is None


def test_the_first_report_of_a_channel_counts() -> None:
    observer = story(drop=0.5)
    before = effect(observer)
    observer.report(Report(Pseudonym("ch-0"), REPORT + timedelta(weeks=3)))
    assert effect(observer).value == before.value
