"""The trash: what is deleted comes back, until it is removed for good."""

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.documents import WHOLE, document_of
from tests.factories import API, Account, create_recipe
from tests.problems import assert_problem

RECIPES = f"{API}/recipes"
TRASH = f"{RECIPES}?deleted=true"
ME = f"{API}/auth/me"


def path_of(recipe: dict[str, Any], *rest: str) -> str:
    return "/".join((RECIPES, str(recipe["id"]), *rest))


def delete(
    client: TestClient, who: Account | None, recipe: dict[str, Any], query: str = ""
) -> httpx2.Response:
    return client.delete(path_of(recipe) + query, headers=who.headers if who else {})


def remove(client: TestClient, who: Account | None, recipe: dict[str, Any]) -> httpx2.Response:
    return delete(client, who, recipe, "?permanent=true")


def restore(client: TestClient, who: Account | None, recipe: dict[str, Any]) -> httpx2.Response:
    return client.post(path_of(recipe, "restore"), headers=who.headers if who else {})


def thrown_away(client: TestClient, user: Account, **members: object) -> dict[str, Any]:
    """A recipe in the trash."""
    recipe = create_recipe(client, user, **members)
    assert delete(client, user, recipe).status_code == 204
    return recipe


def trash_of(client: TestClient, who: Account, query: str = "") -> list[int]:
    answer = client.get(TRASH + query, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return [recipe["id"] for recipe in answer.json()["items"]]


def assert_gone(client: TestClient, recipe: dict[str, Any], *accounts: Account) -> None:
    """Nobody can read, change or bring it back."""
    for who in accounts:
        assert_problem(client.get(path_of(recipe), headers=who.headers), 404)
        assert_problem(restore(client, who, recipe), 404)
        assert_problem(remove(client, who, recipe), 404)
        assert recipe["id"] not in trash_of(client, who)


# --- Into the trash ------------------------------------------------------------------------------


def test_what_is_in_the_trash_is_nowhere_else(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    kept = create_recipe(client, user, label="Pancakes kept")
    recipe = thrown_away(client, user, label="Pancakes thrown away")
    for who in (user, superuser):
        for path in (path_of(recipe), *(path_of(recipe, "versions", *rest) for rest in VERSIONS)):
            with subtests.test(path):
                assert_problem(client.get(path, headers=who.headers), 404)
        for path in (RECIPES, f"{RECIPES}/search?keyword=pancakes"):
            with subtests.test(path):
                answer = client.get(path, headers=who.headers).json()
                found = answer.get("items", answer.get("results"))
                assert [each["id"] for each in found] == [kept["id"]]
    mine = client.get(f"{RECIPES}/my-recipes", headers=user.headers).json()["results"]
    assert [each["id"] for each in mine] == [kept["id"]]
    assert "thrown away" not in client.get("/").text
    assert client.get(f"/recipes/{recipe['id']}").status_code == 404


VERSIONS = ((), ("1",), ("2",), ("1", "diff"))


def test_what_is_in_the_trash_cannot_be_changed(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    recipe = thrown_away(client, user)
    for who in (user, superuser):
        for method, rest, body in (
            ("PUT", (), {"label": "x"}),
            ("PATCH", (), {"label": "x"}),
            ("DELETE", (), None),
            ("POST", ("versions", "1", "restore"), None),
        ):
            with subtests.test(f"{method} {rest}"):
                path = path_of(recipe, *rest)
                assert_problem(client.request(method, path, json=body, headers=who.headers), 404)


def test_the_trash_is_ones_own(
    client: TestClient,
    user: Account,
    other_user: Account,
    superuser: Account,
    subtests: pytest.Subtests,
) -> None:
    thrown = [
        thrown_away(client, user, visibility=visibility)["id"]
        for visibility in ("public", "unlisted", "private")
    ]
    create_recipe(client, user)
    others = thrown_away(client, other_user)["id"]
    assert trash_of(client, user) == thrown[::-1]
    assert trash_of(client, user, "&submitter_id=me") == thrown[::-1]
    assert trash_of(client, other_user) == [others]
    assert trash_of(client, superuser) == []
    for who in (other_user, superuser):
        # The trash of another cannot be asked for.
        with subtests.test(submitter_id=user.id):
            assert not set(trash_of(client, who, f"&submitter_id={user.id}")) & set(thrown)
    assert_problem(client.get(TRASH), 401)
    assert_problem(client.get(f"{RECIPES}?submitter_id=me"), 401)
    assert_problem(client.get(f"{TRASH}&submitter_id={user.id}"), 401)


def test_the_trash_is_a_list_as_others(client: TestClient, user: Account) -> None:
    thrown = [thrown_away(client, user, label=label)["id"] for label in ("B", "C", "A")]
    assert trash_of(client, user, "&sort=label") == [thrown[2], thrown[0], thrown[1]]
    page = client.get(f"{TRASH}&sort=label&limit=2&count=true", headers=user.headers).json()
    assert page["total"] == 3
    rest = f"&sort=label&limit=2&cursor={page['next_cursor']}"
    assert trash_of(client, user, rest) == [thrown[1]]
    # A cursor leads through the list that it is of.
    path = f"{RECIPES}?sort=label&limit=2&cursor={page['next_cursor']}"
    assert_problem(client.get(path, headers=user.headers), 422)


# --- Out of the trash ----------------------------------------------------------------------------


def test_what_is_restored_is_as_it_was(client: TestClient, user: Account) -> None:
    recipe = thrown_away(client, user, **WHOLE)
    answer = restore(client, user, recipe)
    assert answer.status_code == 200
    assert str(document_of(answer.json())) == str(document_of(recipe))
    read = client.get(path_of(recipe), headers=user.headers)
    assert (read.content, read.headers["etag"]) == (answer.content, answer.headers["etag"])
    assert answer.json()["version"] == 3
    assert answer.json()["created_at"] == recipe["created_at"]
    assert trash_of(client, user) == []
    entries = client.get(path_of(recipe, "versions"), headers=user.headers).json()["items"]
    assert [entry["version"] for entry in entries] == [3, 2, 1]


def test_restoring_twice_changes_nothing_more(client: TestClient, user: Account) -> None:
    recipe = thrown_away(client, user)
    first = restore(client, user, recipe)
    again = restore(client, user, recipe)
    assert (again.status_code, again.content) == (200, first.content)


def test_deleting_twice_finds_nothing(client: TestClient, user: Account) -> None:
    recipe = thrown_away(client, user)
    assert_problem(delete(client, user, recipe), 404)
    assert trash_of(client, user) == [recipe["id"]]


def test_others_neither_bring_back_nor_learn_of_it(
    client: TestClient, user: Account, other_user: Account, subtests: pytest.Subtests
) -> None:
    for visibility in ("public", "unlisted", "private"):
        recipe = thrown_away(client, user, visibility=visibility)
        with subtests.test(visibility):
            for act in (restore, remove):
                assert_problem(act(client, other_user, recipe), 404)
                assert_problem(act(client, None, recipe), 401)
            assert recipe["id"] in trash_of(client, user)
    live = create_recipe(client, user)
    assert_problem(restore(client, other_user, live), 403)


def test_a_superuser_brings_back_and_removes(
    client: TestClient, user: Account, superuser: Account
) -> None:
    recipe = thrown_away(client, user, visibility="private")
    answer = restore(client, superuser, recipe)
    assert (answer.status_code, answer.json()["submitter_id"]) == (200, user.id)
    assert delete(client, superuser, recipe).status_code == 204
    # It lies in the trash of whose it is.
    assert trash_of(client, user) == [recipe["id"]]
    assert trash_of(client, superuser) == []
    assert remove(client, superuser, recipe).status_code == 204
    assert_gone(client, recipe, user, superuser)


# --- For good ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [thrown_away, create_recipe], ids=["from the trash", "directly"])
def test_what_is_removed_for_good_is_gone(
    client: TestClient, user: Account, superuser: Account, make: Any
) -> None:
    recipe, other = make(client, user), create_recipe(client, user, label="Other")
    answer = remove(client, user, recipe)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_gone(client, recipe, user, superuser)
    for rest in VERSIONS:
        path = path_of(recipe, "versions", *rest)
        assert_problem(client.get(path, headers=user.headers), 404)
    assert client.get(path_of(other)).json() == other
    # Its id is nobody's again.
    assert create_recipe(client, user)["id"] > other["id"]


def test_the_id_of_the_last_one_is_not_used_again(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    remove(client, user, recipe)
    assert create_recipe(client, user)["id"] > recipe["id"]


def test_others_remove_nothing(
    client: TestClient, user: Account, other_user: Account, subtests: pytest.Subtests
) -> None:
    for visibility, status in (("public", 403), ("unlisted", 404), ("private", 404)):
        with subtests.test(visibility):
            recipe = create_recipe(client, user, visibility=visibility)
            assert_problem(remove(client, other_user, recipe), status)
            assert_problem(remove(client, None, recipe), 401)
            answer = client.get(path_of(recipe), headers=user.headers)
            assert answer.json() == recipe


def test_a_removal_has_preconditions(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(path_of(recipe)).headers["etag"]
    path = path_of(recipe) + "?permanent=true"
    refused = client.delete(path, headers=user.headers | {"If-Match": '"other"'})
    assert_problem(refused, 412)
    assert refused.headers["etag"] == etag
    assert client.get(path_of(recipe)).json() == recipe
    assert client.delete(path, headers=user.headers | {"If-Match": etag}).status_code == 204


def test_a_removal_must_be_meant(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    assert_problem(delete(client, user, recipe, "?permanent=perhaps"), 422)
    assert_problem(delete(client, user, recipe, "?permament=true"), 422)
    assert delete(client, user, recipe, "?permanent=false").status_code == 204
    assert restore(client, user, recipe).status_code == 200


# --- When the submitter goes ---------------------------------------------------------------------


@pytest.mark.parametrize("by", ["themselves", "a superuser"])
def test_what_is_not_private_stays_with_a_version_of_its_own(
    client: TestClient, user: Account, superuser: Account, by: str
) -> None:
    kept = [create_recipe(client, user, visibility=each) for each in ("public", "unlisted")]
    private = create_recipe(client, user, visibility="private")
    path, who = (ME, user) if by == "themselves" else (f"{API}/users/{user.id}", superuser)
    assert client.delete(path, headers=who.headers).status_code == 204
    for recipe in kept:
        answer = client.get(path_of(recipe), headers=superuser.headers).json()
        assert document_of(answer) == document_of(recipe)
        assert (answer["submitter_id"], answer["version"]) == (None, 2)
        versions = client.get(path_of(recipe, "versions"), headers=superuser.headers).json()
        assert [(each["version"], each["author_id"]) for each in versions["items"]] == [
            (2, None),
            (1, user.id),
        ]
        before = client.get(path_of(recipe, "versions", "1"), headers=superuser.headers).json()
        assert before["recipe"] == document_of(recipe)
    assert_gone(client, private, superuser)
    assert_problem(client.get(path_of(private, "versions"), headers=superuser.headers), 404)


def test_versions_that_were_private_stay_hidden_without_a_submitter(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    recipe = create_recipe(client, user, visibility="private", notes="secret")
    body = {"visibility": "public", "notes": None}
    client.patch(path_of(recipe), json=body, headers=user.headers)
    client.delete(ME, headers=user.headers)
    for headers in ({}, other_user.headers):
        assert_problem(client.get(path_of(recipe, "versions", "1"), headers=headers), 404)
        entries = client.get(path_of(recipe, "versions"), headers=headers).json()["items"]
        assert [entry["version"] for entry in entries] == [3, 2]
    answer = client.get(path_of(recipe, "versions", "1"), headers=superuser.headers)
    assert answer.json()["recipe"]["notes"] == "secret"
