"""Counts and times for whoever watches the service: never a key, a case or an address."""

import os
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from tutela.bank import Inventory

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = CONTENT_TYPE_LATEST
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which several processes count together, set before this module is loaded."""


class _Seen(NamedTuple):
    calls: Counter
    seconds: Histogram


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter("tutela_calls", "Answers by route and status", ["act", "status"], registry=self._registry)
        self._seconds = Histogram(
            "tutela_call_seconds", "Seconds to answer", ["act"], buckets=_BUCKETS, registry=self._registry
        )
        self._matches = Counter("tutela_matches", "Matches given out, by tier", ["tier"], registry=self._registry)
        self._told = Counter("tutela_webhook_calls", "Calls of webhooks", ["result"], registry=self._registry)
        self._bank = Gauge(
            "tutela_bank", "What the bank holds", ["what"], registry=self._registry, multiprocess_mode="mostrecent"
        )
        self._seen = cache(self._children)  # finding a label's child costs more than counting

    def called(self, act: str, status: int, seconds: float) -> None:
        """Counts one answer."""
        calls, histogram = self._seen(act, status)
        calls.inc()
        histogram.observe(seconds)

    def matched(self, tiers: Mapping[str, int]) -> None:
        """Counts matches by their tier."""
        for tier, count in tiers.items():
            self._matches.labels(tier).inc(count)

    def told(self, result: str, count: int = 1) -> None:
        """Counts calls of webhooks: *taken*, *refused* or *given_up*."""
        self._told.labels(result).inc(count)

    def text(self, inventory: Inventory) -> bytes:
        """All figures in Prometheus's text format; where several processes serve, those of all together."""
        for what in ("cases", "withdrawn", "protections", "quarantined", "allowed"):
            self._bank.labels(what).set(getattr(inventory, what))
        registry = self._registry
        if os.environ.get(SHARED):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _children(self, act: str, status: int) -> _Seen:
        return _Seen(self._calls.labels(act, str(status)), self._seconds.labels(act))
