"""Reads with and without `app.api.fast_reads`: the same answers, byte for byte."""

from collections.abc import Iterator

import httpx2
import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from app import main
from app.api.fast_reads import FastReads
from app.core.config import Settings
from app.main import create_app
from tests.client import Client
from tests.factories import API, Account, create_recipe
from tests.operations import operations, path_to
from tests.web.browser import on_one_database

# Queries and headers that are right and wrong in every way that the reads look at.
QUERIES = [
    *("", "limit=1", "limit=1&limit=2", "limit=0", "limit=x", "nonsense=1", "limit", "count=true"),
    *("q=toast", "q=", "tag=a&tag=b", "sort=label", "sort=wrong", "cursor=forged", "view=full"),
    *("keyword=toast", "keyword=to", "max_results=1&keyword=toast", "max_results=0"),
    *("servings=2", "servings=0", "servings=2&servings=3", "key=x", "key=" + "x" * 65),
    *("since=0&limit=1", "since=-1", "since=x", "kind=cuisine", "%ff=1", "a" * 100 + "=1"),
]
HEADERS: list[dict[str, str]] = [
    {"Accept": "text/markdown"},
    {"Accept": "image/png"},
    {"If-None-Match": "*"},
    {"If-Match": '"of another"'},
    {"Authorization": "Bearer garbage"},
    {"Authorization": "Basic garbage"},
]


@pytest.fixture
def plain_client(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of the same application without the module, as if it were deleted."""

    def pass_on(app: ASGIApp) -> ASGIApp:
        return app

    monkeypatch.setattr(main, "FastReads", pass_on)
    with Client(create_app(settings)) as client:
        yield client


def seen(answer: httpx2.Response) -> tuple[int, dict[str, str], str]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    text = answer.text.replace(answer.headers["x-request-id"], "the request id")
    return answer.status_code, headers, text


def test_the_answers_are_the_same_without_it(
    client: TestClient, plain_client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    create_recipe(client, user, label="Toast", servings=2, tags=["a"])
    for operation in operations(client):
        if operation.method != "GET" or operation.name in ("ready", "export_recipes"):
            continue
        path = path_to(client, operation, user)
        paths = [path, f"{path}/", path.replace("1", "01"), path.replace("1", "x"), f"{path}/x"]
        requests: list[tuple[str, dict[str, str]]] = [(f"{path}?{query}", {}) for query in QUERIES]
        requests += [(each, {}) for each in paths]
        requests += [(path, headers) for headers in HEADERS]
        for url, headers in requests:
            for credentials in ({}, user.headers):
                # HEAD is the same to the module: CanonicalRequest turns it into GET.
                for method in ("GET", "HEAD") if url == path else ("GET",):
                    sent = credentials | headers
                    first, second = (
                        each.request(method, url, headers=sent) for each in (client, plain_client)
                    )
                    with subtests.test(f"{method} {url} {sorted(sent)}"):
                        assert seen(first) == seen(second)


class Refusal(FastReads):
    """Fails for each GET that it would pass on to FastAPI."""

    def __init__(self, app: ASGIApp) -> None:
        async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
            assert scope.get("method") != "GET", f"{scope['path']} was passed on"
            await app(scope, receive, send)

        super().__init__(refuse)


@on_one_database
def test_it_knows_the_busiest_reads(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "FastReads", Refusal)
    busiest = {
        "/recipes": 200,
        "/recipes?q=toast&tag=a&limit=5": 200,
        "/recipes/1": 404,
        "/recipes/1/versions": 404,
        "/tags": 200,
    }
    with Client(create_app(settings)) as client:
        assert {path: client.get(f"{API}{path}").status_code for path in busiest} == busiest
