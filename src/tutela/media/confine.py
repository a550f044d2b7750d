"""Takes rights away from the current process until all it can do is compute, read its input and answer.

Three layers, each enough to stop most of what a hijacked decoder would try:

1. resource limits (every Unix): memory, no core dump, no byte into any file, **no new file descriptor at all**,
   hence no file opened and no socket made;
2. no new privileges (Linux): set-uid programs give nothing;
3. a system-call filter (Linux on x86-64 and ARM64): only the calls in `tutela.media.syscalls` pass, hence no program
   started, no process made, no signal to others, nothing renamed or removed, no limit lifted even by root.
   Refused calls fail with EPERM, so that libraries which merely probe go on.

Where the platform lacks a layer, `confine` says which ones hold. See `docs/security-of-decoding.md`.
"""

import ctypes
import os
import platform
import resource
import struct
import sys

from tutela.media.errors import ConfinementError
from tutela.media.syscalls import AUDIT_ARCHITECTURE, CLONE, CLONE3, PRLIMIT, SECCOMP, allowed

_PR_SET_NO_NEW_PRIVS = 38
_FILTER_MODE, _ALL_THREADS = 1, 1

_LOAD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE, _KILL, _NO_SUCH_CALL = 0x7FFF0000, 0x00050001, 0x80000000, 0x00050026
_CLONE_THREAD = 0x00010000
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in Linux's `struct seccomp_data`


def confine(memory: int) -> tuple[str, ...]:
    """Gives up all rights but to compute; returns the layers that hold (`limits`, `no-new-privileges`, `filter`).

    `memory` is how many bytes the process may add to its present size. There is no way back.
    Raises `ConfinementError` where a layer that the platform has cannot be put in place.
    """
    layers = ["limits"]
    _limit(memory)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        _demand(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        layers.append("no-new-privileges")
        if platform.machine() in AUDIT_ARCHITECTURE:
            _install(libc, platform.machine())
            layers.append("filter")
    return tuple(layers)


def allow_cpu(seconds: int) -> None:
    """From now on the process may use `seconds` of CPU time; then the kernel ends it with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ceiling = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (_at_most(ceiling, soft), ceiling))


def _limit(memory: int) -> None:
    size = _address_space()
    if size is not None:
        _lower(resource.RLIMIT_AS, size + memory)
    for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        _lower(kind, 0)


def _lower(kind: int, value: int) -> None:
    value = _at_most(resource.getrlimit(kind)[1], value)
    resource.setrlimit(kind, (value, value))


def _at_most(ceiling: int, value: int) -> int:
    """`value`, or the ceiling that whoever started us has set below it and that only root may raise."""
    return value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)


def _address_space() -> int | None:
    """Bytes of address space in use; None where the platform does not tell (then only the parent's clock holds)."""
    if sys.platform != "linux":
        return None
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - pathlib is not loaded in the worker otherwise
        return int(statm.read().split()[0]) * resource.getpagesize()


def _demand(result: int) -> None:
    if result != 0:
        raise ConfinementError(
            f"the decoding process cannot be confined: {os.strerror(ctypes.get_errno())}",
            remedy="Allow prctl and seccomp in the container or sandbox that runs Tutela",
        )


def _program(machine: str) -> bytes:
    """The filter as classic BPF: wrong architecture dies; threads may start; what is not listed is refused."""
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, AUDIT_ARCHITECTURE[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_EQUAL, 0, 1, CLONE3),
        (_RETURN, 0, 0, _NO_SUCH_CALL),  # the C library then falls back to clone, whose flags can be read
        (_JUMP_EQUAL, 0, 4, CLONE[machine]),
        (_LOAD, 0, 0, _FIRST),  # clone's flags
        (_JUMP_SET, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
        (_JUMP_EQUAL, 0, 6, PRLIMIT[machine]),  # `allow_cpu` needs it, for this process and CPU time alone
        (_LOAD, 0, 0, _FIRST),
        (_JUMP_EQUAL, 0, 3, 0),
        (_LOAD, 0, 0, _SECOND),
        (_JUMP_EQUAL, 0, 1, resource.RLIMIT_CPU),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for number in allowed(machine):
        steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _install(libc: ctypes.CDLL, machine: str) -> None:
    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))

    program = _program(machine)
    header = Filter(len(program) // 8, program)
    _demand(libc.syscall(SECCOMP[machine], _FILTER_MODE, _ALL_THREADS, ctypes.byref(header)))
