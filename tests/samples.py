"""Invented fingerprints for tests that are not about pictures."""

import hashlib
import random

from hypothesis import strategies as st

from tutela.model import Fingerprint, Pdq


def fingerprint(seed: int, *, quality: int = 100, codes: bytes | None = None) -> Fingerprint:
    """Fingerprint number `seed`: its eight codes are random, so unlike those of any other number."""
    made = random.Random(seed).randbytes(256)
    name = seed.to_bytes(8, "big", signed=True)
    return Fingerprint(
        media="image/jpeg",
        width=640,
        height=480,
        sha256=hashlib.sha256(name).digest(),
        md5=hashlib.md5(name, usedforsecurity=False).digest(),
        pdq=Pdq(made if codes is None else codes, quality),
    )


def changed(fp: Fingerprint, bits: int, seed: int, *, quality: int = 100) -> Fingerprint:
    """A picture whose code differs from that of `fp` in exactly `bits` bits; other bytes, so never exact."""
    code = int.from_bytes(fp.pdq.code if fp.pdq else b"", "big")
    for place in random.Random(seed).sample(range(256), bits):
        code ^= 1 << place
    rest = random.Random(f"rest of {seed}").randbytes(224)
    return fingerprint(-1 - seed, quality=quality, codes=code.to_bytes(32, "big") + rest)


fingerprints = st.builds(fingerprint, st.integers(0, 2**40))
