"""Who is told of matches, withdrawals and feedback, and what they have yet to be told."""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

from tutela.bank import EventKind, GroupId, announce, new_event
from tutela.bank.acts import record
from tutela.bank.changes import SETTING, note_change
from tutela.bank.outbox import speaking
from tutela.casework.errors import HostRefused, UnknownWebhook
from tutela.model import Tier
from tutela.store import BankUnusable, Sealer, Store, tables

ATTEMPTS = 12
"""Tries before an event is given up: with pauses that double from ten seconds, over nearly six hours."""

FIRST_PAUSE = timedelta(seconds=10)
HELD = timedelta(seconds=15)
"""How long beyond its pause an event is nobody else's: longer than a call may take, so that no other process sends it
while that may still be taken."""

MOST_WAITING = 10_000
"""Events of matches that are kept in memory while the bank takes nothing; then the oldest go."""

KEPT = timedelta(days=3)
"""How old an event becomes that a webhook has not taken."""

MOST_KEPT = 10_000
"""Events that the outbox keeps for one webhook; then the oldest go."""

_SECRET = "whsec_"  # noqa: S105 - what a secret begins with
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events, in groups `groups` (None: all)."""

    id: str
    url: str
    events: frozenset[EventKind]
    groups: frozenset[GroupId] | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook that was just registered. What it signs with is in here and nowhere else."""

    webhook: Webhook
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event that is due for one webhook."""

    number: int
    webhook: str
    event: str
    url: str
    body: bytes = field(repr=False)
    secret: str = field(repr=False)
    attempts: int


class _Matched(NamedTuple):
    """An event of a match that is not in the outbox yet."""

    event: str
    at: datetime
    case: str
    facts: Mapping[str, str]


class Webhooks:
    """The webhooks of one bank and their outbox. Safe for threads and processes."""

    def __init__(self, store: Store, sealer: Sealer, hosts: Iterable[str]) -> None:
        """`hosts` are those that the operator listed; no other is ever called."""
        self._store = store
        self._sealer = sealer
        self._hosts = frozenset(host.lower() for host in hosts)
        self._waiting: deque[_Matched] = deque(maxlen=MOST_WAITING)
        self._lock, self._writing = Lock(), Lock()

    def register(
        self,
        url: str,
        events: Iterable[EventKind],
        groups: frozenset[GroupId] | None = None,
        *,
        key: str | None = None,
    ) -> NewWebhook:
        """Registers an address, https and on a host that the operator listed. Raises `HostRefused`.

        `key` is the id of the key that asked for it: once that is revoked, nothing is told any more.
        """
        self.allow(url)
        hook = Webhook(f"wh_{secrets.token_hex(10)}", url, frozenset(events), groups, datetime.now(UTC))
        secret = _SECRET + base64.b64encode(secrets.token_bytes(32)).decode()
        row = {
            "id": hook.id,
            "url": url,
            "events": json.dumps(sorted(hook.events)),
            "scope": None if groups is None else json.dumps(sorted(groups)),
            "access_key": key,
            "created_at": hook.created_at,
            "sealed": self._sealer.seal(secret.encode(), _context(hook.id)),
        }
        with self._store.write(landed=lambda later: _registered(later, hook.id)) as connection:
            connection.execute(tables.webhooks.insert(), row)
            facts = {"webhook": hook.id, "host": urlsplit(url).hostname or "", "events": ",".join(sorted(hook.events))}
            note_change(connection, SETTING, [hook.id])
            record(connection, "webhook.registered", facts, key)
        return NewWebhook(hook, secret)

    def all(self) -> list[Webhook]:
        """Every webhook, oldest first."""
        row = tables.webhooks
        with self._store.read() as connection:
            return [_webhook(each) for each in connection.execute(sa.select(row).order_by(row.c.created_at, row.c.id))]

    def delete(self, identifier: str, *, by: str | None = None) -> None:
        """Ends a webhook with all that it has yet to be told; `by` is the id of the key that asked. Raises
        `UnknownWebhook`."""
        row = tables.webhooks
        with self._store.write() as connection:
            if not connection.execute(row.delete().where(row.c.id == identifier)).rowcount:
                raise UnknownWebhook("there is no such webhook")
            note_change(connection, SETTING, [identifier])
            record(connection, "webhook.deleted", {"webhook": identifier}, by)

    def allow(self, url: str) -> None:
        """Raises `HostRefused` for what the operator has not listed, or what is no plain https address."""
        try:
            parts = urlsplit(url)
            plain = not (parts.username or parts.password or parts.fragment) and parts.port in (None, 443)
        except ValueError:
            parts, plain = urlsplit(""), False
        if parts.scheme != "https" or not plain or (parts.hostname or "") not in self._hosts:
            raise HostRefused(
                "webhooks go to https addresses on hosts that the operator has listed",
                remedy="Ask the operator for --webhook-host",
            )

    def matched(self, tiers: Mapping[str, Tier], key: str) -> None:
        """Puts a lookup's matches into the outbox: the surest tier of each case, and the key that asked.

        A lookup is answered whether or not the bank takes anything now. Where it does not, they wait in memory until
        `catch_up` can put them there.
        """
        now = datetime.now(UTC)
        news = [_Matched(new_event(), now, case, {"tier": tier.value, "key": key}) for case, tier in tiers.items()]
        with self._lock:
            self._waiting.extend(news)
        try:
            self.catch_up()
        except BankUnusable as error:
            _LOG.error("%s. Events of %d matches wait in memory", error, len(self._waiting))

    def catch_up(self) -> None:
        """Puts what waits in memory into the outbox. Raises `BankUnusable` where that has to wait on."""
        with self._writing:
            with self._lock:
                some = list(self._waiting)
            if not some:
                return
            with self._store.write() as connection:
                for each in some:
                    announce(connection, EventKind.MATCH, each.case, each.facts, event=each.event, at=each.at)
            written = {each.event for each in some}
            with self._lock:
                while self._waiting and self._waiting[0].event in written:
                    self._waiting.popleft()

    def due(self, but: Collection[str] = ()) -> Delivery | None:
        """The oldest event that is due, leaving out the webhooks `but`; None where nothing is due.

        It is put off as if it had failed, so that no two processes send it at once; `done` takes it away. So it is to
        be tried now: a try that is not made counts like one that failed.
        """
        row = tables.deliveries
        with self._store.read() as connection:
            if connection.execute(_due(but)).first() is None:
                return None
        with self._store.write() as connection:
            found = connection.execute(_due(but)).one_or_none()
            if found is None:  # another process was faster
                return None
            put_off = row.update().where(row.c.number == found.number)
            later = datetime.now(UTC) + FIRST_PAUSE * 2**found.attempts + HELD  # counted once it is our turn to write
            connection.execute(put_off.values(due_at=later, attempts=found.attempts + 1))
        secret = self._sealer.open(found.sealed, _context(found.webhook)).decode()
        body, attempts = found.body.encode(), found.attempts + 1
        return Delivery(found.number, found.webhook, found.event, found.url, body, secret, attempts)

    def done(self, delivery: Delivery) -> None:
        """The webhook has taken the event."""
        self._forget(delivery.number)

    def failed(self, delivery: Delivery) -> bool:
        """The webhook has not; whether it is tried again."""
        if delivery.attempts < ATTEMPTS:
            row = tables.deliveries
            later = datetime.now(UTC) + FIRST_PAUSE * 2 ** (delivery.attempts - 1)
            with self._store.write() as connection:
                connection.execute(row.update().where(row.c.number == delivery.number).values(due_at=later))
            return True
        self._forget(delivery.number)
        return False

    def tidy(self) -> int:
        """Gives up what webhooks have not taken for `KEPT`, and the oldest of what is more than `MOST_KEPT` for one of
        them: a host that is dead, or slower than its events come. How many were given up."""
        row = tables.deliveries
        old = row.c.put_at < datetime.now(UTC) - KEPT
        count = sa.select(row.c.webhook).group_by(row.c.webhook).having(sa.func.count() > MOST_KEPT)
        with self._store.read() as connection:
            crowded = connection.execute(count).scalars().all()
            if not crowded and not connection.execute(sa.select(sa.exists().where(old))).scalar_one():
                return 0
        with self._store.write() as connection:
            given_up = connection.execute(row.delete().where(old)).rowcount
            for webhook in crowded:
                newest = sa.select(row.c.number).where(row.c.webhook == webhook).order_by(row.c.number.desc())
                last_kept = newest.offset(MOST_KEPT - 1).limit(1).scalar_subquery()
                too_many = row.delete().where(row.c.webhook == webhook, row.c.number < last_kept)
                given_up += connection.execute(too_many).rowcount
        return given_up

    def _forget(self, number: int) -> None:
        with self._store.write() as connection:
            connection.execute(tables.deliveries.delete().where(tables.deliveries.c.number == number))


def _due(but: Collection[str]) -> sa.Select[Any]:
    row, hook = tables.deliveries, tables.webhooks
    query = sa.select(row, hook.c.url, hook.c.sealed).join(hook, hook.c.id == row.c.webhook)
    query = query.where(row.c.due_at <= datetime.now(UTC), row.c.webhook.not_in(but), speaking())
    return query.order_by(row.c.number).limit(1)


def signature(secret: str, event: str, at: int, body: bytes) -> str:
    """What the header ``Tutela-Signature`` says: ``t=SECONDS,v1=HEX``, HMAC-SHA256 over event, time and body."""
    signed = f"{event}.{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def _webhook(row: sa.Row[tuple[object, ...]]) -> Webhook:
    return Webhook(
        row.id,
        row.url,
        frozenset(map(EventKind, json.loads(row.events))),
        None if row.scope is None else frozenset(json.loads(row.scope)),
        row.created_at,
    )


def _registered(connection: sa.Connection, identifier: str) -> bool:
    return connection.execute(sa.select(sa.exists().where(tables.webhooks.c.id == identifier))).scalar_one()


def _context(identifier: str) -> str:
    return f"webhooks/{identifier}"
