"""What the routes work with: one bank, its keys and casework, limits, threads, figures."""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from tutela.access import Key, Keys, Role
from tutela.bank import Bank, EventKind, announce, wanted
from tutela.casework import Feedback, Webhooks
from tutela.custody import Signer
from tutela.fingerprints import Detail, Fingerprinter
from tutela.media import Limits
from tutela.model import Fingerprint, Match, Skipped
from tutela.web.calls import CallLog
from tutela.web.courier import Courier
from tutela.web.errors import KeyRefused, NotAllowed, TooMany, WrongInput
from tutela.web.limits import RateLimiter
from tutela.web.metrics import Metrics
from tutela.web.outbound import Outbound
from tutela.web.settings import ServiceSettings
from tutela.web.tries import PinTries

INTAKE, INTAKE_BURST = 10.0, 20
"""Cases a minute that one visitor of the public page may open."""

BURST_SECONDS = 10
_WORKERS = 4

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
        self.intake = RateLimiter(INTAKE, INTAKE_BURST)
        self.ready = False
        self._courier = Courier(self.webhooks, Outbound(settings.webhook_hosts), self.metrics)
        self._limits: dict[int, RateLimiter] = {}
        self._lookups = ThreadPoolExecutor(settings.threads, thread_name_prefix="lookup")
        self._work = ThreadPoolExecutor(_WORKERS, thread_name_prefix="work")
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
        key = self.keys.remembered(token) or await self.work(lambda: self.keys.find(token))
        if key is None:
            raise KeyRefused
        return key

    def charge(self, key: Key, cost: int = 1) -> None:
        """Counts a call against the key's limit. Raises `TooMany`."""
        per_minute = key.per_minute or self.settings.per_minute
        limit = self._limits.get(per_minute)
        if limit is None:
            burst = max(1, per_minute * BURST_SECONDS // 60)
            limit = self._limits.setdefault(per_minute, RateLimiter(per_minute, burst))
        if (wait := limit.wait(key.id, cost)) > 0:
            raise TooMany(wait)

    def match(self, fingerprint: Fingerprint, key: Key) -> list[Match]:
        """The matches that this key may see, surest first; webhooks that want to know are told."""
        matches = self.bank.match(fingerprint)
        if not matches:
            return matches
        groups = self.bank.groups.of(match.case for match in matches)
        seen = [
            match
            for match in matches
            if (group := groups.get(match.case)) and group.enabled > 0 and key.covers(group.id)
        ]
        self._tell(seen, key)
        return seen

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
        if not tiers:
            return
        store = self.bank.store
        with store.read() as connection:
            if not wanted(connection, EventKind.MATCH):
                return
        with store.write() as connection:
            for case, tier in {match.case: match.tier for match in reversed(list(matches))}.items():
                announce(connection, EventKind.MATCH, case, {"tier": tier.value, "key": key.id})


def refuse_others(key: Key, roles: Iterable[Role]) -> None:
    """Raises `NotAllowed` unless the key has one of these roles."""
    if key.role not in roles:
        raise NotAllowed("this key is not for that", remedy="Use one with another role")


def elapsed(since: float) -> float:
    """Seconds since a `time.perf_counter`."""
    return time.perf_counter() - since
