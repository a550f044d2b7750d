"""Whatever was done to a bank, opening it from its snapshot is opening it from its database."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank.looks import PICTURES, eager, look
from databases import only_server, only_sqlite
from samples import changed, fingerprint
from tutela.bank import AllowedId, Bank, replica
from tutela.matching import THRESHOLDS
from tutela.model import CaseRef, Pin, ProtectionId

NEVER = 1 << 60


class Story:
    """A bank of its own, and what was done to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bank = Bank.open(self.url, create=True)
        self.file = self.bank._snapshot.path
        self.cases: list[tuple[CaseRef, Pin]] = []
        self.allowed: list[AllowedId] = []

    def protect(self, number: int) -> None:
        self.cases.append(
            self.bank.protect([fingerprint(number), fingerprint((number + 1) % PICTURES)], kind="ordinary")
        )

    def withdraw(self, number: int) -> None:
        if self.cases:
            self.bank.withdraw(*self.cases.pop(number % len(self.cases)))

    def allow(self, number: int) -> None:
        self.allowed.append(self.bank.allow(changed(fingerprint(number), 9, seed=number)))

    def disallow(self, number: int) -> None:
        if self.allowed:
            self.bank.disallow(self.allowed.pop(number % len(self.allowed)))

    def flood(self, number: int) -> None:
        """Puts protections of this picture in quarantine: unrelated pictures, 16 bits from it in other directions."""
        pdq = fingerprint(number).pdq
        for place in range(THRESHOLDS.quarantine_unrelated):
            code = (int.from_bytes(pdq.code if pdq else b"", "big") ^ 0xFFFF << 16 * place).to_bytes(32, "big")
            self.bank.match(fingerprint(1000 + place, codes=code + bytes(224)))

    def release(self, number: int) -> None:
        for waiting in self.bank.quarantined()[:1]:
            self.bank.release(ProtectionId(waiting.protection))

    def match(self, number: int) -> None:
        self.bank.match(fingerprint(number))

    def reopen(self, number: int) -> None:
        self.bank.close()
        self.bank = Bank.open(self.url)

    def rotate(self, number: int) -> None:
        self.bank.rotate_key()


ACTS = ["protect", "protect", "withdraw", "allow", "disallow", "flood", "release", "match", "match", "reopen", "rotate"]


histories = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, PICTURES - 1)), max_size=12)
new_banks = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has one of its own


@only_sqlite  # a server takes longer to make a bank, so it has fewer examples
@settings(new_banks, max_examples=60)
@given(histories)
def test_after_any_history_opening_from_the_snapshot_is_opening_from_the_database(
    addresses: Callable[[], str], history: list[tuple[str, int]]
) -> None:
    opens_alike(addresses(), history)


@only_server
@settings(new_banks, max_examples=15)
@given(histories)
def test_after_any_history_on_a_server_it_is_so_too(
    addresses: Callable[[], str], history: list[tuple[str, int]]
) -> None:
    opens_alike(addresses(), history)


def opens_alike(url: str, history: list[tuple[str, int]]) -> None:
    with eager() as patch:
        story = Story(url)
        for act, number in history:
            getattr(story, act)(number)
        story.bank.close()
        look(story.url)
        from_snapshot = look(story.url)
        if story.cases:
            assert story.file.exists()
        story.file.unlink(missing_ok=True)
        patch.setattr(replica, "SNAPSHOT_FROM", NEVER)
        assert from_snapshot == look(story.url)
