"""Tells webhooks what the outbox holds, from a thread of its own."""

import logging
import time
from contextlib import suppress
from threading import Event, Thread

from tutela.casework import Delivery, Webhooks, signature
from tutela.model import TutelaError
from tutela.store import StoreError
from tutela.web.metrics import Metrics
from tutela.web.outbound import Outbound

LOOK_SECONDS = 1.0
TIDY_SECONDS = 60.0
_MOST = 64 * 1024
_LOG = logging.getLogger(__name__)


class Courier:
    """Delivers until it is closed. What fails is tried again later, also by another process."""

    def __init__(self, webhooks: Webhooks, outbound: Outbound, metrics: Metrics) -> None:
        self._webhooks = webhooks
        self._outbound = outbound
        self._metrics = metrics
        self._ending = Event()
        self._stopped: type[Exception] | None = None
        self._tidy_at = 0.0
        self._thread = Thread(target=self._run, name="tutela-courier", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def close(self) -> None:
        """Ends after the call that runs."""
        self._ending.set()
        self._thread.join()

    def deliver(self) -> int:
        """Delivers what is due now; how many were taken.

        A webhook that does not take an event is left alone until the next round: one that is out of order, and may take
        ten seconds to say so, keeps the others waiting for one event and not for all of its own.
        """
        self._webhooks.catch_up()
        taken, resting = 0, set[str]()
        while not self._ending.is_set() and (delivery := self._webhooks.due(but=resting)):
            if self._told(delivery):
                taken += 1
            else:
                resting.add(delivery.webhook)
        return taken

    def tidy(self) -> int:
        """Gives up what nobody takes (`Webhooks.tidy`), and says how much that was."""
        given_up = self._webhooks.tidy()
        if given_up:
            _LOG.warning("%d events were given up: their webhooks did not take them in time", given_up)
            self._metrics.told("given_up", given_up)
        return given_up

    def _run(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            try:
                self.deliver()
                if time.monotonic() >= self._tidy_at:
                    self.tidy()
                    self._tidy_at = time.monotonic() + TIDY_SECONDS
            except Exception as error:  # noqa: BLE001 - the next round tries again
                if type(error) is not self._stopped:
                    _LOG.error("nobody is told of events until the outbox can be used: %s", type(error).__name__)
                self._stopped = type(error)
            else:
                self._stopped = None
        with suppress(StoreError):
            self._webhooks.catch_up()

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
