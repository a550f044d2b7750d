"""MD5 in the page is that of `hashlib`, however the bytes are cut up."""

import base64
import hashlib

import pytest
from browser_page import FingerprintPage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.browser

# Lengths around a block of 64 bytes, and around the 56 that leave room for the length.
pieces = st.lists(st.binary(max_size=20) | st.sampled_from([55, 56, 57, 63, 64, 65, 128, 200]).map(bytes), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(pieces)
def test_pieces_of_any_length_give_the_digest_of_the_whole(page: FingerprintPage, some: list[bytes]):
    expected = hashlib.md5(b"".join(some), usedforsecurity=False).hexdigest()
    assert page.call("md5", [base64.b64encode(piece).decode() for piece in some]) == expected


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 119, 120, 1_000_003])
def test_whole_files_give_the_same_digest(page: FingerprintPage, length: int):
    data = bytes(n * 7 % 251 for n in range(length))
    assert page.call("md5", [base64.b64encode(data).decode()]) == hashlib.md5(data, usedforsecurity=False).hexdigest()
