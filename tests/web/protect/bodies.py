"""What the page sends, made by hand."""

from typing import Any

import msgspec

from samples import fingerprint
from tutela.model import Fingerprint, Parts
from tutela.web.protect.pages import CONSENT
from tutela.web.wire import wire

SOME_PARTS = Parts(points=bytes([1, 2, 3, 4, 60, 5]) * 3, descriptions=bytes(64 * 3))


def on_the_wire(given: Fingerprint) -> dict[str, Any]:
    return msgspec.to_builtins(wire(given))


def new_case(*fingerprints: Fingerprint, **changes: object) -> dict[str, object]:
    """The body of `POST /protect/api/cases`, with `changes`."""
    given = fingerprints or (fingerprint(1),)
    body: dict[str, object] = {
        "kind": "intimate",
        "under_18": False,
        "consent": CONSENT,
        "keep_parts": False,
        "fingerprints": [on_the_wire(each) for each in given],
    }
    return {**body, **changes}
