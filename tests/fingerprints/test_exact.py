"""Same bytes, same digest."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tutela.fingerprints.exact import digests


@given(st.binary())
def test_digests_are_those_of_hashlib(data: bytes):
    assert digests(data) == (hashlib.sha256(data).digest(), hashlib.md5(data).digest())
