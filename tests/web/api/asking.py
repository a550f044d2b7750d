"""What tests ask the service."""

from typing import Any

import msgspec

from samples import fingerprint
from tutela.model import Fingerprint
from tutela.web.wire import wire


def wired(fp: Fingerprint) -> Any:
    """The fingerprint as JSON values."""
    return msgspec.to_builtins(wire(fp))


def picture(seed: int) -> Any:
    """Fingerprint number `seed` as JSON values."""
    return wired(fingerprint(seed))


def code_of(error: Any) -> str:
    """The code of a problem."""
    assert error.headers["content-type"] == "application/problem+json", error.text
    return str(error.json()["code"])
