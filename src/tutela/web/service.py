"""What the routes work with: one bank, its keys and casework, limits, threads, figures."""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import TypeVar

from tutela.access import Key, Keys, Role
from tutela.bank import Bank, Context, Standing
from tutela.casework import Feedback, Webhooks
from tutela.custody import Signer
from tutela.fingerprints import Detail, Fingerprinter
from tutela.media import Limits
from tutela.model import Fingerprint, Match, Skipped, Tier
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
BURST_SHARE = 100
"""One process of several may count so small a part of the calls that are allowed at once ahead."""

_WORKERS, _NOTES = 4, 64
_TIERS = tuple(Tier)

T = TypeVar("T")
Seen = list[tuple[Match, Standing]]
"""The matches that a key may see, with the standing of each."""


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
        self.tries = PinTries(shared=settings.memories.tries)
        self.probing = Probing(shared=settings.memories.near)
        self.intake = RateLimiter(INTAKE, INTAKE_BURST, shared=settings.memories.intake)
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
            some = max(1, burst // BURST_SHARE)
            limit = RateLimiter(per_minute, burst, shared=self.settings.memories.calls, at_a_time=some)
            limit = self._limits.setdefault(per_minute, limit)
        if (wait := limit.wait(key.id, cost)) > 0:
            raise TooMany(wait)

    def seen(self, fingerprint: Fingerprint, key: Key) -> Seen:
        """The matches: surest first for operators, for others in an order that tells nothing; webhooks that want to
        know are told. Raises `Suspended` for a key that feels its way towards a fingerprint.
        """
        matches = self.bank.match(fingerprint, watch=False)
        if not matches and key.groups is None:
            return []
        context = self.bank.standings.read(match.protection for match in matches)  # takes as long for no match
        return self._shown(matches, context, fingerprint, key)

    def at_once(self, fingerprint: Fingerprint, key: Key, *, numbered: bool = False) -> Seen | None:
        """As `seen`, where it can be told without waiting; else None, and nothing has happened.

        It cannot where a webhook has to be told, where it is not known whose the matches are (with `numbered`, or by
        which numbers), and for a key of some groups, which could tell from the time whether another has a match.
        """
        matches = None if key.groups is not None else self.bank.at_once(fingerprint)
        if not matches:
            return None if matches is None else []
        context = self.bank.standings.remembered(match.protection for match in matches)
        if context is None or context.awaited:
            return None
        if numbered and any(standing.number is None for standing in context.standings.values()):
            return None
        return self._shown(matches, context, fingerprint, key)

    def _shown(self, matches: list[Match], context: Context, fingerprint: Fingerprint, key: Key) -> Seen:
        seen = [
            (match, standing)
            for match in matches
            if (standing := context.standings.get(match.protection))
            and standing.group.enabled > 0
            and key.covers(standing.group.id)
        ]
        if key.role is not Role.OPERATOR:
            seen.sort(key=lambda each: (_TIERS.index(each[0].tier), each[0].case, each[0].protection))
            self._probe(seen, fingerprint, key)
        told = [match for match, _ in seen]
        self._watch(told, fingerprint)
        self._count(told)
        if context.awaited and told:
            self.webhooks.matched({match.case: match.tier for match in reversed(told)}, key.id)
        return seen

    def _probe(self, seen: Seen, fingerprint: Fingerprint, key: Key) -> None:
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

    def _count(self, matches: Iterable[Match]) -> None:
        tiers: dict[str, int] = {}
        for match in matches:
            tiers[match.tier.value] = tiers.get(match.tier.value, 0) + 1
        self.metrics.matched(tiers)


def refuse_others(key: Key, roles: Iterable[Role]) -> None:
    """Raises `NotAllowed` unless the key has one of these roles."""
    if key.role not in roles:
        raise NotAllowed("this key is not for that", remedy="Use one with another role")


def elapsed(since: float) -> float:
    """Seconds since a `time.perf_counter`."""
    return time.perf_counter() - since
