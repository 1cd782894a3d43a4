"""Every error is a problem document (RFC 9457) that says what, where and why, and no more."""

import json
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.api.problems import KINDS
from app.core.config import ROOT
from tests.databases import execute
from tests.factories import API, Account, create_recipe
from tests.problems import assert_problem, places_of

RECIPES = f"{API}/recipes"
JSON = {"Content-Type": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


ERRORS: list[tuple[int, str, str, dict[str, Any]]] = [
    (400, "POST", f"{API}/auth/signup", {"content": "{", "headers": JSON}),
    (401, "POST", RECIPES, {"json": {"label": "x"}}),
    (404, "GET", f"{RECIPES}/999999", {}),
    (404, "GET", "/api/v1/nothing", {}),
    (404, "GET", "/api/v2/recipes", {}),
    (404, "GET", "/nothing", {}),
    (404, "GET", "/static/nothing.css", {}),
    (404, "GET", "/docs/assets/nothing.js", {}),
    (404, "GET", "/recipes/999999", {}),
    (405, "PUT", RECIPES, {"json": {}}),
    (405, "POST", "/", {}),
    (405, "POST", "/livez", {}),
    (405, "DELETE", "/static/style.css", {}),
    (413, "POST", RECIPES, {"content": b" " * 1_100_000, "headers": JSON}),
    (422, "GET", f"{RECIPES}?limit=0", {}),
    (422, "GET", f"{RECIPES}/none", {}),
]


def test_an_error_is_a_problem_document(client: TestClient, subtests: pytest.Subtests) -> None:
    for status, method, path, arguments in ERRORS:
        with subtests.test(f"{status} {method} {path}"):
            document = assert_problem(client.request(method, path, **arguments), status)
            assert document["type"] == f"/problems/{KINDS[status].slug}"


def test_a_type_is_a_page_that_explains_it(client: TestClient, subtests: pytest.Subtests) -> None:
    for kind in KINDS.values():
        with subtests.test(kind.slug):
            answer = client.get(f"/problems/{kind.slug}")
            assert answer.status_code == 200
            assert kind.title in answer.text


def test_every_place_is_named(client: TestClient, user: Account) -> None:
    body = {
        "servings": 0,
        "tags": ["fine", {"kind": "colour", "name": "x"}, {"kind": "diet"}],
        "ingredients": [{"text": "x", "quantity": "much"}],
        "nutrition": {"fat_g": -1, "joules": 5},
        "a/b~c": 1,
    }
    answer = client.post(RECIPES, json=body, headers=user.headers)
    assert places_of(assert_problem(answer, 422)) == {
        "/label",
        "/servings",
        "/tags/1/kind",
        "/tags/2/name",
        "/ingredients/0/quantity",
        "/nutrition/fat_g",
        "/nutrition/joules",
        "/a~1b~0c",
    }


def test_parameters_are_named_as_parameters(client: TestClient) -> None:
    document = assert_problem(client.get(f"{RECIPES}?limit=0&sort=x&source={'a' * 300}"), 422)
    assert {fault["parameter"] for fault in document["errors"]} == {"limit", "sort", "source"}


def test_the_path_is_a_parameter(client: TestClient) -> None:
    document = assert_problem(client.get(f"{RECIPES}/none"), 422)
    assert places_of(document) == {"recipe_id"}


def test_a_body_of_another_type_is_named_as_a_whole(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for body in ("[]", "null", '"x"', "1"):
        with subtests.test(body):
            answer = client.post(RECIPES, content=body, headers=user.headers | JSON)
            assert places_of(assert_problem(answer, 422)) == {""}


def test_a_thousand_faults_are_not_a_thousand_lines(client: TestClient, user: Account) -> None:
    body = {"label": "x", "ingredients": [{"text": 1}] * 400}
    document = assert_problem(client.post(RECIPES, json=body, headers=user.headers), 422)
    assert 1 <= len(document["errors"]) <= 100


def test_unknown_names_are_cut(client: TestClient, user: Account) -> None:
    body = {"label": "x", "n" * 300: 1, "extras": {}, "nutrition": {"m" * 300: 1}}
    document = assert_problem(client.post(RECIPES, json=body, headers=user.headers), 422)
    assert places_of(document) == {"/" + "n" * 64, "/nutrition/" + "m" * 64}
    document = assert_problem(client.get(f"{RECIPES}?{'q' * 300}=1"), 422)
    assert places_of(document) == {"q" * 64}


def test_the_instance_has_no_query(client: TestClient) -> None:
    document = assert_problem(client.get(f"{RECIPES}/999999?colour=red"), 404, 422)
    assert document["instance"] == f"{RECIPES}/999999"


def test_the_api_answers_browsers_with_problem_documents_too(client: TestClient) -> None:
    assert_problem(client.get(f"{RECIPES}/999999", headers=BROWSER), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/recipes/999999", 404), ("POST", "/", 405)],
)
def test_elsewhere_browsers_get_a_page(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path, headers=BROWSER)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize(
    "accept", ["application/json", "text/html;q=0, */*", "*/*, TEXT/HTML ; Q=0.000", "text/htmlx"]
)
def test_who_wants_no_page_gets_none(client: TestClient, accept: str) -> None:
    assert_problem(client.get("/nothing", headers={"Accept": accept}), 404)


# --- Request ids ---------------------------------------------------------------------------------


def test_a_good_request_id_is_kept(client: TestClient, subtests: pytest.Subtests) -> None:
    for given in ("a", "A-b_c.9", "x" * 64):
        with subtests.test(given):
            answer = client.get(f"{RECIPES}/999999", headers={"X-Request-ID": given})
            assert assert_problem(answer, 404)["request_id"] == given


def test_another_request_id_is_replaced(client: TestClient, subtests: pytest.Subtests) -> None:
    for given in ("", " ", "a b", "x" * 65, "<script>", "a\tb", "é", "a/b", '{"a":1}'):
        with subtests.test(repr(given)):
            answer = client.get(f"{RECIPES}/999999", headers={b"X-Request-ID": given.encode()})
            document = assert_problem(answer, 404)
            assert document["request_id"] != given
            assert len(document["request_id"]) >= 8


def test_every_request_has_an_id_of_its_own(client: TestClient) -> None:
    ids = {client.get("/livez").headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


# --- Our own faults ------------------------------------------------------------------------------


def test_a_fault_of_ours_tells_nothing(
    client: TestClient, user: Account, database_url: str
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    execute(database_url, "ALTER TABLE recipe RENAME COLUMN label TO a_secret_name")
    for answer in (
        client.get(path),
        client.get(RECIPES),
        client.post(RECIPES, json={"label": "x"}, headers=user.headers),
    ):
        document = assert_problem(answer, 500)
        assert document["errors"] == []
        for told in ("recipe.", "label", "column", "SELECT", "INSERT", "Error", ".py", str(ROOT)):
            assert told not in json.dumps(document)


def test_a_page_that_fails_is_a_page(client: TestClient, database_url: str) -> None:
    execute(database_url, "ALTER TABLE recipe RENAME COLUMN label TO a_secret_name")
    answer = client.get("/", headers=BROWSER)
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in answer.text
    assert "column" not in answer.text


def test_it_goes_on_after_a_fault(client: TestClient, user: Account, database_url: str) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    execute(database_url, "ALTER TABLE recipe RENAME COLUMN label TO other")
    assert_problem(client.get(path), 500)
    execute(database_url, "ALTER TABLE recipe RENAME COLUMN other TO label")
    assert client.get(path).json() == recipe


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_database_without_tables_is_unavailable(
    client: TestClient, user: Account, database_url: str, method: str
) -> None:
    # The others refer to it.
    for table in ("recipe_version", "recipe_tag", "recipe_search", "share_link", "recipe"):
        execute(database_url, f"DROP TABLE {table}")
    body = {"label": "x"} if method == "POST" else None
    answer: httpx2.Response = client.request(method, RECIPES, json=body, headers=user.headers)
    assert_problem(answer, 503)
