"""One run that protects, withdraws and changes keys, for tests that end it at the worst moment.

It says on standard output what it is about to do and what was acknowledged; `problems` compares that with what the
bank then holds.
"""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from argon2 import PasswordHasher

from samples import fingerprint
from tutela.bank import Bank, pins, replica
from tutela.index import IndexFileError
from tutela.model import Fingerprint, TutelaError
from tutela.store import BankMissing, tables

PICTURES = 3
"""Pictures in a case: a half case would show."""


def pictures(first: int) -> list[Fingerprint]:
    return [fingerprint(first + place) for place in range(PICTURES)]


def make_small() -> None:
    """Crashes are not about how long a PIN's hash takes; its parameters are in each hash. And every bank that is read
    from its database leaves a snapshot behind, but none is written in another thread."""
    pins._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    replica.SNAPSHOT_FROM, replica.SNAPSHOT_REST = 1, 1e9


def say(*words: object) -> None:
    """Onto standard output at once, by a call that `faults.py` never makes fail."""
    os.writev(1, [json.dumps(words).encode() + b"\n"])


def fork(said: Path, act: Callable[[], None]) -> int:
    """Runs `act` in a new process whose standard output is the file `said`."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
        act()
        os._exit(0)
    return child


def warm_up(url: str) -> None:
    """Loads every module that a run needs, so that the forks begin with the run itself."""
    make_small()
    for _ in range(2):
        with Bank.open(url, create=True) as bank:
            bank.protect(pictures(0), kind="ordinary")
            bank.match(pictures(0)[0])


def make(url: str) -> None:
    """Makes the bank, and no more."""
    Bank.open(url, create=True).close()


def run(url: str, first: int, steps: int) -> None:
    """Opens or makes the bank, then opens cases, withdraws every second one, and once replaces the bank's key.

    Now and then another bank is opened beside it, which reads a snapshot, or leaves one behind.
    """
    with Bank.open(url, create=True) as bank:
        for number in range(first, first + steps * PICTURES, PICTURES):
            attempt(number, "protect", partial(_protect, url, bank, number))
            if number == first + PICTURES:
                attempt(number, "rotate", bank.rotate_key)
            attempt(number, "look", partial(_look, url, number))


def survive(url: str, first: int, steps: int) -> None:
    """The same where the system fails: an error that Tutela raises on purpose may end it, no other."""
    try:
        run(url, first, steps)
    except TutelaError as error:
        say("failed", 0, "open", type(error).__name__)
    except BaseException as error:
        say("crashed", 0, repr(error))


def _look(url: str, number: int) -> None:
    with Bank.open(url) as elsewhere:
        for picture in pictures(number):
            elsewhere.match(picture)


def _protect(url: str, bank: Bank, number: int) -> None:
    case, pin = bank.protect(pictures(number), kind="ordinary")
    say("protected", number, case, pin)
    attempt(number, "look", partial(_look, url, number))
    if number % (2 * PICTURES) == 0:
        attempt(number, "withdraw", lambda: bank.withdraw(case, pin))


def attempt(number: int, what: str, act: Callable[[], object]) -> None:
    say("begin", number, what)
    try:
        act()
    except TutelaError as error:
        say("failed", number, what, type(error).__name__, error.what)
    else:
        say("done", number, what)


def problems(url: str, said: str) -> Iterator[str]:
    """What does not hold after a run that said so much: nothing, or the promise is broken."""
    words = [json.loads(line) for line in said.split("\n")[:-1]]
    protected = {number for kind, number, *_ in words if kind == "protected"}
    withdrawn = {number for kind, number, *rest in words if (kind, rest) == ("done", ["withdraw"])}
    refused = {
        n for kind, n, *rest in words if (kind, rest[:1]) == ("failed", ["protect"]) and "not known" not in rest[2]
    }
    yield from (f"not explained: {rest[0]}" for kind, _, *rest in words if kind == "crashed")
    begun = {(number, rest[0]) for kind, number, *rest in words if kind == "begin"}
    try:
        bank = Bank.open(url)
    except BankMissing:
        if protected:
            yield "the bank is gone with acknowledged cases"
        return
    with bank:
        yield from _in_snapshot(bank, withdrawn)
        yield from _in_acts(bank)
        for number in sorted(number for number, what in begun if what == "protect"):
            found = sum(len(bank.match(picture)) for picture in pictures(number))
            if found not in (0, PICTURES):
                yield f"case {number} is a half one, or there twice: {found}"
            if number in refused and found and url.startswith("postgresql"):
                yield f"case {number} was refused and is there"
            withdrawing = (number, "withdraw") in begun
            if number in protected and not withdrawing and not found:
                yield f"case {number} was acknowledged and is gone"
            if number in withdrawn and found:
                yield f"case {number} was withdrawn and matches"
        bank.protect(pictures(-100), kind="ordinary")  # and it is not only readable


def _in_acts(bank: Bank) -> Iterator[str]:
    """Acts that nothing in the bank bears out, or the other way round."""
    inventory, act = bank.inventory(), tables.acts.c.act
    with bank._store.read() as connection:
        counted = connection.execute(sa.select(act, sa.func.count()).group_by(act)).all()
    acts = dict(map(tuple, counted))
    for name, number in (
        ("case.opened", inventory.cases + inventory.withdrawn),
        ("case.withdrawn", inventory.withdrawn),
    ):
        if acts.get(name, 0) != number:
            yield f"{acts.get(name, 0)} acts say {name}, and the bank has {number}"


def _in_snapshot(bank: Bank, withdrawn: set[int]) -> Iterator[str]:
    """Withdrawn cases of which a file that opens still has something."""
    try:
        arrays = bank._snapshot.read() or {}
    except IndexFileError:
        return  # cut off by the fault; it opens for nobody
    held = b"".join(array.T.tobytes() for array in arrays.values())
    for number in withdrawn:
        if any(picture.sha256 in held for picture in pictures(number)):
            yield f"case {number} was withdrawn and is in the snapshot"
