"""The writer of `custody.ndjson`: one line for each act, signed checkpoints between them, one that closes."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import NoReturn, Self

from tutela.custody.commitments import Opening, commit
from tutela.custody.errors import CustodyError
from tutela.custody.lines import Checkpoint, Event, JsonValue, write_line
from tutela.custody.merkle import MerkleTree
from tutela.custody.signing import Signer, sign_checkpoint
from tutela.durable import sync_folder

LOG_NAME = "custody.ndjson"
"""What the log of an output folder is called."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
_NO_FACTS: Mapping[str, int | str] = MappingProxyType({})


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _create(path: Path) -> int:
    descriptor = os.open(path, _NEW, 0o666)
    try:
        sync_folder(path.parent)  # or a power cut could take the name away and leave the folder as it was
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class CustodyLog:
    """Appends to a new custody log; for one thread, and as a context manager.

    Leaving the block closes the log. Leaving it by an exception signs what was recorded and leaves the log open, as
    the record of an interrupted run. A write that fails ends the log: the torn line is taken away where that can be
    done, and nothing follows where it cannot.
    """

    def __init__(self, descriptor: int, signer: Signer, now: Callable[[], datetime]) -> None:
        self._descriptor: int | None = descriptor
        self._signer = signer
        self._now = now
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._tree = MerkleTree()
        self._checkpoints = 0
        self._closing: Checkpoint | None = None

    @classmethod
    def create(
        cls,
        path: Path,
        signer: Signer,
        *,
        now: Callable[[], datetime] = _utc_now,
        previous: Checkpoint | None = None,
    ) -> "CustodyLog":
        """Starts a log at `path`, which must not exist. `now` gives aware instants.

        `previous` is the closing checkpoint of an earlier log that this one continues: the first event then names
        its size, root and key. Raises CustodyError if the file exists or cannot be created.
        """
        try:
            descriptor = _create(path)
        except FileExistsError as error:
            raise CustodyError("a custody log is never overwritten", where=path.name) from error
        except OSError as error:
            raise CustodyError(f"cannot be created ({error.strerror})", where=path.name) from error
        log = cls(descriptor, signer, now)
        if previous is not None:
            log.record("log.continued", {"size": previous.size, "root": previous.root, "key": previous.key})
        return log

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is None:
            return
        try:
            if kind is None:
                self.close()
            else:
                with suppress(CustodyError):  # the exception that ends the block says more
                    self.checkpoint()
        finally:
            self._release()

    def record(
        self,
        act: str,
        facts: Mapping[str, int | str] = _NO_FACTS,
        private: Mapping[str, JsonValue] | None = None,
    ) -> Opening | None:
        """Appends one event and hands it to the operating system at once.

        `facts` are public: counts, versions, codes, hashes of outputs; never a name, a place on disk or a fingerprint.
        Of `private` only a salted commitment is written; the opening is returned for the caller to keep.
        """
        opening = None if private is None else commit(private)
        commitment = None if opening is None else opening.commitment.hex()
        line = write_line(Event(self._tree.size, self._instant(), act, dict(facts), commitment))
        self._append(line)
        self._tree.append(line)
        return opening

    def checkpoint(self) -> Checkpoint:
        """Signs all events so far and waits until they and the signature are on disk."""
        return self._seal(closed=False)

    def close(self) -> Checkpoint:
        """Signs all events for good and ends the log. A second call returns the same checkpoint."""
        if self._closing is None:
            self._closing = self._seal(closed=True)
            self._release()
        return self._closing

    def _seal(self, *, closed: bool) -> Checkpoint:
        claim = Checkpoint(
            number=self._checkpoints,
            size=self._tree.size,
            root=self._tree.root().hex(),
            at=self._instant(),
            key="",
            closed=closed,
            signature="",
        )
        checkpoint = sign_checkpoint(claim, self._signer)
        self._append(write_line(checkpoint), sync=True)
        self._checkpoints += 1
        return checkpoint

    def _instant(self) -> datetime:
        """Now, or the instant of the line before where the clock was set back: time in a log never runs backwards."""
        now = self._now()
        if now.tzinfo is None:
            raise CustodyError("an instant without a time zone cannot be recorded")
        self._latest = max(self._latest, now.astimezone(UTC))
        return self._latest

    def _append(self, line: bytes, *, sync: bool = False) -> None:
        if self._descriptor is None:
            raise CustodyError("this custody log has ended", remedy="Start a new one for what follows")
        whole = line + b"\n"
        try:
            if (written := os.write(self._descriptor, whole)) != len(whole):
                with suppress(OSError):  # what was recorded before still verifies then
                    os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
                self._fail("the last line could not be written whole; is the disk full?")
            if sync:
                os.fsync(self._descriptor)
        except OSError as error:
            self._fail(f"cannot be written ({error.strerror})", error)

    def _fail(self, what: str, cause: OSError | None = None) -> NoReturn:
        self._release()
        raise CustodyError(what, where="custody log") from cause

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
