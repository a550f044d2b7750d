"""What the routes work with: one bank, its keys and casework, limits, threads, figures."""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import TypeVar

from tutela.access import Key, Keys, Role
from tutela.bank import Bank, Group
from tutela.casework import Feedback, Webhooks
from tutela.custody import Signer
from tutela.fingerprints import Detail, Fingerprinter
from tutela.media import Limits
from tutela.model import CaseRef, Fingerprint, Match, Skipped, Tier
from tutela.web.calls import CallLog
from tutela.web.courier import Courier
from tutela.web.errors import KeyRefused, NotAllowed, TooMany, WrongInput
from tutela.web.limits import RateLimiter
from tutela.web.metrics import Metrics
from tutela.web.outbound import Outbound
from tutela.web.probing import Probing
from tutela.web.settings import ServiceSettings
from tutela.web.tries import PinTries

INTAKE, INTAKE_BURST = 10.0, 20
"""Cases a minute that one visitor of the public page may open."""

BURST_SECONDS = 10
_WORKERS, _NOTES = 4, 64
_NO_CASE = CaseRef("")
_TIERS = tuple(Tier)

T = TypeVar("T")


class Service:
    """One running service. `start` before the first call and `close` after the last; the bank stays open."""

    def __init__(self, bank: Bank, settings: ServiceSettings) -> None:
        self.bank = bank
        self.settings = settings
        self.keys = Keys(bank.store)
        self.feedback = Feedback(bank.store, bank.service_key())
        self.webhooks = Webhooks(bank.store, bank.shared_sealer(), settings.webhook_hosts)
        self.outbound = Outbound(settings.fetch_hosts)
        self.metrics = Metrics()
        self.calls = CallLog(settings.calls, Signer(bank.custody_key()), self.keys.note_use)
        self.tries = PinTries()
        self.probing = Probing()
        self.intake = RateLimiter(INTAKE, INTAKE_BURST)
        self.ready = False
        self._courier = Courier(self.webhooks, Outbound(settings.webhook_hosts), self.metrics)
        self._limits: dict[int, RateLimiter] = {}
        self._lookups = ThreadPoolExecutor(settings.threads, thread_name_prefix="lookup")
        self._work = ThreadPoolExecutor(_WORKERS, thread_name_prefix="work")
        self._admission = ThreadPoolExecutor(1, thread_name_prefix="admission")
        self._noting = ThreadPoolExecutor(1, thread_name_prefix="noting")
        self._notes = BoundedSemaphore(_NOTES)
        self._computing = Lock()
        self._computers: dict[Detail, Fingerprinter] = {}

    def start(self) -> None:
        """Loads the bank and begins to record and to deliver. Raises `StoreError` or `CustodyError`."""
        self.bank.warm_up()
        self.calls.start()
        self._courier.start()
        self.ready = True

    def close(self) -> None:
        """Ends everything that `start` and the calls began."""
        self.ready = False
        self._courier.close()
        self._lookups.shutdown()
        self._work.shutdown()
        self._admission.shutdown()
        self._noting.shutdown()
        for computer in self._computers.values():
            computer.close()
        self.calls.close()

    async def lookup(self, work: Callable[[], T]) -> T:
        """Does what takes milliseconds in one of the threads for lookups."""
        return await asyncio.get_running_loop().run_in_executor(self._lookups, work)

    async def work(self, work: Callable[[], T]) -> T:
        """Does what takes longer (PINs, pictures, transactions) in other threads, so that lookups need not wait."""
        return await asyncio.get_running_loop().run_in_executor(self._work, work)

    async def admit(self, authorization: str) -> Key:
        """The key that a call brings. Raises `KeyRefused`.

        Nobody is shut out for trying wrong keys: none can be guessed, and a stranger at the same address could shut out
        those who have one.
        """
        kind, _, token = authorization.partition(" ")
        token = token.strip()
        if kind.lower() != "bearer":
            raise KeyRefused
        key = self.keys.remembered(token) or await self._admitted(token)
        if key is None:
            raise KeyRefused
        return key

    async def _admitted(self, token: str) -> Key | None:
        """In a thread of its own: whoever looks up must not wait behind those who open cases."""
        return await asyncio.get_running_loop().run_in_executor(self._admission, self.keys.find, token)

    def charge(self, key: Key, cost: int = 1) -> None:
        """Counts a call against the key's limit. Raises `TooMany`, or `Suspended` for a key that was stopped."""
        self.probing.refuse(key.id)
        per_minute = key.per_minute or self.settings.per_minute
        limit = self._limits.get(per_minute)
        if limit is None:
            burst = max(1, per_minute * BURST_SECONDS // 60)
            limit = self._limits.setdefault(per_minute, RateLimiter(per_minute, burst))
        if (wait := limit.wait(key.id, cost)) > 0:
            raise TooMany(wait)

    def match(self, fingerprint: Fingerprint, key: Key) -> list[Match]:
        """The matches that this key may see; webhooks that want to know are told. See `seen`."""
        return [match for match, _ in self.seen(fingerprint, key)]

    def seen(self, fingerprint: Fingerprint, key: Key) -> list[tuple[Match, Group]]:
        """As `match`, with the group of each: surest first for operators, for others in an order that tells nothing.

        Raises `Suspended` for a key that feels its way towards a fingerprint.
        """
        matches = self.bank.match(fingerprint, watch=False)
        if not matches and key.groups is None:
            return []
        groups = self.bank.groups.of([match.case for match in matches] or [_NO_CASE])  # takes as long for no match
        seen = [
            (match, group)
            for match in matches
            if (group := groups.get(match.case)) and group.enabled > 0 and key.covers(group.id)
        ]
        if key.role is not Role.OPERATOR:
            seen.sort(key=lambda each: (_TIERS.index(each[0].tier), each[0].case, each[0].protection))
            self._probe(seen, fingerprint, key)
        told = [match for match, _ in seen]
        self._watch(told, fingerprint)
        self._tell(told, key)
        return seen

    def certainly_misses(self, fingerprint: Fingerprint, key: Key) -> bool:
        """Whether the answer is no, and that may be told at once: not to a key of some groups, which could tell from
        the time whether another group has a match."""
        return key.groups is None and self.bank.misses(fingerprint)

    def _probe(self, seen: Iterable[tuple[Match, Group]], fingerprint: Fingerprint, key: Key) -> None:
        if fingerprint.pdq is not None:
            for case in {match.case for match, _ in seen if match.tier is Tier.NEAR}:
                self.probing.near(key.id, case, fingerprint.pdq.code)

    def _watch(self, matches: list[Match], fingerprint: Fingerprint) -> None:
        """Notes near matches without keeping the caller waiting; those that are too many for now, later ones tell."""
        if any(match.tier is Tier.NEAR for match in matches) and self._notes.acquire(blocking=False):
            noted = self._noting.submit(self.bank.watch, matches, fingerprint.pdq)
            noted.add_done_callback(lambda _: self._notes.release())

    def fingerprint(self, data: bytes, detail: Detail) -> Fingerprint | Skipped:
        """The fingerprint of a picture, computed in a confined process."""
        with self._computing:
            if detail not in self._computers:
                limits = Limits(file_bytes=self.settings.upload_bytes)
                self._computers[detail] = Fingerprinter(self.settings.decoders, limits, detail)
        return self._computers[detail].fingerprint(data)

    def picture(self, data: bytes, *, lookup: bool) -> Fingerprint:
        """As `fingerprint`, with what `Bank.match` needs where it is to be looked up. Raises `WrongInput`."""
        detail = Detail.LOOKUP if lookup and self.bank.wants_parts() else Detail.PLAIN
        result = self.fingerprint(data, detail)
        if isinstance(result, Skipped):
            raise WrongInput(result.reason)
        return result

    def _tell(self, matches: Iterable[Match], key: Key) -> None:
        tiers: dict[str, int] = {}
        for match in matches:
            tiers[match.tier.value] = tiers.get(match.tier.value, 0) + 1
        self.metrics.matched(tiers)
        if tiers:
            self.webhooks.matched({match.case: match.tier for match in reversed(list(matches))}, key.id)


def refuse_others(key: Key, roles: Iterable[Role]) -> None:
    """Raises `NotAllowed` unless the key has one of these roles."""
    if key.role not in roles:
        raise NotAllowed("this key is not for that", remedy="Use one with another role")


def elapsed(since: float) -> float:
    """Seconds since a `time.perf_counter`."""
    return time.perf_counter() - since
