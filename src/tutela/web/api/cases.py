"""Cases: opening, how they stand, withdrawal. What a wrong PIN and an unknown case are told is the same."""

from tutela.bank import DEFAULT, GroupId
from tutela.bank.pins import NO_PIN, tidy_case
from tutela.web.api.forms import (
    MatchAnswer,
    NewCase,
    OpenedCase,
    OutcomeAnswer,
    Proof,
    ProtectionAnswer,
    StatusAnswer,
    WithdrawalAnswer,
)
from tutela.web.errors import NotAllowed
from tutela.web.once import wish
from tutela.web.routing import Call


def open_case(call: Call, asked: NewCase) -> OpenedCase:
    """Opens a case; the PIN is in the answer and nowhere else, and told again for a day to whoever asks with the same
    `Idempotency-Key`."""
    bank = call.service.bank
    once = wish(bank, f"key/{call.caller.id}", call.once, asked)
    group = _group(call, asked.group)
    fingerprints = [each.model() for each in asked.fingerprints]
    opened = bank.register(fingerprints, kind=asked.kind, parts=asked.parts, group=group, once=once)
    return OpenedCase(opened.case, opened.pin, opened.protections)


def status(call: Call, asked: Proof) -> StatusAnswer:
    """How a case stands."""
    call.service.tries.count(call.path["case"], call.address)
    found = call.service.bank.status(call.path["case"], _pin(call, asked))
    call.service.tries.succeeded(call.path["case"], call.address)
    return StatusAnswer(
        found.case,
        found.opened_at,
        found.withdrawn_at,
        tuple(ProtectionAnswer(*each) for each in found.protections),
        tuple(MatchAnswer(*each) for each in found.matches),
        tuple(OutcomeAnswer(*each) for each in found.outcomes),
        found.paused,
    )


def withdraw(call: Call, asked: Proof) -> WithdrawalAnswer:
    """Withdraws a case: when the answer comes, nothing of it matches."""
    call.service.tries.count(call.path["case"], call.address)
    ended = call.service.bank.withdraw(call.path["case"], _pin(call, asked))
    return WithdrawalAnswer(tidy_case(call.path["case"]), ended)


def _pin(call: Call, asked: Proof) -> str:
    """The PIN that was sent. For a case of a group that the key does not cover one that no case has: that is refused as
    a wrong PIN is, and as slowly."""
    key, case = call.caller, tidy_case(call.path["case"])
    if key.groups is None:
        return asked.pin
    group = call.service.bank.groups.of(case)
    return asked.pin if group is None or key.covers(group.id) else NO_PIN


def _group(call: Call, name: str | None) -> GroupId:
    """Where a new case belongs. Raises `NotAllowed`, also for a group that is not there."""
    key = call.caller
    if name is not None:
        wanted = next((group.id for group in call.service.bank.groups.all() if group.name == name), None)
    else:
        wanted = next(iter(key.groups)) if key.groups is not None and len(key.groups) == 1 else DEFAULT
    if wanted is None or not key.covers(wanted):
        raise NotAllowed("this key does not cover that group", remedy="Name a group that it covers")
    return wanted
