"""References and PINs as people type or paste them: spaces, small letters, other digits."""

import re
import unicodedata

_CASE = re.compile(r"TU([0-9A-Z]{4})([0-9A-Z]{4})")


def typed_pin(text: str) -> str:
    """The digits of a PIN, whatever stands between them, in any script."""
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())


def typed_case(text: str) -> str:
    """The reference in its written form where it can be recognised, else what was typed, tidied."""
    tidy = "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isascii() and sign.isalnum())
    found = _CASE.fullmatch(tidy)
    return f"TU-{found[1]}-{found[2]}" if found else tidy[:32]
