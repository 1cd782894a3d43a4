"""API9:2023 Improper Inventory Management: what is served is documented, and nothing else is."""

import tomllib

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from app.api.route import Route as Operation
from app.core.config import ROOT
from app.core.policy import POLICY
from app.main import VERSION
from tests.operations import openapi, operations
from tests.web.browser import on_one_database

pytestmark = on_one_database

# Served beside the operations of the API, and only to read.
PAGES = {
    *("/", "/recipes", "/recipes/{reference}", "/recipes/{reference}/cook", "/problems/{slug}"),
    *("/recipes/{reference}/history", "/recipes/{reference}/history/{version}"),
    *("/export", "/export/file", "/trash"),
}
MACHINES = {"/robots.txt", "/sitemap.xml", "/sitemap-{number}.xml", "/feed.xml", "/metrics"}
DOCUMENTATION = {"/api/v1/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
FILES = {"/static/{name}", "/docs/assets"}
# Forms, and where they are sent to.
FORMS = {
    *("/login", "/signup", "/logout", "/import", "/recipes/new"),
    *("/recipes/{reference}/edit", "/recipes/{reference}/remove"),
}
SENT = {
    *("/recipes/{reference}/delete", "/recipes/{reference}/restore"),
    "/recipes/{reference}/share-link",
    "/recipes/{reference}/history/{version}/restore",
}
PROBES = {"/livez", "/readyz"}


def test_every_route_is_an_operation_that_is_documented_or_on_this_list(
    app: FastAPI, client: TestClient
) -> None:
    documented = {(operation.method, operation.path) for operation in operations(client)}
    served = set()
    others: dict[str, set[str]] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount):
            others[route.path] = {"GET", "HEAD"}
            continue
        assert isinstance(route, Route)
        methods = route.methods or set()
        if (next(iter(methods)), route.path) in documented:
            served |= {(method, route.path) for method in methods}
            assert isinstance(route, Operation) or route.path in PROBES
        else:
            others.setdefault(route.path, set()).update(methods)
    assert served == documented
    reading = {path: {"GET", "HEAD"} for path in PAGES | MACHINES | DOCUMENTATION | FILES}
    forms = {path: {"GET", "HEAD", "POST"} for path in FORMS}
    assert others == reading | forms | {path: {"POST"} for path in SENT}


def test_there_is_one_version_of_the_api(client: TestClient) -> None:
    assert {path.split("/")[2] for path in openapi(client)["paths"] if path not in PROBES} == {"v1"}


def test_no_route_is_served_twice(app: FastAPI) -> None:
    served = [
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    ]
    assert len(served) == len(set(served))


def test_every_operation_that_looks_at_no_credentials_is_known_here(client: TestClient) -> None:
    assert {name for name, rule in POLICY.items() if rule.scope is None} == {
        *("sign_up", "log_in", "live", "ready"),
    }


def test_the_document_has_the_version_of_the_application(client: TestClient) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert openapi(client)["info"]["version"] == VERSION == project["version"]
    assert client.get("/readyz").json()["checks"]["version"] == VERSION


def test_nothing_documented_is_a_draft(client: TestClient, subtests: pytest.Subtests) -> None:
    for operation in operations(client):
        with subtests.test(operation.name):
            assert not operation.described.get("deprecated")
