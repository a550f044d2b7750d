"""PINs as people type or paste them: spaces, other digits."""

import unicodedata


def typed_pin(text: str) -> str:
    """The digits of a PIN, whatever stands between them, in any script."""
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())
