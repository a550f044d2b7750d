"""Where people get help: the data file `hotlines.toml`, which an operator or a lawyer can read and mend."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

EVERYWHERE = "*"


class For(StrEnum):
    """Whose pictures a service takes: taken when the person was under 18, or an adult."""

    MINOR = "minor"
    ADULT = "adult"


class Does(StrEnum):
    """What a service does; its words are in the locales under `does_…`."""

    BLOCK = "block"
    REPORT = "report"
    TALK = "talk"
    FIND = "find"


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `countries` are ISO 3166-1 codes in small letters, or `EVERYWHERE` alone. `phone` may be empty."""

    name: str
    countries: tuple[str, ...]
    people: tuple[For, ...]
    does: Does
    url: str
    phone: str = ""

    def serves(self, country: str, people: For) -> bool:
        """Whether it is for these people in this country, and named for that country itself."""
        return people in self.people and country in self.countries


@cache
def services() -> tuple[Service, ...]:
    """All services in the order of the file."""
    text = resources.files(__package__).joinpath("hotlines.toml").read_text("utf-8")
    return tuple(_service(row) for row in tomllib.loads(text)["service"])


def countries() -> tuple[str, ...]:
    """Codes of the countries that have services of their own."""
    return tuple(sorted({code for each in services() for code in each.countries} - {EVERYWHERE}))


def helping(country: str, people: For) -> list[Service]:
    """Services for these people: those of the country first, then those for everybody."""
    own = [each for each in services() if each.serves(country, people)]
    return own + [each for each in services() if each.serves(EVERYWHERE, people) and each not in own]


def _service(row: Mapping[str, Any]) -> Service:
    return Service(
        name=row["name"],
        countries=tuple(row["countries"]),
        people=tuple(For(each) for each in row["for"]),
        does=Does(row["does"]),
        url=row["url"],
        phone=row.get("phone", ""),
    )
