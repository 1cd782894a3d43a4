"""Versions, entity tags and If-Match: nobody overwrites what they have not seen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.documents import ODD
from tests.factories import API, Account, create_recipe
from tests.problems import assert_problem, places_of

RECIPES = f"{API}/recipes"
METHODS = ("PUT", "PATCH", "DELETE")


def change(
    client: TestClient, method: str, recipe_id: int, headers: dict[str, str]
) -> httpx2.Response:
    """A change that is right in itself."""
    body = None if method == "DELETE" else {"label": "Changed"}
    return client.request(method, f"{RECIPES}/{recipe_id}", json=body, headers=headers)


def put(client: TestClient, user: Account, recipe_id: int, **members: object) -> httpx2.Response:
    return client.put(f"{RECIPES}/{recipe_id}", json=members, headers=user.headers)


def patch(client: TestClient, user: Account, recipe_id: int, **members: object) -> httpx2.Response:
    return client.patch(f"{RECIPES}/{recipe_id}", json=members, headers=user.headers)


def read(client: TestClient, recipe_id: int) -> dict[str, Any]:
    recipe: dict[str, Any] = client.get(f"{RECIPES}/{recipe_id}").json()
    return recipe


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_is_a_new_version(client: TestClient, user: Account, method: str) -> None:
    recipe = create_recipe(client, user)
    changed = change(client, method, recipe["id"], user.headers).json()
    assert changed["version"] == recipe["version"] + 1
    assert changed["created_at"] == recipe["created_at"]
    assert datetime.fromisoformat(changed["updated_at"]) > datetime.fromisoformat(
        recipe["updated_at"]
    )


@pytest.mark.parametrize("document", ODD.values(), ids=ODD.keys())
def test_the_etag_of_a_change_is_that_of_the_recipe(
    client: TestClient, user: Account, document: dict[str, Any]
) -> None:
    recipe = create_recipe(client, user)
    changed = put(client, user, recipe["id"], **document)
    stored = client.get(f"{RECIPES}/{recipe['id']}", headers=user.headers)
    assert changed.headers["etag"] == stored.headers["etag"]
    assert changed.content == stored.content


@pytest.mark.parametrize("document", ODD.values(), ids=ODD.keys())
def test_the_etag_that_was_read_is_the_one_to_send(
    client: TestClient, user: Account, document: dict[str, Any]
) -> None:
    recipe = create_recipe(client, user, **document)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    assert change(client, "PATCH", recipe["id"], user.headers | {"If-Match": etag}).is_success


@pytest.mark.parametrize("method", METHODS)
def test_the_current_etag_lets_a_change_pass(
    client: TestClient, user: Account, method: str
) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    assert change(client, method, recipe["id"], user.headers | {"If-Match": etag}).is_success


@pytest.mark.parametrize(
    "template", ['{}, "x"', '"x" , W/"y",{}', "*", " {} ", '"x",, {}', ",{},", "{}, "]
)
def test_if_match_is_a_list(client: TestClient, user: Account, template: str) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    headers = user.headers | {"If-Match": template.format(etag)}
    assert change(client, "PATCH", recipe["id"], headers).is_success


@pytest.mark.parametrize("template", ['"x"', "W/{}", '"x", W/{}'])
def test_a_mismatch_changes_nothing_and_tells_the_current_etag(
    client: TestClient, user: Account, template: str
) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    headers = user.headers | {"If-Match": template.format(etag)}
    answer = change(client, "PATCH", recipe["id"], headers)
    assert_problem(answer, 412)
    assert answer.headers["etag"] == etag
    assert read(client, recipe["id"]) == recipe


@pytest.mark.parametrize("method", METHODS)
def test_the_second_of_two_devices_is_told(client: TestClient, user: Account, method: str) -> None:
    recipe = create_recipe(client, user)
    old = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    assert patch(client, user, recipe["id"], notes="of the first device").is_success
    answer = change(client, method, recipe["id"], user.headers | {"If-Match": old})
    assert_problem(answer, 412)
    assert read(client, recipe["id"])["notes"] == "of the first device"


def test_a_broken_if_match_changes_nothing(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    for header in ("x", '"', '"a" "b"', 'w/"a"', '"a", b', "", '"a\0"'):
        with subtests.test(repr(header)):
            answer = change(client, "PATCH", recipe["id"], user.headers | {"If-Match": header})
            assert places_of(assert_problem(answer, 400, 412, 422)) <= {"If-Match"}
    assert read(client, recipe["id"]) == recipe


def test_a_precondition_does_not_tell_what_is_hidden(
    client: TestClient, user: Account, other_user: Account
) -> None:
    recipe = create_recipe(client, user, visibility="private")
    headers = other_user.headers | {"If-Match": '"x"'}
    answer = change(client, "PATCH", recipe["id"], headers)
    assert_problem(answer, 404)
    assert "etag" not in answer.headers


# --- At once -------------------------------------------------------------------------------------


def test_parallel_changes_without_a_precondition_all_succeed(
    client: TestClient, user: Account
) -> None:
    recipe = create_recipe(client, user)

    def add(number: int) -> int:
        return patch(client, user, recipe["id"], extras={str(number): number}).status_code

    with ThreadPoolExecutor(10) as threads:
        assert set(threads.map(add, range(10))) == {200}
    changed = read(client, recipe["id"])
    assert changed["extras"] == {str(number): number for number in range(10)}
    assert changed["version"] == recipe["version"] + 10


@pytest.mark.parametrize("method", METHODS)
def test_of_parallel_changes_with_one_etag_one_succeeds(
    client: TestClient, user: Account, method: str
) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    headers = user.headers | {"If-Match": etag}

    def try_it(_: int) -> int:
        return change(client, method, recipe["id"], headers).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(try_it, range(8)))
    success, failure = (204, 404) if method == "DELETE" else (200, 412)
    assert statuses == [success] + [failure] * 7
