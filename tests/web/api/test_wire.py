"""Fingerprints survive the way over the wire, and nothing else gets through."""

import base64
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import fingerprints
from tutela.model import Fingerprint, Parts, Pdq
from tutela.web.api.forms import FeedbackGiven, NewWebhookForm
from tutela.web.errors import NotUnderstood, WebError, WrongInput
from tutela.web.wire import POINTS, WireFingerprint, read, wire

DECODER = msgspec.json.Decoder(WireFingerprint)


def parts(count: int) -> Parts:
    made = random.Random(count)
    return Parts(made.randbytes(6 * count), made.randbytes(64 * count))


variants = st.builds(
    lambda fp, eight, some, plain: Fingerprint(
        fp.media,
        fp.width,
        fp.height,
        fp.sha256,
        fp.md5,
        None if plain else Pdq(fp.pdq.codes if eight else fp.pdq.code, fp.pdq.quality),
        parts(some) if some else None,
    ),
    fingerprints,
    st.booleans(),
    st.integers(0, POINTS),
    st.booleans(),
)


@given(variants)
def test_a_fingerprint_comes_back_as_it_was(fp: Fingerprint) -> None:
    assert read(DECODER, msgspec.json.encode(wire(fp))).model() == fp


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused_or_read_and_never_break(body: bytes) -> None:
    with pytest.raises((NotUnderstood, WrongInput)):
        read(DECODER, body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["media", "width", "height", "sha256", "md5", "pdq", "parts", "other"]), json_values)
def test_one_wrong_field_is_refused_without_a_word_of_it(field: str, value: object) -> None:
    good = msgspec.to_builtins(WireFingerprint("image/png", 3, 4, "ab" * 32, "cd" * 16, None))
    try:
        read(DECODER, msgspec.json.encode({**good, field: value})).model()
    except WebError as refusal:
        assert not isinstance(value, str) or len(value) < 4 or value not in refusal.what


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "ab" * 31},
        {"sha256": "ab" * 32 + "\n"},
        {"md5": "zz" * 16},
        {"width": 0},
        {"height": 10**9},
        {"md5": "ab" * 16 + "\n"},
        {"media": "text/html"},
        {"media": "image/png\n"},
        {"pdq": {"hash": "ab" * 32 + "\n", "quality": 3}},
        {"pdq": {"hash": "ab" * 256 + "\n", "quality": 3}},
        {"pdq": {"hash": "ab" * 33, "quality": 3}},
        {"pdq": {"hash": "ab" * 32, "quality": 101}},
        {"parts": {"points": "AAAA", "descriptions": ""}},
        {"parts": {"points": "A", "descriptions": ""}},
        {"parts": {"points": base64.b64encode(bytes(5)).decode(), "descriptions": ""}},
        {"parts": {"points": base64.b64encode(bytes(6 * (POINTS + 1))).decode(), "descriptions": ""}},
        {"name": "holiday.jpg"},
    ],
)
def test_forms_and_sizes_are_kept_to(change: dict[str, object]) -> None:
    good = msgspec.to_builtins(WireFingerprint("image/png", 3, 4, "ab" * 32, "cd" * 16, None))
    with pytest.raises(WrongInput):
        read(DECODER, msgspec.json.encode({**good, **change})).model()


@pytest.mark.parametrize(
    ("form", "good", "field"),
    [
        (FeedbackGiven, {"claim": "abc", "verdict": "blocked", "idempotency_key": "upload-1"}, "claim"),
        (FeedbackGiven, {"claim": "abc", "verdict": "blocked", "idempotency_key": "upload-1"}, "idempotency_key"),
        (NewWebhookForm, {"url": "https://hooks.example/x", "events": ["match"]}, "url"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\n", "\0", "\u2028", "\x7f"])
def test_no_sign_that_cannot_be_seen_gets_in_at_the_end(
    form: type[object], good: dict[str, object], field: str, end: str
) -> None:
    decoder = msgspec.json.Decoder(form)
    assert read(decoder, msgspec.json.encode(good))
    with pytest.raises(WrongInput):
        read(decoder, msgspec.json.encode({**good, field: f"{good[field]}{end}"}))


def test_a_fingerprint_does_not_show_where_it_is_printed() -> None:
    assert "abab" not in repr(WireFingerprint("image/png", 3, 4, "ab" * 32, "cd" * 16, None))
