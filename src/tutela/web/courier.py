"""Tells webhooks what the outbox holds, from a thread of its own."""

import logging
import time
from threading import Event, Thread

from tutela.casework import Delivery, Webhooks, signature
from tutela.model import TutelaError
from tutela.web.metrics import Metrics
from tutela.web.outbound import Outbound

LOOK_SECONDS = 1.0
_MOST = 64 * 1024
_LOG = logging.getLogger(__name__)


class Courier:
    """Delivers until it is closed. What fails is tried again later, also by another process."""

    def __init__(self, webhooks: Webhooks, outbound: Outbound, metrics: Metrics) -> None:
        self._webhooks = webhooks
        self._outbound = outbound
        self._metrics = metrics
        self._ending = Event()
        self._thread = Thread(target=self._run, name="tutela-courier", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def close(self) -> None:
        """Ends after the call that runs."""
        self._ending.set()
        self._thread.join()

    def deliver(self) -> int:
        """Delivers what is due now; how many were taken."""
        return sum(self._told(delivery) for delivery in self._webhooks.due() if not self._ending.is_set())

    def _run(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            try:
                self.deliver()
            except Exception as error:  # noqa: BLE001 - the next round tries again
                _LOG.error("the outbox could not be read: %s", type(error).__name__)

    def _told(self, delivery: Delivery) -> bool:
        headers = {
            "Content-Type": "application/json",
            "Tutela-Event": delivery.event,
            "Tutela-Signature": signature(delivery.secret, delivery.event, int(time.time()), delivery.body),
        }
        try:
            self._webhooks.allow(delivery.url)  # the operator may have taken the host off the list
            answer = self._outbound.call("POST", delivery.url, most=_MOST, body=delivery.body, headers=headers)
            taken = 200 <= answer.status < 300
        except TutelaError:
            taken = False
        if taken:
            self._webhooks.done(delivery)
            self._metrics.told("taken")
        else:
            self._metrics.told("refused" if self._webhooks.failed(delivery) else "given_up")
        return taken
