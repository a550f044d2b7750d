"""A commitment hides its detail from everyone but the holder of the opening, who can prove it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.custody import CustodyError, CustodyLog, Opening, Signer, parse_line, verify_opening
from tutela.custody.commitments import commit

details = st.dictionaries(
    st.text(max_size=5),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5),
    max_size=5,
)


@given(details)
def test_an_opening_opens_its_own_commitment(detail: dict[str, Any]) -> None:
    opening = commit(detail)
    assert verify_opening(opening.commitment, opening.salt, opening.detail)
    assert json.loads(opening.detail) == detail


@given(details, details)
def test_an_opening_opens_no_other_commitment(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Not even one of the same detail: each has its own salt."""
    first, second = commit(one), commit(other)
    assert first.commitment != second.commitment
    assert not verify_opening(second.commitment, first.salt, first.detail)
    assert not verify_opening(first.commitment, second.salt, first.detail)


@given(details, st.data())
def test_one_changed_bit_opens_nothing(detail: dict[str, Any], data: st.DataObject) -> None:
    opening = commit(detail)
    parts = [opening.commitment, opening.salt, opening.detail]
    which = data.draw(st.sampled_from([0, 1, 2]))
    bit = data.draw(st.integers(0, 8 * len(parts[which]) - 1))
    parts[which] = (int.from_bytes(parts[which]) ^ 1 << bit).to_bytes(len(parts[which]))
    assert not verify_opening(*parts)


def test_who_guesses_the_detail_cannot_tell_without_the_salt() -> None:
    """Two details, a hundred commitments: no hash that needs no salt tells which is which, none repeats."""
    guesses = [b'{"case":"A"}', b'{"case":"B"}']
    unsalted = {hashlib.sha256(start + guess).digest() for guess in guesses for start in (b"", bytes(32))}
    seen = [commit({"case": case}).commitment for case in "AB" * 50]
    assert len(set(seen)) == 100
    assert unsalted.isdisjoint(seen)


def test_the_commitment_is_the_documented_hash() -> None:
    opening = commit({"b": 1, "a": "é"})
    assert opening.detail == b'{"a":"\\u00e9","b":1}'
    content = b"tutela/commitment/1\x00" + b"\x00\x00\x00\x20" + opening.salt + opening.detail
    assert opening.commitment == hashlib.sha256(content).digest()


def test_salt_and_detail_cannot_be_cut_elsewhere() -> None:
    """A shorter salt and a longer detail with the same bytes in a row are another commitment, and a short salt none."""
    opening = commit({"case": "A"})
    assert not verify_opening(opening.commitment, opening.salt[:-1], opening.salt[-1:] + opening.detail)
    short = hashlib.sha256(b"tutela/commitment/1\x00" + bytes(4) + b"{}").digest()
    assert not verify_opening(short, b"", b"{}")


def test_the_log_holds_the_commitment_and_nothing_of_the_detail(tmp_path: Path, signer: Signer) -> None:
    path = tmp_path / "custody.ndjson"
    with CustodyLog.create(path, signer) as log:
        opening = log.record("case.opened", {}, {"person": "Ada Lovelace"})
    assert opening is not None
    written = path.read_bytes()
    assert parse_line(written.splitlines()[0]).commitment == opening.commitment.hex()  # type: ignore[union-attr]
    for secret in (b"Ada", b"Lovelace", b"person", opening.salt.hex().encode(), opening.detail):
        assert secret not in written


def test_an_opening_does_not_show_its_secret_by_accident() -> None:
    opening = Opening(b"c" * 32, b"the salt", b"the detail")
    assert "the" not in repr(opening)


@pytest.mark.parametrize("detail", [{"a": float("nan")}, {"a": b"bytes"}, {"a": object()}])
def test_what_is_no_json_is_refused_without_quoting_it(detail: dict[str, Any]) -> None:
    with pytest.raises(CustodyError) as caught:
        commit(detail)
    assert caught.value.__cause__ is None
    assert "not plain JSON" in str(caught.value)


def test_a_bottomless_detail_is_refused() -> None:
    bottomless: dict[str, Any] = {}
    bottomless["a"] = bottomless
    with pytest.raises(CustodyError):
        commit(bottomless)
