"""`tutela case`: staff see what platforms told, and release what the person may see."""

import os
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Tutela
from samples import fingerprint
from tutela.access import Keys, Role
from tutela.bank import Bank
from tutela.casework import Feedback, Verdict


@pytest.fixture
def told(tmp_path: Path) -> tuple[str, str, str]:
    """A case, its PIN, and the key that told of a match."""
    with Bank.open(os.environ["TUTELA_BANK"], create=True) as bank:
        case, pin = bank.protect([fingerprint(1)], kind="ordinary")
        key = Keys(bank.store).create("a platform", Role.MATCH).key.id
    tell(key, Verdict.NOT_BLOCKED)
    return case, pin, key


def tell(key: str, verdict: Verdict) -> None:
    with Bank.open(os.environ["TUTELA_BANK"]) as bank:
        desk = Feedback(bank.store, bank.service_key())
        (match,) = bank.match(fingerprint(1))
        desk.tell(desk.opened(desk.claim(match, key), key), verdict, key, f"upload-{verdict}")


def seen(case: str, pin: str) -> list[str]:
    with Bank.open(os.environ["TUTELA_BANK"]) as bank:
        return [each.verdict for each in bank.status(case, pin).outcomes]


def test_staff_release_what_the_person_may_see(tutela: Tutela, told: tuple[str, str, str]) -> None:
    case, pin, key = told
    line = tutela("case", "findings", "--json").line
    assert set(line) == {"id", "case", "protection", "tier", "key", "found", "released", "outcomes"}
    assert (line["case"], line["tier"], line["key"], line["released"]) == (case, "exact", key, False)
    assert states(line) == [("not_blocked", False)]
    assert seen(case, pin) == []
    released = tutela("case", "release", line["id"], "--json").line
    assert released["released"]
    assert states(released) == [("not_blocked", True)]
    assert tutela("case", "findings", "--waiting", "--json").lines == []
    tell(key, Verdict.BLOCKED)
    assert seen(case, pin) == ["not_blocked"]
    (waiting,) = tutela("case", "findings", "--waiting", "--json").lines
    assert states(waiting) == [("not_blocked", True), ("blocked", False)]
    tutela("case", "release", line["id"])
    assert seen(case, pin) == ["not_blocked", "blocked"]


def test_people_are_told_in_words(tutela: Tutela, told: tuple[str, str, str]) -> None:
    said = tutela("case", "findings").err
    assert f"case {told[0]}, exact" in said
    assert "not released: not blocked (not released)" in said


def test_a_finding_that_is_not_there_is_refused(tutela: Tutela, told: tuple[str, str, str]) -> None:
    ended = tutela("case", "release", "nothing")
    assert ended.status == 2
    assert "tutela case findings" in ended.err


def states(line: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(each["verdict"], each["released"]) for each in line["outcomes"]]
