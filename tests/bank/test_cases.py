"""Protecting, matching, withdrawing, seen from outside."""

import re
import time
from pathlib import Path

import pytest

from databases import only_sqlite, told
from samples import changed, fingerprint
from tutela.bank import Bank, CaseRefused, NothingToProtect
from tutela.model import Tier


def test_a_protected_picture_is_found_and_another_is_not(bank: Bank) -> None:
    case, _ = bank.protect([fingerprint(1)], kind="ordinary")
    assert [(m.case, m.tier) for m in bank.match(fingerprint(1))] == [(case, Tier.EXACT)]
    assert bank.match(fingerprint(2)) == []


def test_a_near_copy_is_found_up_to_31_bits(bank: Bank) -> None:
    bank.protect([fingerprint(1)], kind="intimate")
    assert [m.distance for m in bank.match(changed(fingerprint(1), 31, seed=5))] == [31]
    assert bank.match(changed(fingerprint(1), 32, seed=5)) == []


def test_what_is_given_out_has_the_form_that_people_can_write_down(bank: Bank) -> None:
    case, pin = bank.protect([fingerprint(1)], kind="ordinary")
    assert re.fullmatch(r"TU-[2-9A-Z]{4}-[2-9A-Z]{4}", case)
    assert not set("01IOLU") & set(case[3:])
    assert re.fullmatch(r"[0-9]{10}", pin)


def test_the_pin_does_not_show_where_a_registration_is_printed(bank: Bank) -> None:
    registration = bank.register([fingerprint(1)], kind="ordinary")
    assert registration.pin not in repr(registration)


@only_sqlite  # what a file holds; what a server keeps, and where, no client can see
def test_only_an_argon2id_hash_of_the_pin_is_kept(real_pins: None, bank: Bank, tmp_path: Path) -> None:
    _, pin = bank.protect([fingerprint(1)], kind="ordinary")
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert pin.encode() not in stored
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in stored


@only_sqlite  # as above
def test_no_fingerprint_lies_readable_on_disk(bank: Bank, tmp_path: Path) -> None:
    fp = fingerprint(1)
    bank.protect([fp], kind="ordinary")
    bank.allow(fingerprint(2))
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (fp.sha256, fp.md5, fp.pdq.code if fp.pdq else b"", fingerprint(2).sha256):
        assert secret not in stored
        assert secret.hex().encode() not in stored.lower()


def test_withdrawal_stops_matching_at_once_in_every_process(bank: Bank, url: str) -> None:
    case, pin = bank.protect([fingerprint(1), fingerprint(2)], kind="ordinary")
    with Bank.open(url) as elsewhere:
        assert elsewhere.match(fingerprint(2))
        assert bank.withdraw(case, pin) == 2
        assert told(url, lambda: elsewhere.match(fingerprint(2)) == [])
    assert bank.match(fingerprint(1)) == []


def test_a_second_withdrawal_does_no_harm(bank: Bank) -> None:
    case, pin = bank.protect([fingerprint(1)], kind="ordinary")
    bank.withdraw(case, pin)
    assert bank.withdraw(case, pin) == 0


def test_case_and_pin_may_be_typed_as_people_type(bank: Bank) -> None:
    case, pin = bank.protect([fingerprint(1)], kind="ordinary")
    assert bank.withdraw(f" {case.lower()} ", f"{pin[:5]} {pin[5:]}") == 1


def test_a_wrong_pin_and_an_unknown_case_are_refused_alike(bank: Bank) -> None:
    case, pin = bank.protect([fingerprint(1)], kind="ordinary")
    refusals = []
    for reference, number in ((case, "0000000000"), ("TU-2222-2222", pin), ("", ""), (case, "")):
        with pytest.raises(CaseRefused) as refusal:
            bank.withdraw(reference, number)
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1
    assert bank.match(fingerprint(1))


def test_an_unknown_case_takes_as_long_as_a_wrong_pin(real_pins: None, bank: Bank) -> None:
    """Or a stranger could find out which references exist. Processor time, so that other work does not count."""
    case, _ = bank.protect([fingerprint(1)], kind="ordinary")

    def seconds(reference: str) -> float:
        start = time.thread_time()
        with pytest.raises(CaseRefused):
            bank.withdraw(reference, "1")
        return time.thread_time() - start

    known, unknown = (min(seconds(reference) for _ in range(2)) for reference in (case, "TU-2222-2222"))
    assert unknown > 0.5 * known


def test_a_case_without_a_picture_is_not_opened(bank: Bank) -> None:
    with pytest.raises(NothingToProtect):
        bank.protect([], kind="ordinary")
    assert bank.inventory().cases == 0


def test_another_kind_is_refused(bank: Bank) -> None:
    with pytest.raises(ValueError, match="holiday"):
        bank.protect([fingerprint(1)], kind="holiday")


def test_the_same_picture_in_two_cases_is_found_for_both_and_withdrawn_for_one(bank: Bank) -> None:
    first, pin = bank.protect([fingerprint(1)], kind="ordinary")
    second, _ = bank.protect([fingerprint(1)], kind="intimate")
    assert {m.case for m in bank.match(fingerprint(1))} == {first, second}
    bank.withdraw(first, pin)
    assert {m.case for m in bank.match(fingerprint(1))} == {second}


def test_everything_is_there_after_closing_and_opening(bank: Bank, url: str) -> None:
    cases = [bank.protect([fingerprint(n)], kind="ordinary") for n in range(5)]
    bank.withdraw(*cases[3])
    bank.close()
    with Bank.open(url) as again:
        found = [bool(again.match(fingerprint(n))) for n in range(5)]
    assert found == [True, True, True, False, True]


def test_the_allowlist_wins_and_can_be_taken_back(bank: Bank, url: str) -> None:
    bank.protect([fingerprint(1)], kind="ordinary")
    logo = changed(fingerprint(1), 10, seed=3)
    with Bank.open(url) as elsewhere:
        assert elsewhere.match(logo)
        entry = bank.allow(logo)
        assert told(url, lambda: elsewhere.match(logo) == [])
        assert [name for name, _ in elsewhere.allowed()] == [entry]
        bank.disallow(entry)
        assert told(url, lambda: bool(elsewhere.match(logo)))
