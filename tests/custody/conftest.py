"""Logs to tamper with, and a second writer that shares no code with the first."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oracles.merkle import tree_hash
from tutela.custody import CustodyLog, Signer, Verification, verify

KEY = bytes(range(32))
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


def ticking() -> Iterator[datetime]:
    """Instants a second apart."""
    at = NOON
    while True:
        yield at
        at += timedelta(seconds=1)


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer(KEY)


@pytest.fixture(scope="session")
def write(signer: Signer) -> Callable[[Path, Sequence[str]], bytes]:
    """Writes a closed log: an act for each word, a checkpoint for each "|"; returns its bytes."""

    def writer(path: Path, acts: Sequence[str]) -> bytes:
        with CustodyLog.create(path, signer, now=ticking().__next__) as log:
            for act in acts:
                if act == "|":
                    log.checkpoint()
                else:
                    log.record(act, {"posts": 3, "code": act}, {"for": act})
        return path.read_bytes()

    return writer


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "custody.ndjson"


@pytest.fixture(scope="session")
def judged(scratch: Path) -> Callable[[bytes], Verification]:
    """Verifies a log that is made of these bytes."""

    def judge(content: bytes) -> Verification:
        scratch.write_bytes(content)
        return verify(scratch)

    return judge


def plain(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def stamp(second: int) -> str:
    return f"2026-11-05T12:{second // 60:02}:{second % 60:02}.000000Z"


def event(seq: int, **changes: Any) -> dict[str, Any]:
    """An event as the format page describes it."""
    line = {"type": "event", "seq": seq, "at": stamp(seq), "act": "scan.opened", "facts": {}, "commitment": None}
    return line | changes


def seal(events: Sequence[bytes], *, number: int = 0, key: bytes = KEY, **changes: Any) -> bytes:
    """A closing checkpoint over these event lines, made from the format page, the oracle and the signature library."""
    private = Ed25519PrivateKey.from_private_bytes(key)
    claims = {
        "type": "checkpoint",
        "number": number,
        "size": len(events),
        "root": tree_hash(list(events)).hex(),
        "at": stamp(3599),
        "key": private.public_key().public_bytes_raw().hex(),
        "closed": True,
    }
    claims |= changes
    return plain(claims | {"signature": private.sign(b"tutela/checkpoint/1\x00" + plain(claims)).hex()})


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
