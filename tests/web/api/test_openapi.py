"""The description is complete, and the service keeps to it whatever is sent."""

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tutela.access import Role
from tutela.web.api.openapi import document
from tutela.web.app import endpoints
from tutela.web.settings import ServiceSettings
from web.api.conftest import Running

TABLE = endpoints(ServiceSettings())
DOCUMENT = json.loads(json.dumps(document(TABLE)))
EXAMPLES = 12
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]


def test_every_route_is_described_with_an_example_and_its_errors() -> None:
    for endpoint in TABLE:
        operation = DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]
        assert operation["summary"]
        assert {name["name"] for name in operation.get("parameters", []) if name["in"] == "path"} == set(
            re.findall(r"{(\w+)}", endpoint.path)
        )
        if endpoint.takes is not None:
            assert operation["requestBody"]["content"]["application/json"]["example"] is not None
        if endpoint.roles is not None:
            assert {"401", "403", "429"} <= set(operation["responses"])


def test_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)):
        assert name in schemas


def test_it_is_served_to_everybody(shared_web: Running) -> None:
    assert shared_web.client.get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
    page = shared_web.client.get("/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert all(endpoint.path in page.text for endpoint in TABLE)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_nothing_that_is_sent_breaks_it_or_leaves_the_description(shared_web: Running, operation: Any) -> None:
    described = {int(status) for status in operation.definition.raw["responses"]}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def holds(case: Any) -> None:
        answer = case.call(base_url=shared_web.url, headers=shared_web.headers(Role.OPERATOR))
        assert answer.status_code in described | {404, 405}, answer.text
        assert answer.status_code != 500

    holds()
    assert shared_web.client.get("/healthz").status_code == 200
