"""The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): one wish, however often it is sent."""

import re
from collections.abc import Sequence

import msgspec

from tutela.bank import Bank, Once
from tutela.web.errors import NotUnderstood

HEADER = "Idempotency-Key"
SHORTEST, LONGEST = 22, 100
"""22 signs of Base64 hold 128 bits. Whoever has the key may be told the PIN again, so it must not be guessed."""

_KEY = re.compile(rf'(")?([!#-\[\]-~]{{{SHORTEST},{LONGEST}}})(?(1)")')


def wish(bank: Bank, scope: str, headers: Sequence[str], asked: msgspec.Struct) -> Once | None:
    """What is asked, under the key in the header's lines; None where there is no such line.

    A key is good within its `scope`: for one caller. Raises `NotUnderstood`.
    """
    if not headers:
        return None
    found = _KEY.fullmatch(headers[0].strip())
    if found is None or len(headers) > 1:
        what = f"`{HEADER}` must be {SHORTEST} to {LONGEST} signs of ASCII, made at random"
        raise NotUnderstood(what, remedy="Make another one for each case, and send it again with the same case")
    return Once.asked(bank.service_key(), scope, found[2], msgspec.json.encode(asked))
