"""Takes rights away from the current process until all it can do is compute, read its input and answer.

Three layers, each enough to stop most of what a hijacked decoder would try:

1. resource limits (every Unix): memory, no core dump, no byte into any file, **no new file descriptor at all**,
   hence no file opened and no socket made;
2. no new privileges (Linux): set-uid programs give nothing;
3. a system-call filter (Linux on x86-64 and ARM64): no program started, no process made, no signal to others,
   nothing renamed, linked, removed or traced, even where no descriptor is needed. Refused calls fail with EPERM,
   so that libraries which merely probe go on.

Where the platform lacks a layer, `confine` says which ones hold. See `docs/security-of-decoding.md`.
"""

import ctypes
import os
import platform
import resource
import struct
import sys

from tutela.media.errors import ConfinementError
from tutela.media.syscalls import AUDIT_ARCHITECTURE, CLONE, CLONE3, refused

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

_LOAD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE, _KILL, _NO_SUCH_CALL = 0x7FFF0000, 0x00050001, 0x80000000, 0x00050026
_CLONE_THREAD = 0x00010000


def confine(memory: int) -> tuple[str, ...]:
    """Gives up all rights but to compute; returns the layers that hold (`limits`, `no-new-privileges`, `filter`).

    `memory` is how many bytes the process may add to its present size. There is no way back.
    Raises `ConfinementError` where a layer that the platform has cannot be put in place.
    """
    layers = ["limits"]
    _limit(memory)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1)
        layers.append("no-new-privileges")
        if platform.machine() in AUDIT_ARCHITECTURE:
            _install(libc, _program(platform.machine()))
            layers.append("filter")
    return tuple(layers)


def allow_cpu(seconds: int) -> None:
    """From now on the process may use `seconds` of CPU time; then the kernel ends it with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _limit(memory: int) -> None:
    size = _address_space()
    if size is not None:
        resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _address_space() -> int | None:
    """Bytes of address space in use; None where the platform does not tell (then only the parent's clock holds)."""
    if sys.platform != "linux":
        return None
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - pathlib is not loaded in the worker otherwise
        return int(statm.read().split()[0]) * resource.getpagesize()


def _prctl(libc: ctypes.CDLL, option: int, value: int, pointer: object = 0) -> None:
    if libc.prctl(option, value, pointer, 0, 0) != 0:
        raise ConfinementError(
            f"the decoding process cannot be confined: {os.strerror(ctypes.get_errno())}",
            remedy="Allow prctl and seccomp in the container or sandbox that runs Tutela",
        )


def _program(machine: str) -> bytes:
    """The filter as classic BPF: wrong architecture dies; threads may start; listed calls are refused."""
    steps = [
        (_LOAD, 0, 0, 4),  # architecture
        (_JUMP_EQUAL, 1, 0, AUDIT_ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # call number
        (_JUMP_EQUAL, 0, 1, CLONE3),
        (_RETURN, 0, 0, _NO_SUCH_CALL),  # the C library then falls back to clone, whose flags can be read
        (_JUMP_EQUAL, 0, 4, CLONE[machine]),
        (_LOAD, 0, 0, 16),  # clone's flags
        (_JUMP_SET, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for number in refused(machine):
        steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _install(libc: ctypes.CDLL, program: bytes) -> None:
    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    header = Filter(len(program) // 8, program)
    _prctl(libc, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(header))
