"""PUT, PATCH and DELETE of recipes, and the preconditions that go with them."""

import json
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.documents import DEFAULTS, ODD, WHOLE, document_of
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}

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


def read(client: TestClient, recipe_id: int, user: Account | None = None) -> dict[str, Any]:
    headers = user.headers if user else {}
    recipe: dict[str, Any] = client.get(f"{RECIPES}/{recipe_id}", headers=headers).json()
    return recipe


# --- PUT -----------------------------------------------------------------------------------------


def test_put_replaces_the_whole_document(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE | {"visibility": "public"})
    answer = put(client, user, recipe["id"], label="Toast")
    assert answer.status_code == 200
    assert document_of(answer.json()) == {"label": "Toast", **DEFAULTS}
    assert read(client, recipe["id"]) == answer.json()


def test_put_stores_all_members(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    assert document_of(put(client, user, recipe["id"], **WHOLE).json()) == WHOLE


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
def test_put_without_visibility_keeps_what_is_stored(
    client: TestClient, user: Account, visibility: str
) -> None:
    recipe = create_recipe(client, user, visibility=visibility)
    assert put(client, user, recipe["id"], label="Toast").json()["visibility"] == visibility


def test_put_needs_a_label(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    assert_invalid(put(client, user, recipe["id"], notes="x"), "/label")
    assert read(client, recipe["id"]) == recipe


@pytest.mark.parametrize("document", ODD.values(), ids=ODD.keys())
def test_put_takes_what_get_gave(
    client: TestClient, user: Account, document: dict[str, Any]
) -> None:
    recipe = create_recipe(client, user, **document)
    answer = put(client, user, recipe["id"], **read(client, recipe["id"], user))
    assert answer.status_code == 200, answer.text
    assert document_of(answer.json()) == document_of(recipe)


# --- PATCH ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, MERGE_PATCH], ids=["application/json", "merge-patch"])
def test_patch_changes_the_given_members_alone(
    client: TestClient, user: Account, headers: dict[str, str]
) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    path = f"{RECIPES}/{recipe['id']}"
    answer = client.patch(path, json={"author": "Me"}, headers=user.headers | headers)
    assert answer.status_code == 200
    assert document_of(answer.json()) == WHOLE | {"author": "Me"}
    assert read(client, recipe["id"], user) == answer.json()


@pytest.mark.parametrize(
    ("stored", "changes", "expected"),
    [
        ({"notes": "x"}, {"notes": None}, {"notes": None}),
        ({"url": "https://a.example/"}, {"url": None}, {"url": None}),
        ({"servings": 4}, {"servings": None}, {"servings": None}),
        ({"tags": ["a"]}, {"tags": None}, {"tags": []}),
        ({"steps": ["a"]}, {"steps": None}, {"steps": []}),
        ({"ingredients": ["a"]}, {"ingredients": None}, {"ingredients": []}),
        ({"extras": {"a": 1}}, {"extras": None}, {"extras": {}}),
        ({"nutrition": {"fat_g": 1}}, {"nutrition": None}, {"nutrition": None}),
    ],
    ids=lambda members: next(iter(members)),
)
def test_null_removes(
    client: TestClient,
    user: Account,
    stored: dict[str, Any],
    changes: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    recipe = create_recipe(client, user, **stored)
    answer = patch(client, user, recipe["id"], **changes)
    assert answer.status_code == 200, answer.text
    assert document_of(answer.json()) == document_of(recipe) | expected


def test_null_on_a_required_member_is_refused(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    assert_invalid(patch(client, user, recipe["id"], label=None), "/label")


def test_patch_merges_objects(client: TestClient, user: Account) -> None:
    recipe = create_recipe(
        client, user, nutrition={"calories": 200, "fat_g": 5}, extras={"a": {"b": 1, "c": 2}}
    )
    changes = {"nutrition": {"fat_g": None, "protein_g": 7}, "extras": {"a": {"b": None, "d": 3}}}
    changed = patch(client, user, recipe["id"], **changes).json()
    given = {name: value for name, value in changed["nutrition"].items() if value is not None}
    assert given == {"calories": 200, "protein_g": 7}
    assert changed["extras"] == {"a": {"c": 2, "d": 3}}


def test_patch_replaces_lists(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, steps=["one", "two"], tags=["a", "b"])
    changed = patch(client, user, recipe["id"], steps=["three"], tags=["c"]).json()
    assert [step["text"] for step in changed["steps"]] == ["three"]
    assert [tag["name"] for tag in changed["tags"]] == ["c"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("stored", "sent"), [("1", "true"), ("false", "0"), ("1", "1.0"), ("[0]", "[false]")]
)
def test_what_python_calls_equal_is_a_change_too(
    client: TestClient, user: Account, method: str, stored: str, sent: str
) -> None:
    recipe = create_recipe(client, user, extras={"a": json.loads(stored)})
    path = f"{RECIPES}/{recipe['id']}"
    extras = {"a": json.loads(sent)}
    body = {"label": "x", "extras": extras}
    assert client.request(method, path, json=body, headers=user.headers).is_success
    assert json.dumps(read(client, recipe["id"])["extras"]) == json.dumps(extras)


def test_an_empty_patch_changes_nothing(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    assert document_of(patch(client, user, recipe["id"]).json()) == WHOLE


def test_patch_takes_what_get_gave(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    answer = patch(client, user, recipe["id"], **recipe | {"notes": "new"})
    assert answer.status_code == 200
    assert document_of(answer.json()) == WHOLE | {"notes": "new"}


def test_a_patch_is_an_object(client: TestClient, user: Account, subtests: pytest.Subtests) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    for body in ("[]", '"label"', "1", "null", "true"):
        with subtests.test(body):
            answer = client.patch(path, content=body, headers=user.headers | MERGE_PATCH)
            assert_problem(answer, 422)
    assert read(client, recipe["id"]) == recipe


def test_two_changes_may_not_together_break_a_bound(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, steps=["x" * 3000] * 100)
    assert_problem(patch(client, user, recipe["id"], ingredients=["x" * 1000] * 300), 422)
    assert read(client, recipe["id"]) == recipe


# --- Read-only members ---------------------------------------------------------------------------

OTHERS: dict[str, object] = {
    "id": 999,
    "submitter_id": 999,
    "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_read_only_member_that_differs_is_refused(
    client: TestClient, user: Account, method: str, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    for member, other in OTHERS.items():
        with subtests.test(member):
            body = {"label": "Toast", member: other}
            answer = client.request(method, path, json=body, headers=user.headers)
            assert_invalid(answer, f"/{member}")
    assert read(client, recipe["id"]) == recipe


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_stale_version_is_a_failed_precondition(
    client: TestClient, user: Account, method: str
) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    current = patch(client, user, recipe["id"], notes="meanwhile")
    body = {"label": "Toast", "version": recipe["version"]}
    answer = client.request(method, path, json=body, headers=user.headers)
    assert_problem(answer, 412)
    assert answer.headers["etag"] == current.headers["etag"]
    assert read(client, recipe["id"]) == current.json()


# --- Rights --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_nobody_changes_without_a_token(client: TestClient, user: Account, method: str) -> None:
    recipe = create_recipe(client, user)
    assert_problem(change(client, method, recipe["id"], {}), 401)
    assert read(client, recipe["id"]) == recipe


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("visibility", "status"), [("public", 403), ("private", 404)])
def test_nobody_changes_the_recipe_of_another(
    client: TestClient,
    user: Account,
    other_user: Account,
    method: str,
    visibility: str,
    status: int,
) -> None:
    recipe = create_recipe(client, user, visibility=visibility)
    assert_problem(change(client, method, recipe["id"], other_user.headers), status)
    stored = client.get(f"{RECIPES}/{recipe['id']}", headers=user.headers).json()
    assert stored == recipe


@pytest.mark.parametrize("method", METHODS)
def test_a_superuser_changes_every_recipe(
    client: TestClient, user: Account, superuser: Account, method: str
) -> None:
    recipe = create_recipe(client, user, visibility="private")
    assert change(client, method, recipe["id"], superuser.headers).is_success


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_there_cannot_be_changed(
    client: TestClient, user: Account, method: str
) -> None:
    assert_problem(change(client, method, 999_999, user.headers), 404)


# --- DELETE --------------------------------------------------------------------------------------


def test_delete_answers_nothing(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    answer = change(client, "DELETE", recipe["id"], user.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("method", ["GET", *METHODS])
def test_what_was_deleted_is_not_there(client: TestClient, user: Account, method: str) -> None:
    recipe = create_recipe(client, user)
    change(client, "DELETE", recipe["id"], user.headers)
    body = {"label": "Again"} if method in ("PUT", "PATCH") else None
    path = f"{RECIPES}/{recipe['id']}"
    assert_problem(client.request(method, path, json=body, headers=user.headers), 404)
