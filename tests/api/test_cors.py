"""CORS_ORIGINS: the web pages of other origins that may call the API."""

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests.databases import execute
from tests.factories import API, Account, create_recipe
from tests.problems import assert_problem
from tests.web.browser import on_one_database

pytestmark = on_one_database

ORIGINS = ("https://app.example.com", "http://localhost:3000")
OURS = {"Origin": ORIGINS[0]}
RECIPES = f"{API}/recipes"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# What a browser lets a page send and read without being told (Fetch standard, in lower case).
SAFE_TO_SEND = {"accept", "accept-language", "content-language", "content-type"}
SAFE_TO_READ = {"cache-control", "content-language", "content-length", "content-type"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    changes = {"cors_origins": ORIGINS, "allowed_hosts": "testserver"}
    return Settings.model_validate(dict(settings) | changes)


def preflight(client: httpx2.Client, method: str = "POST", **headers: str) -> httpx2.Response:
    asked = {**OURS, "Access-Control-Request-Method": method}
    asked |= {name.replace("_", "-"): value for name, value in headers.items()}
    return client.options(RECIPES, headers=asked)


def names(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",")}


def assert_readable(answer: httpx2.Response, origin: str = OURS["Origin"]) -> None:
    """A page of `origin` may read the answer, and no cache gives it to a page of another."""
    assert answer.headers.get_list("access-control-allow-origin") == [origin]
    assert "origin" in names(answer.headers["vary"])
    assert "access-control-allow-credentials" not in answer.headers
    assert len(answer.headers["x-request-id"]) >= 8


# --- Preflights ----------------------------------------------------------------------------------


def test_a_page_may_ask_with_all_methods_and_headers(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    asked = "authorization, content-type, if-match, if-none-match, idempotency-key, x-request-id"
    for origin in ORIGINS:
        for method in METHODS:
            with subtests.test(f"{origin} {method}"):
                answer = preflight(
                    client, method, Origin=origin, Access_Control_Request_Headers=asked
                )
                assert answer.status_code == 200
                assert_readable(answer, origin)
                assert names(answer.headers["access-control-allow-methods"]) >= {method.lower()}
                assert names(answer.headers["access-control-allow-headers"]) >= names(asked)
                assert int(answer.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "http://app.example.com", "https://app.example.com:8443"),
        *("https://x.app.example.com", "https://app.example.com.evil.example", "null", "", "*"),
        "https://APP.example.com",
    ],
)
def test_a_page_of_another_origin_may_not(client: TestClient, origin: str) -> None:
    answer = preflight(client, Origin=origin)
    assert "origin" in assert_problem(answer, 400)["detail"]
    assert "evil" not in answer.text
    read = client.get(RECIPES, headers={"Origin": origin})
    # It is answered, and its browser keeps the answer to itself.
    assert read.status_code == 200
    for each in (answer, read):
        assert "access-control-allow-origin" not in each.headers
        assert "origin" in names(each.headers["vary"])


def test_what_a_page_may_not_is_told(client: TestClient, subtests: pytest.Subtests) -> None:
    for method, header in (("BREW", "accept"), ("OPTIONS", "accept"), ("GET", "x-own")):
        with subtests.test(f"{method} {header}"):
            answer = preflight(client, method, Access_Control_Request_Headers=header)
            document = assert_problem(answer, 400)
            assert ("method" in document["detail"]) == (method != "GET")
            assert ("headers" in document["detail"]) == (method == "GET")
            assert_readable(answer)


def test_options_without_a_preflight_is_a_method_as_any(client: TestClient) -> None:
    assert_problem(client.options(RECIPES, headers=OURS), 405)


# --- Answers -------------------------------------------------------------------------------------


def test_a_page_may_read_every_answer(
    client: TestClient, user: Account, database_url: str, subtests: pytest.Subtests
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    etag = client.get(path).headers["etag"]
    mine = OURS | user.headers
    answers = {
        200: client.get(path, headers=mine),
        201: client.post(RECIPES, json={"label": "Toast"}, headers=mine),
        304: client.get(path, headers=OURS | {"If-None-Match": etag}),
        400: client.get(path, headers=OURS | {"Host": "evil.example"}),
        401: client.post(RECIPES, json={"label": "Toast"}, headers=OURS),
        404: client.get(f"{RECIPES}/999", headers=OURS),
        405: client.request("BREW", path, headers=OURS),
        412: client.patch(path, json={"notes": "x"}, headers=mine | {"If-Match": '"x"'}),
        413: client.post(RECIPES, content=b" " * (1024 * 1024 + 1), headers=mine),
        415: client.post(RECIPES, content=b"{}", headers=mine | {"Content-Type": "text/plain"}),
        422: client.get(f"{RECIPES}?limit=0", headers=OURS),
        204: client.delete(path, headers=mine),
    }
    execute(database_url, "ALTER TABLE recipe RENAME COLUMN label TO other")
    answers[500] = client.get(RECIPES, headers=OURS)
    for status, answer in answers.items():
        with subtests.test(str(status)):
            assert answer.status_code == status
            assert_readable(answer)
            assert "authorization" in names(answer.headers["vary"])


def test_each_origin_is_answered_with_itself(client: TestClient) -> None:
    for origin in ORIGINS:
        assert_readable(client.get(RECIPES, headers={"Origin": origin}), origin)
    without = client.get(RECIPES)
    assert "access-control-allow-origin" not in without.headers
    assert names(without.headers["vary"]) >= {"origin", "authorization"}


def test_a_page_may_send_and_read_all_headers_that_are_documented(client: TestClient) -> None:
    operations = [
        operation
        for path in client.get(f"{API}/openapi.json").json()["paths"].values()
        for operation in path.values()
    ]
    taken = {
        parameter["name"].lower()
        for operation in operations
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "header"
    }
    given = {
        name.lower()
        for operation in operations
        for answer in operation["responses"].values()
        for name in answer.get("headers", {})
    }
    assert {"if-match"} <= taken
    assert {"etag", "location", "x-request-id", "retry-after"} <= given
    assert taken <= names(preflight(client).headers["access-control-allow-headers"]) | SAFE_TO_SEND
    exposed = client.get(RECIPES, headers=OURS).headers["access-control-expose-headers"]
    assert given | {"link"} <= names(exposed) | SAFE_TO_READ


# --- Other settings ------------------------------------------------------------------------------


def test_without_the_setting_no_page_may(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"cors_origins": ()}))
    with TestClient(app) as client:
        assert_problem(preflight(client), 405)
        answer = client.get(RECIPES, headers=OURS)
        assert answer.status_code == 200
        assert not any(name.startswith("access-control") for name in answer.headers)


def test_in_development_every_page_may(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"cors_origins": ("*",)}))
    with TestClient(app) as client:
        for answer in (preflight(client), client.get(RECIPES, headers=OURS)):
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers
