"""Every route with every role: who is let in, who is not, and that no route was forgotten."""

import re
from typing import Any

import pytest
from starlette.routing import Route

from tutela.access import Keys, Role
from tutela.web.app import create_app, endpoints
from tutela.web.routing import Endpoint
from tutela.web.settings import ServiceSettings
from web.api.asking import code_of
from web.api.conftest import Running

TABLE = endpoints(ServiceSettings())
OPEN = {"/healthz", "/readyz", "/status"}
REFUSALS = {"key_refused", "not_allowed"}


def named(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def call(web: Running, endpoint: Endpoint, headers: dict[str, str]) -> Any:
    path = re.sub(r"{\w+}", "TU-2222-2222", endpoint.path)
    body = {"json": endpoint.example} if endpoint.takes is not None else {}
    return web.client.request(endpoint.method, path, headers=headers, **body)  # type: ignore[arg-type]


@pytest.mark.parametrize("endpoint", TABLE, ids=named)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_let_in_where_the_table_says_so(shared_web: Running, endpoint: Endpoint, role: Role) -> None:
    answer = call(shared_web, endpoint, shared_web.headers(role))
    if endpoint.roles is None or role in endpoint.roles:
        assert answer.status_code < 500
        assert not (answer.status_code in (401, 403) and code_of(answer) in REFUSALS)
    else:
        assert (answer.status_code, code_of(answer)) == (403, "not_allowed")


@pytest.mark.parametrize("endpoint", TABLE, ids=named)
def test_nobody_is_let_in_without_a_valid_key(shared_web: Running, endpoint: Endpoint) -> None:
    keys = Keys(shared_web.bank.store)
    revoked = keys.create("gone", Role.OPERATOR)
    keys.revoke(revoked.key.id)
    good = shared_web.tokens[Role.OPERATOR]
    changed = good[:-1] + ("a" if good[-1] != "a" else "b")
    for header in (None, "", "Bearer", f"Bearer {revoked.token}", f"Bearer {changed}", f"Basic {good}", good):
        answer = call(shared_web, endpoint, {} if header is None else {"Authorization": header})
        if endpoint.roles is None:
            assert answer.status_code == 200
            continue
        assert (answer.status_code, code_of(answer)) == (401, "key_refused")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_every_route_is_in_the_table_or_public_on_purpose(shared_web: Running) -> None:
    app = create_app(shared_web.bank, ServiceSettings())
    routes = {
        (route.path, method) for route in app.routes if isinstance(route, Route) for method in route.methods or ()
    }
    tabled = {(endpoint.path, endpoint.method) for endpoint in TABLE}
    rest = {path for path, method in routes - tabled if method != "HEAD"}
    public = {"/api/v1/openapi.json", "/api/v1/docs"}
    page = re.compile(r"/|/[a-z]{2}/[a-z]*|/protect/(api|assets)/.*")
    assert {path for path in rest - public if not page.fullmatch(path)} == set()
    assert {endpoint.path for endpoint in TABLE if endpoint.roles is None} == OPEN


def test_names_of_acts_tell_routes_apart() -> None:
    acts = [endpoint.act for endpoint in TABLE]
    assert len(set(acts)) == len(acts)
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", act) for act in acts)


def test_metrics_are_open_where_the_operator_says_so() -> None:
    (metrics,) = [each for each in endpoints(ServiceSettings(open_metrics=True)) if each.path == "/metrics"]
    assert metrics.roles is None


def test_a_revoked_key_is_refused_within_a_second(shared_web: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(shared_web.service, "keys", Keys(shared_web.bank.store, clock=lambda: now[0]))
    made = Keys(shared_web.bank.store).create("short", Role.OPERATOR)
    headers = {"Authorization": f"Bearer {made.token}"}
    assert shared_web.client.get("/c/banks", headers=headers).status_code == 200
    Keys(shared_web.bank.store).revoke(made.key.id)
    now[0] = 1.0
    assert shared_web.client.get("/c/banks", headers=headers).status_code == 401
