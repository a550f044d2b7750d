"""What people and platforms do to a running service, what it acknowledged of that, and whether it kept its word.

The service is a `tutela serve` of its own process, asked over HTTP; nothing here looks into it. `Helpers` open cases,
withdraw them and give feedback, through the API and as the public page does. `problems` then compares what was
acknowledged with what the service, the bank and whoever was told of events know.
"""

import itertools
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from load import invented
from served import Receiver, Service

from tutela.bank import Bank, EventKind
from tutela.casework import Verdict
from tutela.custody import verify
from tutela.model import Fingerprint
from tutela.store import tables
from tutela.web.once import HEADER
from tutela.web.protect.pages import CONSENT
from tutela.web.wire import wire

PICTURES = 3
"""Pictures in a case: a half case would show."""

HELPERS, LOOKUPS = 4, 20
REST = 0.1
"""Seconds before whoever got no answer does the next thing: all that is unanswered is asked again afterwards."""


@dataclass
class Case:
    """A case that somebody asked to be opened, through one of two doors. `reference` and `pin` came with the answer, if
    one came."""

    number: int
    by_page: bool = False
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    reference: str = ""
    pin: str = ""
    asked: bool = False
    withdrawn: bool = False

    def pictures(self) -> list[Fingerprint]:
        """Its fingerprints, which no other case has."""
        return [invented(self.number * PICTURES + place) for place in range(PICTURES)]


@dataclass
class Told:
    """Feedback that somebody gave. `received` where that was answered."""

    case: Case
    body: dict[str, str]
    received: bool = False


@dataclass
class Diary:
    """What was asked, and what was acknowledged, over all lives of a service. `odd` are answers that nobody foresaw."""

    cases: list[Case] = field(default_factory=list)
    feedback: list[Told] = field(default_factory=list)
    matches_asked: Counter[str] = field(default_factory=Counter)
    matches_answered: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    under_way: Counter[int] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def acknowledged(self) -> int:
        """Acts that were answered with success."""
        cases = sum(bool(case.reference) + case.withdrawn for case in self.cases)
        return cases + sum(told.received for told in self.feedback)


class Helper:
    """Does one thing after the other, and writes down what it asks and what is answered."""

    def __init__(self, service: Service, diary: Diary, seed: int) -> None:
        self.chance = random.Random(seed)
        self._diary = diary
        self._client = service.client()
        self._own: list[Case] = []
        self._unanswered: Case | None = None

    def __enter__(self) -> "Helper":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def work(self, ending: Event) -> None:
        """Goes on until it is told to end."""
        acts = [self.open_by_api, self.open_by_page, self.withdraw, self.withdraw, self.tell]
        while not ending.is_set():
            self.chance.choice(acts)()

    def open_by_api(self) -> None:
        """A helpline opens a case."""
        self.open(self._unanswered or self._new_case(by_page=False))

    def open_by_page(self) -> None:
        """A person opens a case."""
        self.open(self._unanswered or self._new_case(by_page=True))

    def open(self, case: Case) -> None:
        """Asks for that one, under its key."""
        body: dict[str, object] = {"kind": "intimate", "fingerprints": _wired(case)}
        if case.by_page:
            body |= {"kind": "ordinary", "under_18": False, "consent": CONSENT, "keep_parts": False}
        path = "/protect/api/cases" if case.by_page else "/api/v1/cases"
        answer = self.post(path, body, 201, {HEADER: case.key})
        self._unanswered = None if answer else case
        if answer:
            self._opened(case, answer)

    def withdraw(self) -> None:
        """A person withdraws one of every two cases."""
        mine = [case for case in self._own if case.number % 2 == 0 and not case.asked]
        if mine:
            self.withdraw_case(self.chance.choice(mine), by_page=self.chance.random() < 0.5)

    def withdraw_case(self, case: Case, *, by_page: bool) -> None:
        """That one, through one of the two doors."""
        case.asked = True
        if by_page:
            answer = self.post("/protect/api/withdrawal", {"case": case.reference, "pin": case.pin}, 200)
        else:
            answer = self.post(f"/api/v1/cases/{case.reference}/withdrawal", {"pin": case.pin}, 200)
        case.withdrawn = bool(answer)

    def tell(self) -> None:
        """A platform looks up a picture of one of the other cases, and tells what came of it."""
        mine = [case for case in self._own if case.number % 2]
        if not mine:
            return
        case = self.chance.choice(mine)
        found = self.look_up(case)
        if found:
            key = f"upload-{self.chance.randbytes(8).hex()}"
            told = Told(
                case, {"claim": found[0]["claim"], "verdict": self.chance.choice(list(Verdict)), "idempotency_key": key}
            )
            self._diary.feedback.append(told)
            self.tell_again(told)

    def tell_again(self, told: Told) -> None:
        """The same feedback, as often as it takes."""
        told.received = bool(self.post("/api/v1/feedback", told.body, 200)) or told.received

    def look_up(self, case: Case) -> list[dict[str, str]] | None:
        """The matches of a case's first picture; None without an answer."""
        self._diary.matches_asked[case.reference] += 1
        answer = self.post("/api/v1/lookup", msgspec.to_builtins(wire(case.pictures()[0])), 200)
        if answer is None:
            return None
        matches: list[dict[str, str]] = answer["matches"]
        for match in matches:
            self._diary.matches_answered[match["case"]] += 1
        return matches

    def post(
        self, path: str, body: object, wanted: int, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any] | None:
        """What is answered with the wanted status. A lost connection and a clear 503 are no answer; all else is odd."""
        number = id(self)
        self._diary.under_way[number] = 1
        try:
            answer = self._client.post(
                path, json=body, headers={"X-Forwarded-For": self._somebody(), **(headers or {})}
            )
        except httpx.TransportError:
            time.sleep(REST)
            return None
        finally:
            self._diary.under_way[number] = 0
        self._diary.statuses[answer.status_code] += 1
        if answer.status_code == wanted:
            found: dict[str, Any] = answer.json()
            return found
        if answer.status_code != 503 or not _clear(answer):
            self._diary.odd.append(f"{path}: {answer.status_code} {answer.text[:300]}")
        time.sleep(REST)
        return None

    def _somebody(self) -> str:
        """Another caller each time: limits are for other tests."""
        return f"10.{self.chance.randrange(256)}.{self.chance.randrange(256)}.{self.chance.randrange(256)}"

    def _new_case(self, *, by_page: bool) -> Case:
        case = Case(next(self._diary.numbers), by_page)
        self._diary.cases.append(case)
        return case

    def _opened(self, case: Case, answer: dict[str, Any]) -> None:
        case.reference, case.pin = answer["case"], answer["pin"]
        self._own.append(case)


def disturbed(service: Service, diary: Diary, seed: int, seconds: float, strike: Callable[[], None]) -> int:
    """Lets helpers work for so long and strikes; how many were in the middle of something at that moment."""
    ending = Event()
    with ExitStack() as stack:
        helpers = [stack.enter_context(Helper(service, diary, seed * HELPERS + place)) for place in range(HELPERS)]
        threads = [Thread(target=helper.work, args=(ending,)) for helper in helpers]
        for thread in threads:
            thread.start()
        try:
            time.sleep(seconds)
            middle = sum(diary.under_way.values())
            strike()
        finally:
            ending.set()
            for thread in threads:
                thread.join()
    return middle


def try_again(service: Service, diary: Diary) -> None:
    """What anybody does who got no answer: asks for the same again."""
    with Helper(service, diary, len(diary.cases)) as helper:
        for case in diary.cases:
            if not case.reference:
                helper.open(case)
            if case.asked and not case.withdrawn:
                helper.withdraw_case(case, by_page=False)
        for told in diary.feedback:
            if not told.received:
                helper.tell_again(told)


def problems(service: Service, diary: Diary, receiver: Receiver) -> Iterator[str]:
    """What does not hold: nothing, or the service broke its word. For a service that runs and is asked nothing else."""
    yield from diary.odd
    yield from (f"not opened when asked again: {case}" for case in diary.cases if not case.reference)
    yield from (f"not withdrawn when asked again: {case}" for case in diary.cases if case.asked and not case.withdrawn)
    yield from (f"feedback not taken when told again: {told}" for told in diary.feedback if not told.received)
    with Helper(service, diary, -1) as helper:
        for case in diary.cases[-LOOKUPS:]:
            if case.reference and bool(found := helper.look_up(case)) == case.withdrawn:
                yield f"{case} is acknowledged, and a lookup says otherwise: {found}"
    with Bank.open(service.address) as bank:
        yield from _in_bank(bank, diary)
        yield from _in_acts(bank)
        _wait(lambda: not _count(bank, tables.deliveries))
        yield from _in_events(bank, diary, receiver)
    yield from _in_calls(service.calls)
    yield from _in_log(service.said())


def _in_bank(bank: Bank, diary: Diary) -> Iterator[str]:
    for case in diary.cases:
        found = [match.case for picture in case.pictures() for match in bank.match(picture)]
        if len(found) not in (0, PICTURES) or len(set(found)) > 1:
            yield f"{case} is a half one, or there twice: {found}"
        if case.withdrawn and found:
            yield f"{case} was withdrawn and matches"
        if case.reference and not case.asked and set(found) != {case.reference}:
            yield f"{case} was acknowledged and is gone"
    opened, held = tables.cases.c, tables.protections.c
    query = sa.select(opened.reference).outerjoin(tables.protections, held.case == opened.reference)
    query = query.where(opened.withdrawn_at.is_(None)).group_by(opened.reference)
    with bank.store.read() as connection:
        for reference in connection.execute(query.having(sa.func.count(held.id) != PICTURES)).scalars():
            yield f"{reference} is a half one"


def _in_acts(bank: Bank) -> Iterator[str]:
    """Acts that nothing in the bank bears out, or the other way round."""
    inventory, act = bank.inventory(), tables.acts.c.act
    with bank.store.read() as connection:
        counted = connection.execute(sa.select(act, sa.func.count()).group_by(act)).all()
    acts = dict(map(tuple, counted))
    opened = inventory.cases + inventory.withdrawn
    for name, number in (("case.opened", opened), ("case.withdrawn", inventory.withdrawn)):
        if acts.get(name, 0) != number:
            yield f"{acts.get(name, 0)} acts say {name}, and the bank has {number}"


def _in_events(bank: Bank, diary: Diary, receiver: Receiver) -> Iterator[str]:
    """Events that nobody was told of, or of what never happened. An event that came twice has the same name."""
    case, finding, outcome = tables.cases.c, tables.findings.c, tables.outcomes.c
    with bank.store.read() as connection:
        waiting = connection.execute(sa.select(tables.deliveries.c.body)).scalars().all()
        gone = connection.execute(sa.select(case.reference).where(case.withdrawn_at.is_not(None))).scalars().all()
        query = sa.select(finding.case).join(tables.outcomes, outcome.finding == finding.id)
        outcomes = Counter(connection.execute(query).scalars())
    events = {event["id"]: event for event in [*receiver.taken, *map(json.loads, waiting)]}.values()
    of = {kind: Counter(each["case"] for each in events if each["type"] == kind.value) for kind in EventKind}
    for kind, happened in ((EventKind.WITHDRAWAL, Counter(gone)), (EventKind.FEEDBACK, outcomes)):
        if of[kind] != happened:
            yield f"{kind}: not told {happened - of[kind]}, told and never happened {of[kind] - happened}"
    told_of = {(told.case.reference, told.body["verdict"]) for told in diary.feedback}
    given = Counter(case for case, _ in told_of)  # each verdict counts once, however often it is told
    if outcomes != given:
        yield f"feedback: lost {given - outcomes}, doubled {outcomes - given}"
    told = of[EventKind.MATCH]
    if lost := diary.matches_answered - told:
        yield f"matches that were answered and not told: {lost}"
    if made_up := told - diary.matches_asked:
        yield f"matches that were told and not asked: {made_up}"


def _in_calls(folder: Path) -> Iterator[str]:
    """Records of calls that do not verify. What ended by a kill has no closing line, and nothing else may be wrong."""
    for log in folder.iterdir():
        for problem in verify(log).problems:
            if not problem.what.startswith("not closed"):
                yield f"{log.name}: {problem.where} {problem.what}"


def _in_log(said: str) -> Iterator[str]:
    """Tracebacks: an error is told in a line, and a traceback may quote what nobody should read."""
    lines = said.splitlines()
    for place, line in enumerate(lines):
        if line.startswith("Traceback"):
            yield "a traceback in the log: " + "\n".join(lines[max(0, place - 1) : place + 30])


def _count(bank: Bank, table: sa.Table) -> int:
    with bank.store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _wait(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)


def _wired(case: Case) -> list[Any]:
    return [msgspec.to_builtins(wire(each)) for each in case.pictures()]


def _clear(answer: httpx.Response) -> bool:
    """Whether it is a problem that says what is wrong and what to do."""
    if answer.headers["content-type"] != "application/problem+json":
        return False
    said = answer.json()
    return bool(said["title"] and said["detail"] and said["code"])
