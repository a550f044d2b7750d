"""What a caller is told who got no answer, and that asking again does a thing once."""

from collections.abc import Callable

import msgspec
import pytest
import sqlalchemy as sa

from samples import fingerprint
from tutela.bank import Bank, EventKind
from tutela.casework import Webhooks
from tutela.store import BankMissing, BankUnusable, KeyWrong, OutcomeUnknown, StoreError, WritesRefused, tables
from tutela.web.problems import explained


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WritesRefused, "not_stored"),
        (OutcomeUnknown, "outcome_unknown"),
        (BankUnusable, "bank_unusable"),
        (BankMissing, "bank_unusable"),
        (KeyWrong, "bank_unusable"),
    ],
)
def test_an_error_of_the_bank_is_answered_without_a_word_of_where_it_is(error: type[StoreError], code: str) -> None:
    answer = explained(error("the disk of db7 is full", where="postgresql://me@db7/bank", remedy="Call the operator"))
    said = msgspec.json.decode(answer.body)
    assert (answer.status_code, said["code"]) == (503, code)
    assert int(answer.headers["retry-after"]) > 0
    assert b"db7" not in bytes(answer.body)
    assert ("nothing of this was stored" in said["detail"]) == (error is WritesRefused)


def test_a_withdrawal_that_is_asked_again_is_one_act_and_one_event(addresses: Callable[[], str]) -> None:
    with Bank.open(addresses(), create=True) as bank:
        hooks = Webhooks(bank.store, bank.shared_sealer(), ["hooks.example"])
        hooks.register("https://hooks.example/", [EventKind.WITHDRAWAL])
        case, pin = bank.protect([fingerprint(1)], kind="ordinary")
        assert [bank.withdraw(case, pin) for _ in range(3)] == [1, 0, 0]
        when = bank.status(case, pin).withdrawn_at
        with bank.store.read() as connection:
            acts = connection.execute(sa.select(tables.acts.c.act)).scalars().all()
            events = connection.execute(sa.select(sa.func.count()).select_from(tables.deliveries)).scalar_one()
    assert when is not None
    assert (acts.count("case.withdrawn"), events) == (1, 1)
