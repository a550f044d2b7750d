"""The service ends between the commit of a new case and its answer: asked again, it tells the case that is there."""

import secrets
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest
from faults import until_ready
from load import invented
from served import Receiver, Service

from tutela.bank import Bank
from tutela.web.protect.pages import CONSENT
from tutela.web.wire import wire

HOOK = """
import os, pathlib
from tutela.bank import Bank
registered = Bank.register
def register(self, *given, **more):
    found = registered(self, *given, **more)
    if not (mark := pathlib.Path("MARK")).exists():
        mark.touch()
        os.kill(os.getpid(), 9)
    return found
Bank.register = register
"""
"""Kills the service the first time that a case is on disk and not yet answered."""


def test_a_case_whose_answer_was_lost_is_told_when_asked_again(
    database: str, addresses: Callable[[], str], tmp_path: Path, receiver: Receiver
) -> None:
    """Through the API on one database, through the page on the other: what is told again is the bank's."""
    path = "/api/v1/cases" if database == "sqlite" else "/protect/api/cases"
    pictures = [msgspec.to_builtins(wire(invented(number))) for number in range(2)]
    asked = {"kind": "ordinary", "fingerprints": pictures}
    if path.startswith("/protect"):
        asked |= {"under_18": False, "consent": CONSENT, "keep_parts": False}
    key = {"Idempotency-Key": secrets.token_urlsafe(24)}
    with Service(addresses(), tmp_path, receiver, HOOK.replace("MARK", str(tmp_path / "mark"))) as service:
        until_ready(service)
        with service.client() as client, pytest.raises(httpx.TransportError):
            client.post(path, json=asked, headers=key)
        service.kill()
        service.start()
        with service.client() as client:
            answer = client.post(path, json=asked, headers=key)
            assert answer.status_code == 201
        case, pin = answer.json()["case"], answer.json()["pin"]
    with Bank.open(service.address) as bank:
        assert bank.inventory().cases == 1
        assert len(bank.status(case, pin).protections) == 2
