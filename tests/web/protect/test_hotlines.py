"""The list of services: well-formed, complete for whoever was under 18, and never empty."""

import re

import pytest

from tutela.web.protect.hotlines import EVERYWHERE, Does, For, countries, helping, services
from tutela.web.protect.texts import LANGUAGES, catalogue

TAKE_IT_DOWN = "Take It Down (NCMEC)"


@pytest.mark.parametrize("service", services(), ids=lambda service: f"{service.name} {service.countries}")
def test_each_service_can_be_reached_and_says_for_whom_it_is(service) -> None:  # type: ignore[no-untyped-def]
    assert service.name
    assert service.people
    assert service.url or service.phone
    assert service.url == "" or re.fullmatch(r"https://[a-z0-9.-]+/[a-z0-9/-]*", service.url)
    assert re.fullmatch(r"[0-9][0-9 -]*", service.phone or "0")
    assert service.countries == (EVERYWHERE,) or all(re.fullmatch("[a-z]{2}", code) for code in service.countries)


def test_every_country_has_a_name_in_every_language() -> None:
    assert len(countries()) > 20
    for code in LANGUAGES:
        assert {f"country_{country}" for country in countries()} == {
            key for key in catalogue(code) if key.startswith("country_")
        }


@pytest.mark.parametrize("country", [*countries(), "", "zz", "*"])
def test_whoever_was_under_18_finds_a_service_that_blocks_and_a_directory(country: str) -> None:
    young = helping(country, For.MINOR)
    assert TAKE_IT_DOWN in [each.name for each in young]
    assert {Does.BLOCK, Does.FIND} <= {each.does for each in young}
    assert helping(country, For.ADULT)
    assert all(For.MINOR in each.people for each in young)


def test_services_of_the_country_come_first_and_none_twice() -> None:
    for country in countries():
        for people in For:
            listed = helping(country, people)
            own = [country in each.countries for each in listed]
            assert own == sorted(own, reverse=True)
            assert len(set(listed)) == len(listed)
    assert helping("gb", For.MINOR)[0].name == "Report Remove (Childline, IWF)"


def test_no_service_for_adults_alone_is_shown_to_whoever_was_under_18() -> None:
    assert "StopNCII.org" not in [each.name for each in helping("gb", For.MINOR)]
