"""Whom a limit counts: an address, kept only as a hash under a key that the process forgets."""

import hashlib
import hmac
import ipaddress
import secrets

from tutela.bank.pins import tidy_case

_V6_BITS = 64
"""What one household or server has of IPv6; counting single addresses would limit nobody."""


class Callers:
    """Turns addresses and references into keys of a `RateLimiter`. The key lives in memory, as long as the service."""

    def __init__(self, key: bytes | None = None) -> None:
        """`key`: the one that several processes share."""
        self._key = key or secrets.token_bytes(32)

    def address(self, host: str | None) -> str:
        """The key of a network address; one key for all that have none."""
        return self._hashed("address", _network(host or ""))

    def case(self, reference: str) -> str:
        """The key of a case reference, whether or not there is such a case."""
        return self._hashed("case", tidy_case(reference))

    def _hashed(self, kind: str, text: str) -> str:
        return hmac.new(self._key, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()[:32]


def _network(host: str) -> str:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _V6_BITS), strict=False))
    return str(address)
