"""What `tutela serve` refuses before it listens, and what it makes of its options."""

import pytest

from cli.conftest import Tutela
from tutela.cli import serve


@pytest.mark.parametrize("address", ["zzz", "localhost", "*", "", "127.0.0.1:80", "127.0.0.1,::1", "10.0.0.0/33"])
def test_a_proxy_that_is_no_address_is_refused(tutela: Tutela, address: str) -> None:
    """It would never be believed, and all callers would share one caller's limits."""
    ended = tutela("serve", "--port", "0", "--proxy", "127.0.0.1", "--proxy", address)
    assert ended.status == 2
    assert "--proxy" in ended.err


def test_a_network_of_proxies_may_be_named_by_any_address_in_it() -> None:
    addresses = ["--proxy", "127.0.0.1", "--proxy", "10.1.2.3/8", "--proxy", "fd00::7/8", "--proxy", "::1"]
    context = serve.command.make_context("serve", addresses)
    assert context.params["proxies"] == ("127.0.0.1/32", "10.0.0.0/8", "fd00::/8", "::1/128")
