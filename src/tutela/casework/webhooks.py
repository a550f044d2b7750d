"""Who is told of matches, withdrawals and feedback, and what they have yet to be told."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa

from tutela.bank import EventKind, GroupId
from tutela.casework.errors import HostRefused, UnknownWebhook
from tutela.store import Sealer, Store, tables

ATTEMPTS = 12
"""Tries before an event is given up: with pauses that double from ten seconds, over about eleven hours."""

FIRST_PAUSE = timedelta(seconds=10)
_SECRET = "whsec_"  # noqa: S105 - what a secret begins with


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
    event: str
    url: str
    body: bytes = field(repr=False)
    secret: str = field(repr=False)
    attempts: int


class Webhooks:
    """The webhooks of one bank and their outbox. Safe for threads and processes."""

    def __init__(self, store: Store, sealer: Sealer, hosts: Iterable[str]) -> None:
        """`hosts` are those that the operator listed; no other is ever called."""
        self._store = store
        self._sealer = sealer
        self._hosts = frozenset(host.lower() for host in hosts)

    def register(self, url: str, events: Iterable[EventKind], groups: frozenset[GroupId] | None = None) -> NewWebhook:
        """Registers an address, https and on a host that the operator listed. Raises `HostRefused`."""
        self.allow(url)
        hook = Webhook(f"wh_{secrets.token_hex(10)}", url, frozenset(events), groups, datetime.now(UTC))
        secret = _SECRET + base64.b64encode(secrets.token_bytes(32)).decode()
        row = {
            "id": hook.id,
            "url": url,
            "events": json.dumps(sorted(hook.events)),
            "scope": None if groups is None else json.dumps(sorted(groups)),
            "created_at": hook.created_at,
            "sealed": self._sealer.seal(secret.encode(), _context(hook.id)),
        }
        with self._store.write() as connection:
            connection.execute(tables.webhooks.insert(), row)
        return NewWebhook(hook, secret)

    def all(self) -> list[Webhook]:
        """Every webhook, oldest first."""
        row = tables.webhooks
        with self._store.read() as connection:
            return [_webhook(each) for each in connection.execute(sa.select(row).order_by(row.c.created_at, row.c.id))]

    def delete(self, identifier: str) -> None:
        """Ends a webhook with all that it has yet to be told. Raises `UnknownWebhook`."""
        row = tables.webhooks
        with self._store.write() as connection:
            if not connection.execute(row.delete().where(row.c.id == identifier)).rowcount:
                raise UnknownWebhook("there is no such webhook")

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

    def due(self, most: int = 20) -> list[Delivery]:
        """What is due now, oldest first. Each is put off as if it had failed, so that no two processes send it at once;
        `done` takes it away."""
        row, hook, now = tables.deliveries, tables.webhooks, datetime.now(UTC)
        query = sa.select(row, hook.c.url, hook.c.sealed).join(hook, hook.c.id == row.c.webhook)
        query = query.where(row.c.due_at <= now).order_by(row.c.number).limit(most)
        with self._store.read() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return []
        with self._store.write() as connection:
            found = connection.execute(query).all()
            for each in found:
                later = now + FIRST_PAUSE * 2**each.attempts
                changed = row.update().where(row.c.number == each.number)
                connection.execute(changed.values(due_at=later, attempts=each.attempts + 1))
        return [
            Delivery(
                each.number,
                each.event,
                each.url,
                each.body.encode(),
                self._sealer.open(each.sealed, _context(each.webhook)).decode(),
                each.attempts + 1,
            )
            for each in found
        ]

    def done(self, delivery: Delivery) -> None:
        """The webhook has taken the event."""
        self._forget(delivery.number)

    def failed(self, delivery: Delivery) -> bool:
        """The webhook has not; whether it is tried again."""
        if delivery.attempts < ATTEMPTS:
            return True
        self._forget(delivery.number)
        return False

    def _forget(self, number: int) -> None:
        with self._store.write() as connection:
            connection.execute(tables.deliveries.delete().where(tables.deliveries.c.number == number))


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


def _context(identifier: str) -> str:
    return f"webhooks/{identifier}"
