"""The history of a recipe: each change keeps the version before it, and any comes back."""

import json
from typing import Any

import httpx2
import hypothesis
import jsonpatch
import pytest
from fastapi.testclient import TestClient

from tests.documents import WHOLE, document_of
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem
from tests.strategies import EXPLORE, documents

RECIPES = f"{API}/recipes"


def versions(recipe: dict[str, Any], *rest: object) -> str:
    return "/".join(map(str, (RECIPES, recipe["id"], "versions", *rest)))


def listed(
    client: TestClient, recipe: dict[str, Any], who: Account | None = None
) -> list[dict[str, Any]]:
    answer = client.get(versions(recipe), headers=who.headers if who else {})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def patch(
    client: TestClient, who: Account, recipe: dict[str, Any], **members: object
) -> dict[str, Any]:
    answer = client.patch(f"{RECIPES}/{recipe['id']}", json=members, headers=who.headers)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def as_text(document: object) -> str:
    """Its JSON, for 1, 1.0 and true are equal as values; the order of members means nothing."""
    return json.dumps(document, sort_keys=True)


# --- What is kept --------------------------------------------------------------------------------


def test_each_change_keeps_the_version_before_it(client: TestClient, user: Account) -> None:
    states = [create_recipe(client, user, **WHOLE)]
    path = f"{RECIPES}/{states[0]['id']}"
    states.append(patch(client, user, states[0], label="Second", extras={"a": 1}))
    states.append(client.put(path, json={"label": "Third"}, headers=user.headers).json())
    states.append(patch(client, user, states[0], servings=2))
    assert [state["version"] for state in states] == [1, 2, 3, 4]
    assert listed(client, states[0], user) == [
        {
            "version": state["version"],
            "at": state["updated_at"],
            "author_id": user.id,
            "label": state["label"],
        }
        for state in reversed(states)
    ]
    for state in states:
        answer = client.get(versions(state, state["version"]), headers=user.headers).json()
        document = answer.pop("recipe")
        assert answer in listed(client, state, user)
        assert str(document) == str(document_of(state))


def test_a_new_recipe_has_one_version(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    assert [entry["version"] for entry in listed(client, recipe)] == [1]


def test_what_changes_nothing_makes_no_version(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    path = f"{RECIPES}/{recipe['id']}"
    requests: dict[str, tuple[str, str, object]] = {
        "empty patch": ("PATCH", path, {}),
        "patch of the same": ("PATCH", path, {"label": WHOLE["label"], "extras": WHOLE["extras"]}),
        "put of the same": ("PUT", path, WHOLE),
        "restore of what is not in the trash": ("POST", f"{path}/restore", None),
    }
    for name, (method, url, body) in requests.items():
        with subtests.test(name):
            answer = client.request(method, url, json=body, headers=user.headers)
            assert answer.status_code == 200, answer.text
            assert answer.json() == recipe
            assert len(listed(client, recipe, user)) == 1


def test_every_restore_is_a_new_version(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    restored = client.post(versions(recipe, 1, "restore"), headers=user.headers).json()
    assert restored == recipe | {"version": 2, "updated_at": restored["updated_at"]}
    assert [entry["version"] for entry in listed(client, recipe, user)] == [2, 1]


def test_a_refused_change_keeps_no_version(
    client: TestClient, user: Account, other_user: Account
) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    stale = user.headers | {"If-Match": '"other"'}
    assert_problem(client.patch(path, json={"label": "x"}, headers=stale), 412)
    assert_problem(client.patch(path, json={"label": "x"}, headers=other_user.headers), 403)
    assert_problem(client.patch(path, json={"label": None}, headers=user.headers), 422)
    assert len(listed(client, recipe, user)) == 1


def test_a_version_says_who_made_it_and_when(
    client: TestClient, user: Account, superuser: Account
) -> None:
    first = create_recipe(client, user)
    second = patch(client, superuser, first, notes="Checked.")
    third = patch(client, user, first, notes="Thanks.")
    entries = listed(client, first)
    assert [entry["author_id"] for entry in entries] == [user.id, superuser.id, user.id]
    assert [entry["at"] for entry in entries] == [
        third["updated_at"],
        second["updated_at"],
        first["updated_at"],
    ]
    assert third["submitter_id"] == user.id


def test_who_posts_for_another_is_the_author(
    client: TestClient, user: Account, superuser: Account
) -> None:
    recipe = create_recipe(client, superuser, submitter_id=user.id)
    assert listed(client, recipe)[0]["author_id"] == superuser.id


# --- The list ------------------------------------------------------------------------------------


@pytest.fixture
def five(client: TestClient, user: Account) -> dict[str, Any]:
    """A recipe of five versions."""
    recipe = create_recipe(client, user, label="Version 1")
    for number in range(2, 6):
        recipe = patch(client, user, recipe, label=f"Version {number}")
    return recipe


def test_the_list_has_pages(client: TestClient, user: Account, five: dict[str, Any]) -> None:
    query, pages = "?limit=2&count=true", []
    while query:
        answer = client.get(versions(five) + query)
        page = answer.json()
        pages.append([entry["label"] for entry in page["items"]])
        assert page["total"] == 5
        if cursor := page["next_cursor"]:
            query = f"?limit=2&count=true&cursor={cursor}"
            assert f"cursor={cursor}" in answer.headers["link"]
        else:
            query = ""
            assert "link" not in answer.headers
    assert pages == [["Version 5", "Version 4"], ["Version 3", "Version 2"], ["Version 1"]]
    assert "total" not in client.get(versions(five)).json()


def test_the_query_of_the_list_is_checked(
    client: TestClient, user: Account, five: dict[str, Any], subtests: pytest.Subtests
) -> None:
    other = create_recipe(client, user)
    cursor = client.get(f"{versions(five)}?limit=1").json()["next_cursor"]
    bad = ("limit=0", "limit=101", "cursor=x", "sort=version")
    for path in (
        *(f"{versions(five)}?{query}" for query in bad),
        versions(other) + "?cursor=" + cursor,
    ):
        with subtests.test(path):
            assert_problem(client.get(path), 422)


def test_a_list_does_not_shift_while_it_is_walked(
    client: TestClient, user: Account, five: dict[str, Any]
) -> None:
    cursor = client.get(f"{versions(five)}?limit=2").json()["next_cursor"]
    patch(client, user, five, label="Version 6")
    rest = client.get(f"{versions(five)}?cursor={cursor}").json()["items"]
    assert [entry["version"] for entry in rest] == [3, 2, 1]


# --- Differences ---------------------------------------------------------------------------------


def diff(client: TestClient, path: str, **headers: str) -> list[dict[str, Any]]:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"patch"}
    operations: list[dict[str, Any]] = answer.json()["patch"]
    return operations


def test_a_diff_is_against_the_version_before(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, tags=["quick"])
    patch(client, user, recipe, label="Crêpes", tags=["quick", "sweet"])
    patch(client, user, recipe, notes="Thin.")
    assert diff(client, versions(recipe, 3, "diff")) == [
        {"op": "replace", "path": "/notes", "value": "Thin."}
    ]
    by_path = {each["path"]: each for each in diff(client, versions(recipe, 2, "diff"))}
    assert by_path == {
        "/label": {"op": "replace", "path": "/label", "value": "Crêpes"},
        "/tags/1": {
            "op": "add",
            "path": "/tags/1",
            "value": {"kind": "keyword", "name": "sweet"},
        },
    }
    assert diff(client, versions(recipe, 3, "diff?against=3")) == []
    assert diff(client, versions(recipe, 1, "diff")) == []


@hypothesis.settings(EXPLORE, max_examples=25)
@hypothesis.given(old=documents, new=documents)
def test_a_diff_makes_one_version_of_another(
    client: TestClient, user: Account, old: dict[str, Any], new: dict[str, Any]
) -> None:
    first = create_recipe(client, user, **old)
    answer = client.put(f"{RECIPES}/{first['id']}", json=new, headers=user.headers)
    current = answer.json()["version"]
    documents_of = {
        version: client.get(versions(first, version), headers=user.headers).json()["recipe"]
        for version in (1, current)
    }
    for version, against in ((current, 1), (1, current)):
        path = f"{versions(first, version, 'diff')}?against={against}"
        operations = diff(client, path, **user.headers)
        made = jsonpatch.apply_patch(documents_of[against], operations)
        assert as_text(made) == as_text(documents_of[version])


# --- Restoring -----------------------------------------------------------------------------------


def restore(
    client: TestClient,
    who: Account | None,
    recipe: dict[str, Any],
    version: int,
    **headers: str,
) -> httpx2.Response:
    path = versions(recipe, version, "restore")
    return client.post(path, headers=(who.headers if who else {}) | headers)


def test_a_restored_version_is_a_new_one(client: TestClient, user: Account) -> None:
    first = create_recipe(client, user, **WHOLE)
    path = f"{RECIPES}/{first['id']}"
    client.put(path, json={"label": "Toast"}, headers=user.headers)
    answer = restore(client, user, first, 1)
    assert answer.status_code == 200
    read = client.get(path, headers=user.headers)
    assert (read.content, read.headers["etag"]) == (answer.content, answer.headers["etag"])
    assert str(document_of(answer.json())) == str(document_of(first))
    assert answer.json()["version"] == 3
    assert [entry["label"] for entry in listed(client, first, user)] == [
        WHOLE["label"],
        "Toast",
        WHOLE["label"],
    ]
    # What was undone is undone as easily.
    assert restore(client, user, first, 2).json()["label"] == "Toast"


def test_what_is_derived_is_restored_too(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="Äpfel", source="Old Book")
    patch(client, user, recipe, label="Birnen", source="New Book")
    restore(client, user, recipe, 1)
    for query in ("search?keyword=apf", "?source=old%20book"):
        page = client.get(f"{RECIPES}/{query}" if "search" in query else RECIPES + query).json()
        found = page.get("results", page.get("items"))
        assert [each["id"] for each in found] == [recipe["id"]]


def test_a_restore_has_preconditions(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    stale = client.get(path).headers["etag"]
    patch(client, user, recipe, label="Second")
    current = client.get(path)
    refused = restore(client, user, recipe, 1, **{"If-Match": stale})
    assert_problem(refused, 412)
    assert refused.headers["etag"] == current.headers["etag"]
    assert_problem(restore(client, user, recipe, 1, **{"If-None-Match": "*"}), 412)
    assert client.get(path).content == current.content
    answer = restore(client, user, recipe, 1, **{"If-Match": current.headers["etag"]})
    assert (answer.status_code, answer.json()["label"]) == (200, "Pancakes")


def test_a_superuser_restores_every_recipe(
    client: TestClient, user: Account, superuser: Account
) -> None:
    recipe = create_recipe(client, user, visibility="private")
    patch(client, user, recipe, label="Second")
    answer = restore(client, superuser, recipe, 1)
    assert (answer.status_code, answer.json()["submitter_id"]) == (200, user.id)
    assert listed(client, recipe, user)[0]["author_id"] == superuser.id


# --- Who may -------------------------------------------------------------------------------------


def test_versions_are_hidden_as_their_recipe_is(
    client: TestClient, user: Account, other_user: Account, subtests: pytest.Subtests
) -> None:
    for visibility, reading, others, nobody in (
        ("public", 200, 403, 401),
        ("unlisted", 404, 404, 401),
        ("private", 404, 404, 401),
    ):
        recipe = create_recipe(client, user, visibility=visibility)
        patch(client, user, recipe, label="Second")
        for rest in ((), (1,), (2,), (2, "diff")):
            with subtests.test(visibility, rest=rest):
                path = versions(recipe, *rest)
                assert client.get(path).status_code == reading
                assert client.get(path, headers=other_user.headers).status_code == reading
                assert client.get(path, headers=user.headers).status_code == 200
        with subtests.test(visibility, rest="restore"):
            assert_problem(restore(client, other_user, recipe, 1), others)
            assert_problem(restore(client, None, recipe, 1), nobody)
            assert (
                client.get(f"{RECIPES}/{recipe['id']}", headers=user.headers).json()["version"] == 2
            )


def test_a_version_that_was_private_stays_its_owners(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    recipe = create_recipe(client, user, label="Draft", notes="secret", visibility="private")
    patch(client, user, recipe, label="Public", notes=None, visibility="public")
    patch(client, user, recipe, label="Public, changed")
    for who in (None, other_user):
        headers = who.headers if who else {}
        assert [entry["version"] for entry in listed(client, recipe, who)] == [3, 2]
        page = client.get(f"{versions(recipe)}?limit=1&count=true", headers=headers).json()
        assert page["total"] == 2
        for rest in ("1", "1/diff", "2/diff", "3/diff?against=1", "1/diff?against=3"):
            answer = client.get(versions(recipe, rest), headers=headers)
            assert_problem(answer, 404)
            assert "secret" not in answer.text
        assert client.get(versions(recipe, 3, "diff"), headers=headers).status_code == 200
    for who in (user, superuser):
        assert [entry["version"] for entry in listed(client, recipe, who)] == [3, 2, 1]
        answer = client.get(versions(recipe, 1), headers=who.headers)
        assert answer.json()["recipe"]["notes"] == "secret"
        assert client.get(versions(recipe, 2, "diff"), headers=who.headers).status_code == 200


def test_a_recipe_that_becomes_private_takes_its_history_along(
    client: TestClient, user: Account
) -> None:
    recipe = create_recipe(client, user)
    patch(client, user, recipe, visibility="private")
    for path in (versions(recipe), versions(recipe, 1), versions(recipe, 1, "diff")):
        assert_problem(client.get(path), 404)


def test_a_version_that_is_not_there(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    nowhere = {"id": recipe["id"] + 1}
    for path, status in (
        (versions(nowhere), 404),
        (versions(nowhere, 1), 404),
        (versions(recipe, 2), 404),
        (versions(recipe, 2**31 - 1), 404),
        (versions(recipe, 2, "diff"), 404),
        (versions(recipe, "1/diff?against=2"), 404),
        (versions(recipe, 0), 422),
        (versions(recipe, "01"), 422),
        (versions(recipe, 2**31), 422),
        (versions(recipe, "1/diff?against=0"), 422),
        (versions(recipe, "1/diff?against=x"), 422),
    ):
        with subtests.test(path):
            assert_problem(client.get(path), status)
    assert_problem(restore(client, user, recipe, 2), 404)
    assert_problem(restore(client, user, nowhere, 1), 404)
    assert_invalid(restore(client, user, recipe, 0), "version")
