"""The service under attack: thousands of hostile files and wrong requests, and whether it still answers.

    .venv/bin/python bench/hostile.py [--count 5000]

Sends cut, flipped and invented pictures to `POST /api/v1/lookups/media`, and broken JSON, forms, paths and queries to
every other route, over several connections at once. Prints how often each status came back, and the time of an honest
lookup before, meanwhile and afterwards. Ends with 1 where anything was answered with 500, or nothing any more.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import numpy as np
from load import fill, invented, service

from tutela.access import Keys, Role
from tutela.bank import Bank
from tutela.simulate.pictures import drawn
from tutela.web.api.table import ENDPOINTS as OWN
from tutela.web.hma.table import ENDPOINTS as HMA
from tutela.web.wire import wire

THREADS = 6
_ODD = ["", "..", "%00", "%ff", "TU-2222-2222", "'; DROP TABLE cases--", "a" * 3000, "\u202e", "-1", "1e400"]


def hostile_picture(made: random.Random, good: list[bytes]) -> bytes:
    """A picture that is cut off, has bytes changed, or never was one."""
    data = bytearray(made.choice(good))
    match made.randrange(4):
        case 0:
            return bytes(data[: made.randrange(len(data))])
        case 1:
            return made.randbytes(made.randrange(5000))
        case 2:
            return bytes(data[:40]) + made.randbytes(made.randrange(20_000))
        case _:
            for _ in range(made.randrange(1, 60)):
                data[made.randrange(len(data))] = made.randrange(256)
            return bytes(data)


def wrong_json(made: random.Random, good: bytes) -> bytes:
    """JSON that is cut, changed, deep or not JSON."""
    data = bytearray(good)
    match made.randrange(4):
        case 0:
            return bytes(data[: made.randrange(len(data))])
        case 1:
            return made.choice([b"[", b'{"a":', b'"']) * made.randrange(1, 20_000)
        case 2:
            return made.randbytes(made.randrange(2000))
        case _:
            for _ in range(made.randrange(1, 10)):
                data[made.randrange(len(data))] = made.randrange(256)
            return bytes(data)


def attack(client: httpx.Client, seed: int, good: list[bytes], body: bytes) -> int:
    """One hostile call; the status of its answer."""
    made = random.Random(seed)
    if made.random() < 0.5:
        files = {"media": ("x", hostile_picture(made, good))}
        return client.post("/api/v1/lookups/media", files=files).status_code
    endpoint = made.choice([*OWN, *HMA])
    path = endpoint.path
    for name in ("case", "webhook", "bank", "content"):
        path = path.replace(f"{{{name}}}", made.choice(_ODD) or "x")
    query = {each.name: made.choice(_ODD) for each in endpoint.query if made.random() < 0.7}
    kind = made.choice(["application/json", "multipart/form-data; boundary=a", "text/plain", ""])
    content = wrong_json(made, body)
    return client.request(
        endpoint.method, path, params=query, content=content, headers={"Content-Type": kind}
    ).status_code


def honest(client: httpx.Client, body: bytes) -> float:
    """Seconds that a lookup takes which should be answered."""
    start = time.perf_counter()
    client.post("/api/v1/lookup", content=body).raise_for_status()
    return time.perf_counter() - start


def main() -> None:
    """Attacks, and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000)
    options = parser.parse_args()
    good = [drawn(number, edit) for number, edit in ((1, "same"), (2, "smaller"), (3, "altered"))]
    body = msgspec.json.encode(wire(invented(1)))
    with tempfile.TemporaryDirectory() as name:
        address = f"sqlite:///{Path(name) / 'bank.db'}"
        fill(address, 1000)
        with Bank.open(address) as bank:
            token = Keys(bank.store).create("hostile", Role.OPERATOR, per_minute=10_000_000).token
        with service(address, "--media-uploads") as (url, _):
            sys.exit(_run(url, token, options.count, lambda client, seed: attack(client, seed, good, body), body))


def _run(url: str, token: str, count: int, one: Callable[[httpx.Client, int], int], body: bytes) -> int:
    transport = httpx.HTTPTransport(retries=20)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120, transport=transport) as client:
        before = [honest(client, body) for _ in range(100)]
        meanwhile: list[float] = []

        def each(seed: int) -> int:
            if seed % 20 == 0:
                meanwhile.append(honest(client, body))
            return one(client, seed)

        with ThreadPoolExecutor(THREADS) as threads:
            statuses = Counter(threads.map(each, range(count)))
        after = [honest(client, body) for _ in range(100)]
    print("| status | answers |\n|--:|--:|")
    for status, answers in sorted(statuses.items()):
        print(f"| {status} | {answers:,} |")
    print("\n| an honest lookup | p50, ms | p99, ms |\n|---|--:|--:|")
    for when, times in (("before", before), ("meanwhile", meanwhile), ("after", after)):
        print(f"| {when} | {np.percentile(times, 50) * 1000:.1f} | {np.percentile(times, 99) * 1000:.1f} |")
    return int(statuses[500] > 0)


if __name__ == "__main__":
    main()
