"""A confined worker that does what the item says, for tests of the border, the pool and the confinement."""

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tutela.media.border import DONE, border_number, serve
from tutela.media.confine import confine
from tutela.media.limits import Limits
from tutela.model import SkipCode


def prlimit(process: int, kind: int) -> None:
    """Raises one hard limit of a process, straight through the C library."""
    new = (ctypes.c_uint64 * 2)(1000, 2**40)
    if LIBC.prlimit(process, kind, new, None) != 0:
        raise OSError(ctypes.get_errno(), "prlimit")


def call(name: str, *arguments: object) -> None:
    """Calls a function of the C library; raises OSError where it fails."""
    if getattr(LIBC, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def misdeeds() -> dict[str, Callable[[], object]]:
    """What a hijacked decoder would try."""
    parent = os.getppid()
    home = Path(os.environ.get("TUTELA_TEST_HOME", "/nonexistent"))
    return {
        "read a file": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "write a file": lambda: os.open(home / "loot", os.O_WRONLY | os.O_CREAT),
        "make a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "make a Unix socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "connect": lambda: call("connect", 1, b"\2\0\0\x50\x7f\0\0\1" + bytes(8), 16),
        "make a pipe": os.pipe,
        "copy a descriptor": lambda: os.dup(0),
        "fork": lambda: os.fork() or os._exit(0),
        "exec": lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),
        "spawn": lambda: subprocess.run(["/bin/true"], check=True),
        "kill the parent": lambda: os.kill(parent, signal.SIGTERM),
        "queue a signal": lambda: call("sigqueue", parent, signal.SIGTERM, None),
        "trace the parent": lambda: call("ptrace", 16, parent, None, None),
        "rename": lambda: (home / "kept").rename(home / "moved"),
        "remove": lambda: (home / "kept").unlink(),
        "make a folder": lambda: (home / "folder").mkdir(),
        "change rights": lambda: (home / "kept").chmod(0o777),
        "lift the limit on descriptors": lambda: prlimit(0, resource.RLIMIT_NOFILE),
        "lift the limit on memory": lambda: prlimit(0, resource.RLIMIT_AS),
        "limit the parent": lambda: prlimit(parent, resource.RLIMIT_CPU),
        "make a file in memory": lambda: os.memfd_create("loot"),
        "make shared memory": lambda: call("shmget", 0, 4096, 0o1600),
        "leave the namespace": lambda: call("unshare", 0x10000000),
        "take much memory": lambda: mmap.mmap(-1, LIMITS.memory + 2**20),
    }


def attempts() -> bytes:
    """What came of each misdeed: the error's name, or "done"."""
    outcomes = {}
    for name, misdeed in misdeeds().items():
        try:
            misdeed()
            outcomes[name] = "done"
        except (OSError, MemoryError, RuntimeError) as error:
            outcomes[name] = type(error).__name__
    return json.dumps(outcomes).encode()


def threads() -> bytes:
    """Whether a thread, which decoders need, still starts."""
    heard: list[bytes] = []
    thread = threading.Thread(target=lambda: heard.append(b"ran"))
    thread.start()
    thread.join()
    return heard[0]


def obey(item: bytes, question: bytes) -> tuple[int, bytes]:
    """Does what the item's first word says; an item that says nothing comes back with what was asked about it."""
    match item.split(b" ", 1):
        case [b"attempt", *_]:
            return DONE, attempts()
        case [b"thread", *_]:
            return DONE, threads()
        case [b"layers", *_]:
            return DONE, json.dumps([*LAYERS, os.getpid()]).encode()
        case [b"sleep", *_]:
            time.sleep(60)
        case [b"spin", *_]:
            while True:
                pass
        case [b"die", *_]:
            os._exit(3)
        case [b"memory", *_]:
            return border_number(SkipCode.OUT_OF_MEMORY), b""
        case [b"chatter", *_]:
            return DONE, bytes(10**6)
        case [b"nonsense", *_]:
            return 250, b""
    return DONE, item + question


LIBC = ctypes.CDLL(None, use_errno=True)
LIMITS = Limits.from_words(sys.argv[1:])

if __name__ == "__main__":
    sys.stderr = None  # nobody reads it
    LAYERS = confine(LIMITS.memory)
    serve(obey, LIMITS)
