"""The API's description (OpenAPI 3.1), made from the table of routes and the types that these take and give."""

import html
import re
from collections.abc import Sequence

import msgspec

from tutela import __version__
from tutela.web.once import HEADER, LONGEST, SHORTEST
from tutela.web.problems import MEDIA_TYPE, Problem
from tutela.web.routing import Endpoint, Style

Json = dict[str, object]

_REFERENCE = "#/components/schemas/{name}"
_TITLE = "Tutela"
_ABOUT = """Protects pictures without showing them to anyone. All that travels are fingerprints, which are personal
data: send them over TLS alone, and never log them. Errors are problem+json (RFC 9457)."""
_ONCE: Json = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "The caller's own, made at random for each case; the same one again gives the same case for a day",
    "schema": {"type": "string", "minLength": SHORTEST, "maxLength": LONGEST},
}
_ERRORS = {
    400: "The request cannot be read",
    401: "There is no valid key",
    403: "The key is not for that, or it is switched off, or case and PIN do not belong together",
    404: "There is nothing of that name",
    409: "What is there stands against it",
    413: "The body is too large",
    422: "The request has another form",
    429: "Too many calls; `Retry-After` says how long to wait",
    502: "The address cannot be fetched",
    503: "The service is not ready, or cannot use its bank",
}


def document(endpoints: Sequence[Endpoint]) -> Json:
    """The whole description, as JSON."""
    types = [kind for each in endpoints for kind in (each.takes, each.gives) if kind is not None]
    _, schemas = msgspec.json.schema_components([*types, Problem], ref_template=_REFERENCE)
    paths: dict[str, Json] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": __version__, "description": _ABOUT},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key: `tk_…`"}},
        },
    }


def page(endpoints: Sequence[Endpoint]) -> str:
    """The routes as a plain page, for people."""
    rows = "\n".join(
        f"<tr><td><code>{each.method} {html.escape(each.path)}</code></td><td>{html.escape(each.summary)}</td>"
        f"<td>{', '.join(_roles(each)) or 'everybody'}</td></tr>"
        for each in endpoints
    )
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_TITLE}: API</title></head>
<body>
<main>
<h1>{_TITLE}: API</h1>
<p>{html.escape(_ABOUT)}</p>
<p>The whole description, with the form of every field, is <a href="/api/v1/openapi.json">openapi.json</a>.</p>
<table>
<thead><tr><th>Route</th><th>Does</th><th>Keys</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


def _operation(endpoint: Endpoint) -> Json:
    operation: Json = {
        "operationId": endpoint.act,
        "summary": endpoint.summary,
        "tags": [endpoint.style.value],
        "responses": _responses(endpoint),
    }
    if roles := _roles(endpoint):
        operation["description"] = f"For keys of the role {', '.join(roles)}."
    else:
        operation["security"] = []
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    parameters += [
        {"name": each.name, "in": "query", "required": each.required, "description": each.says, "schema": each.schema}
        for each in endpoint.query
    ]
    if endpoint.once:
        parameters.append(_ONCE)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.form or endpoint.takes is not None:
        operation["requestBody"] = _body(endpoint)
    return operation


def _body(endpoint: Endpoint) -> Json:
    if endpoint.form:
        field = "photo" if endpoint.style is Style.HMA else "media"
        file: Json = {"type": "string", "format": "binary"}
        schema: Json = {"type": "object", "properties": {field: file}, "required": [field]}
        return {"required": endpoint.style is Style.OWN, "content": {"multipart/form-data": {"schema": schema}}}
    content = {"schema": _schema(endpoint.takes), "example": endpoint.example}
    return {"required": True, "content": {"application/json": content}}


def _responses(endpoint: Endpoint) -> Json:
    done: Json = {"description": "Done"}
    if endpoint.gives is not None:
        done["content"] = {"application/json": {"schema": _schema(endpoint.gives)}}
    problem = {MEDIA_TYPE: {"schema": _schema(Problem)}}
    found: Json = {str(endpoint.status): done}
    for status in sorted(_statuses(endpoint)):
        found[str(status)] = {"description": _ERRORS[status], "content": problem}
    return found


def _statuses(endpoint: Endpoint) -> set[int]:
    statuses = set(endpoint.errors) | {503}
    if endpoint.roles is not None:
        statuses |= {401, 403, 429}
    if endpoint.takes is not None or endpoint.form:
        statuses |= {400, 413}
    return statuses | ({422} if endpoint.style is Style.OWN else {400})


def _roles(endpoint: Endpoint) -> list[str]:
    return [] if endpoint.roles is None else sorted(endpoint.roles)


def _schema(kind: object) -> Json:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REFERENCE)
    return schema
