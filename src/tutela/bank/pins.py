"""Case references and PINs: made from the system's generator, PINs kept only as Argon2id hashes (RFC 9106)."""

import re
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tutela.model import CaseRef, Pin, ProtectionId

PIN_DIGITS = 10
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Signs that nobody mixes up on the telephone or on paper."""

_CASE = re.compile(r"TU([0-9A-Z]{4})([0-9A-Z]{4})")
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
NO_PIN = ""
"""Instead of a PIN: no case has it."""

_HASHER = PasswordHasher()  # argon2-cffi's defaults are RFC 9106's second choice: 64 MiB, 3 passes, 4 lanes


def new_case() -> CaseRef:
    """A reference such as ``TU-7K3M-9QWX``: 39 random bits, told apart from others by the bank."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(8))
    return CaseRef(f"TU-{signs[:4]}-{signs[4:]}")


def new_pin() -> Pin:
    """Ten random digits."""
    return Pin(f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}")


def new_protection() -> ProtectionId:
    """An id of 130 random bits."""
    return ProtectionId("".join(secrets.choice(_BASE32) for _ in range(26)))


def tidy_case(text: str) -> CaseRef:
    """The reference as people type or paste it, with spaces, other dashes or in small letters, in its one written form;
    what is no reference in up to 32 plain signs."""
    tidy = "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isascii() and sign.isalnum())
    found = _CASE.fullmatch(tidy)
    return CaseRef(f"TU-{found[1]}-{found[2]}" if found else tidy[:32])


def hash_pin(pin: Pin) -> str:
    """The Argon2id hash to keep instead of the PIN, with its salt and parameters."""
    return _HASHER.hash(pin)


def verify_pin(kept: str | None, pin: str) -> bool:
    """Whether `pin` belongs to the kept hash. Takes the same time where there is none (None or empty), so that nobody
    learns which references exist."""
    try:
        matches = _HASHER.verify(kept or _nobody(), "".join(pin.split()))
    except (VerificationError, InvalidHashError):
        return False
    return matches and bool(kept)


@cache
def _nobody() -> str:
    """A hash that no PIN belongs to, made when it is first needed: hashing takes a tenth of a second on purpose."""
    return _HASHER.hash("no case has this PIN")
