"""API9:2023 Improper Inventory Management: what is served is documented, and nothing else is."""

import tomllib

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from app.api.route import Route as Operation
from app.core.config import ROOT
from app.core.policy import POLICY
from app.main import VERSION
from tests.operations import openapi, operations
from tests.web.browser import on_one_database

pytestmark = on_one_database

# Served beside the operations of the API; all of it is for everybody, and only to read.
PAGES = {"/", "/recipes/{reference}", "/problems/{slug}"}
DOCUMENTATION = {"/api/v1/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
FILES = {"/static", "/docs/assets"}
PROBES = {"/livez", "/readyz"}


def test_every_route_is_an_operation_that_is_documented_or_on_this_list(
    app: FastAPI, client: TestClient
) -> None:
    documented = {(operation.method, operation.path) for operation in operations(client)}
    served = set()
    others = set()
    for route in app.routes:
        if isinstance(route, Mount):
            others.add(route.path)
            continue
        assert isinstance(route, Route)
        methods = route.methods or set()
        if (next(iter(methods)), route.path) in documented:
            served |= {(method, route.path) for method in methods}
            assert isinstance(route, Operation) or route.path in PROBES
        else:
            others.add(route.path)
            assert methods == {"GET", "HEAD"}
    assert served == documented
    assert others == PAGES | DOCUMENTATION | FILES


def test_there_is_one_version_of_the_api(client: TestClient) -> None:
    assert {path.split("/")[2] for path in openapi(client)["paths"] if path not in PROBES} == {"v1"}


def test_no_route_is_served_twice(app: FastAPI) -> None:
    served = [
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route)
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
