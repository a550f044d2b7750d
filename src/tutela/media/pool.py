"""The parent's side of decoding: confined processes that are reused, watched, ended and replaced."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import LifoQueue
from types import TracebackType

from tutela.media.border import ANSWER_BYTES, ANSWER_HEAD, DONE, QUESTION_BYTES, READY, REQUEST_HEAD
from tutela.media.errors import ConfinementError
from tutela.media.limits import Limits
from tutela.media.reasons import BORDER_CODES, skipped
from tutela.model import SkipCode, Skipped

START_SECONDS = 60.0
PATIENCE_SECONDS = 1.0
ITEMS_BEFORE_RENEWAL = 2000
_CHUNK = 1024 * 1024
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")


class _Gone(Exception):  # noqa: N818 - never leaves this module
    """The confined process hung up or broke the protocol."""


class _Late(Exception):  # noqa: N818 - never leaves this module
    """The confined process did not answer in time."""


class Worker:
    """One confined process, started at the first item and again after each death. Not for two threads at once.

    `module` is run as ``python -m MODULE LIMITS… WORDS…`` (`Limits.words`) and must call `tutela.media.border.serve`.
    """

    def __init__(self, module: str, limits: Limits, words: Sequence[str] = ()) -> None:
        self._module = module
        self._limits = limits
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._items = 0

    def process(
        self, data: bytes, meanwhile: Callable[[], None] | None = None, question: bytes = b""
    ) -> bytes | Skipped:
        """Sends one item over the border; returns the answer or why there is none. Never raises for bad media.

        `meanwhile`, which must not raise, is called once the item is on its way: work to do while the process computes.
        `question` says what is asked about the item, where there is more than one thing to ask. Raises ValueError for
        one of more than `QUESTION_BYTES`.
        """
        if len(question) > QUESTION_BYTES:
            raise ValueError(f"a question takes at most {QUESTION_BYTES} bytes, not {len(question)}")
        if not data:
            return skipped(SkipCode.EMPTY)
        if len(data) > self._limits.file_bytes:
            return skipped(SkipCode.TOO_LARGE, f"{self._limits.file_bytes // 2**20} MiB")
        process = self._running()
        self._items += 1
        try:
            deadline = time.monotonic() + self._limits.wall
            _ask(process, data, question, deadline)
            if meanwhile is not None:
                meanwhile()
            code, answer = _answered(process, deadline)
        except _Late:
            self.close()
            return skipped(SkipCode.TOO_SLOW, f"{self._limits.wall:g} s")
        except _Gone:
            return self._epitaph(process)
        if code == DONE:
            return answer
        if BORDER_CODES[code - 1] == SkipCode.OUT_OF_MEMORY:
            self.close()  # libraries leak when memory runs out; the next item must not pay for it
        return skipped(BORDER_CODES[code - 1])

    def close(self) -> None:
        """Ends the process: a hang-up first, then TERM, then KILL."""
        if process := self.hang_up():
            _end(process)

    def hang_up(self) -> subprocess.Popen[bytes] | None:
        """Lets go of the process, if there is one, and returns it: it ends soon, unless it does not listen."""
        process, self._process, self._items = self._process, None, 0
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        return process

    def _running(self) -> subprocess.Popen[bytes]:
        if self._items >= ITEMS_BEFORE_RENEWAL:
            self.close()  # bounds what a leak, or one hostile item, can do to later ones
        if self._process is None:
            self._process = _start(self._module, self._limits, self._words)
        return self._process

    def _epitaph(self, process: subprocess.Popen[bytes]) -> Skipped:
        self.close()
        if process.returncode == -signal.SIGXCPU:
            return skipped(SkipCode.TOO_SLOW, f"{self._limits.cpu} s of computing time")
        return skipped(SkipCode.DECODER_DIED)


class WorkerPool:
    """As many confined workers as may be busy at once, lent out one at a time to each thread that asks."""

    def __init__(self, module: str, limits: Limits, size: int, words: Sequence[str] = ()) -> None:
        if size < 1:
            raise ValueError(f"a pool has at least one worker, not {size}")
        self._workers = [Worker(module, limits, words) for _ in range(size)]
        self._idle: LifoQueue[Worker] = LifoQueue()
        self._closing = threading.Lock()
        for worker in self._workers:
            self._idle.put(worker)

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """Lends an idle worker, waiting for one where all are busy."""
        worker = self._idle.get()
        try:
            yield worker
        except BaseException:
            worker.close()  # interrupted in the middle of an item: what the pipe still holds belongs to nobody
            raise
        finally:
            self._idle.put(worker)

    def process(
        self, data: bytes, meanwhile: Callable[[], None] | None = None, question: bytes = b""
    ) -> bytes | Skipped:
        """`Worker.process` on an idle worker."""
        with self.worker() as worker:
            return worker.process(data, meanwhile, question)

    def close(self) -> None:
        """Ends all processes. The pool may be used again afterwards; it then starts new ones."""
        with self._closing:
            for process in [worker.hang_up() for worker in self._workers]:
                if process is not None:
                    _end(process)

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _start(module: str, limits: Limits, words: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    if paths := environment.get("PYTHONPATH"):  # the worker stands elsewhere
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(path).absolute()) for path in paths.split(os.pathsep))
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command: Sequence[str] = (
        sys.executable,
        "-I" if "PYTHONPATH" not in environment else "-P",
        "-m",
        module,
        *limits.words(),
        *words,
    )
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/" if os.name == "posix" else None,
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for the parent, which then ends the child
    )
    _prepare(process)
    try:
        ready = _receive(process, len(READY), time.monotonic() + START_SECONDS)
    except (_Gone, _Late):
        ready = b""
    if ready != READY:
        process.kill()
        process.communicate()
        raise ConfinementError(
            "the confined decoding process does not start",
            remedy=f"Run `{sys.executable} -m {module}` to see why; in a container, allow seccomp and prctl",
        )
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Waits for the end of a process that was hung up on, and insists."""
    for insist in (None, signal.SIGTERM, signal.SIGKILL):
        if insist is not None:
            process.send_signal(insist)
        try:
            process.wait(PATIENCE_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue
    raise ConfinementError("a decoding process cannot be ended", remedy="Look for it with ps and end it by hand")


def _prepare(process: subprocess.Popen[bytes]) -> None:
    """Writing never blocks, and a wider pipe saves switches (Linux; without it everything works, slower)."""
    if process.stdin is None:
        return
    os.set_blocking(process.stdin.fileno(), False)
    try:
        import fcntl

        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, _CHUNK)
    except OSError:
        return


def _ask(process: subprocess.Popen[bytes], data: bytes, question: bytes, deadline: float) -> None:
    view = memoryview(data)
    _send(process, REQUEST_HEAD.pack(len(data), len(question)) + view[:_CHUNK], deadline)
    _send(process, view[_CHUNK:], deadline)
    _send(process, question, deadline)


def _answered(process: subprocess.Popen[bytes], deadline: float) -> tuple[int, bytes]:
    answer = _receive(process, ANSWER_HEAD, deadline, ahead=ANSWER_BYTES)
    code, size = answer[0], int.from_bytes(answer[1:ANSWER_HEAD], "big")
    if size > ANSWER_BYTES or len(answer) > ANSWER_HEAD + size or code > len(BORDER_CODES):
        process.kill()
        raise _Gone
    return code, answer[ANSWER_HEAD:] + _receive(process, ANSWER_HEAD + size - len(answer), deadline)


def _send(process: subprocess.Popen[bytes], data: bytes | memoryview, deadline: float) -> None:
    """Writes everything, never blocking past the deadline although the other side may have stopped reading."""
    pipe = process.stdin
    if pipe is None:
        raise _Gone
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(pipe.fileno(), view[:_CHUNK]) :]
        except BlockingIOError:
            _wait(pipe.fileno(), select.POLLOUT, deadline)
        except BrokenPipeError:
            raise _Gone from None


def _receive(process: subprocess.Popen[bytes], size: int, deadline: float, ahead: int = 0) -> bytes:
    """At least `size` bytes, and up to `ahead` more where they are there already: each waiting costs a turn."""
    pipe = process.stdout
    if pipe is None:
        raise _Gone
    received = bytearray()
    while len(received) < size:
        _wait(pipe.fileno(), select.POLLIN, deadline)
        piece = os.read(pipe.fileno(), size + ahead - len(received))
        if not piece:
            raise _Gone
        received += piece
    return bytes(received)


def _wait(descriptor: int, event: int, deadline: float) -> None:
    watch = select.poll()
    watch.register(descriptor, event)
    if not watch.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise _Late
