"""Which of several processes that share one listening socket answers on a connection. On Linux alone."""

import http.client
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit


def children(pid: int) -> list[int]:
    """The processes that a process has started and that run."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def one_for_each(url: str, pids: Iterable[int], tries: int = 1000) -> Iterator[dict[int, http.client.HTTPConnection]]:
    """A connection that is kept alive to each of these processes. Raises RuntimeError where one takes none."""
    parts, wanted = urlsplit(url), set(pids)
    found: dict[int, http.client.HTTPConnection] = {}
    with ExitStack() as stack:
        for _ in range(tries):
            if len(found) == len(wanted):
                break
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
            stack.callback(connection.close)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            if (pid := _owner(connection, parts.port or 0, wanted)) is not None:
                found.setdefault(pid, connection)
        else:
            raise RuntimeError(f"{wanted - set(found)} took no connection of {tries}")
        yield found


def _owner(connection: http.client.HTTPConnection, port: int, pids: Iterable[int]) -> int | None:
    """Whose the other end of a connection on this machine is."""
    ours = connection.sock.getsockname()[1]
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, remote = (int(place.partition(":")[2], 16) for place in fields[1:3])
        if (local, remote) == (port, ours):
            return next((pid for pid in pids if f"socket:[{fields[9]}]" in _files(pid)), None)
    return None


def _files(pid: int) -> set[str]:
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(each))  # noqa: PTH115 - what it names is no path
        except OSError:
            continue
    return found
