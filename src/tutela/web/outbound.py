"""Calls that the service makes itself: to hosts that the operator listed, at public addresses, within limits.

The address that was checked is the one that is connected to, so a name that resolves to another one a moment later
gains nothing. Redirects are not followed, proxies from the environment not used.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from threading import Timer
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from tutela.web.errors import NotUnderstood, SwitchedOff, WebError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"http": 80, "https": 443}
_OPEN = ipaddress.IPv6Network("2000::/3")
_CLOSED = tuple(
    map(
        ipaddress.ip_network,
        # Assignments of the IETF's, some with an IPv4 address in them (Teredo); documentation; 6to4 and its relays
        ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16", "192.0.0.0/24", "192.88.99.0/24"),
    )
)
_CHUNK = 64 * 1024


class Unreachable(WebError):  # noqa: N818 - reads as what it says
    """The other side did not answer as it should have."""

    status = 502
    code = "unreachable"


class Answer(NamedTuple):
    """What the other side said."""

    status: int
    media_type: str
    body: bytes


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet. In IPv6 that is global unicast alone: an address that wraps an
    IPv4 one, whichever way, is not."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _OPEN:
        return False
    return address.is_global and not address.is_multicast and not any(address in each for each in _CLOSED)


class Outbound:
    """Calls listed hosts. Safe for threads."""

    def __init__(
        self,
        hosts: Iterable[str],
        *,
        seconds: float = 10.0,
        permitted: Callable[[Address], bool] = is_public,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`hosts` are ``NAME`` (at the usual port) or ``NAME:PORT``; `seconds` is for a whole call."""
        self._hosts = frozenset(host.lower() for host in hosts)
        self._seconds = seconds
        self._permitted = permitted
        self._trust = trust

    def call(
        self, method: str, url: str, *, most: int, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request and its answer, of at most `most` bytes.

        Raises `SwitchedOff` for a host that is not listed, `NotUnderstood` for no web address, `Unreachable` for all
        that goes wrong on the way, a private address too.
        """
        parts = self._listed(url)
        deadline = time.monotonic() + self._seconds
        try:
            connection = self._connected(parts)
        except (OSError, ssl.SSLError):
            raise _unreachable() from None
        hang_up = Timer(max(0.0, deadline - time.monotonic()), _hang_up, (connection.sock,))
        hang_up.start()
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, {"Host": parts.netloc, "User-Agent": "tutela", **(headers or {})})
            answer = _read(connection.getresponse(), most)
        except (OSError, ValueError, http.client.HTTPException):
            raise _unreachable() from None
        finally:
            hang_up.cancel()
            connection.close()
        if time.monotonic() >= deadline:  # it was hung up on, and what is there may be a part of the answer
            raise _unreachable()
        return answer

    def _listed(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise NotUnderstood("this is no web address") from None
        if parts.scheme not in _PORTS or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
            raise NotUnderstood("this is no web address", remedy="Write https://HOST/…")
        name = parts.hostname if port in (None, _PORTS[parts.scheme]) else f"{parts.hostname}:{port}"
        if name.lower() not in self._hosts or parts.username is not None or parts.password is not None:
            raise SwitchedOff("the operator has not listed this host", remedy="Send the file itself")
        return parts

    def _connected(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(place[4][0]) for place in places]
        if not addresses or not all(self._permitted(ipaddress.ip_address(each)) for each in addresses):
            raise _unreachable()
        plain = socket.create_connection((addresses[0], port), timeout=self._seconds)
        connection = http.client.HTTPConnection(host, port)
        try:
            secure = parts.scheme == "https"
            context = self._trust or ssl.create_default_context()
            connection.sock = context.wrap_socket(plain, server_hostname=host) if secure else plain
        except BaseException:
            plain.close()
            raise
        return connection


def _read(response: http.client.HTTPResponse, most: int) -> Answer:
    body = bytearray()
    while piece := response.read(min(_CHUNK, most + 1 - len(body))):
        body += piece
        if len(body) > most:
            raise _unreachable()
    return Answer(response.status, response.getheader("Content-Type", ""), bytes(body))


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _unreachable() -> Unreachable:
    return Unreachable("the address cannot be fetched", remedy="Send the file itself")
