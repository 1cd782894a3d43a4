"""Share links: an unlisted recipe is opened by its key, and its id alone opens nothing."""

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories import (
    API,
    Account,
    create_api_token,
    create_recipe,
    share_key,
)
from tests.operations import stored
from tests.problems import assert_problem
from tests.web.browser import on_one_database

RECIPES = f"{API}/recipes"
READS = ["", "/versions", "/versions/1", "/versions/2", "/versions/2/diff"]
FORMS = ["application/json", "application/ld+json", "text/markdown"]
NOBODYS = 2**62


def path_of(recipe: dict[str, Any], below: str = "") -> str:
    return f"{RECIPES}/{recipe['id']}{below}"


@pytest.fixture
def recipe(client: TestClient, user: Account) -> dict[str, Any]:
    """An unlisted recipe of two versions."""
    made = create_recipe(
        client, user, visibility="unlisted", servings=2, ingredients=["2 eggs"], label="Draft"
    )
    change = {"label": "Pancakes", "notes": "Warm."}
    answer = client.patch(path_of(made), json=change, headers=user.headers)
    assert answer.status_code == 200
    changed: dict[str, Any] = answer.json()
    return changed


@pytest.fixture
def key(client: TestClient, user: Account, recipe: dict[str, Any]) -> str:
    return share_key(client, user, recipe["id"])


# --- The link ------------------------------------------------------------------------------------


def test_a_link_has_a_key_of_128_bits_and_is_the_page(
    client: TestClient, user: Account, recipe: dict[str, Any]
) -> None:
    answer = client.get(path_of(recipe, "/share-link"), headers=user.headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    link = answer.json()
    assert link.keys() == {"url", "key"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", link["key"])
    page = f"http://testserver/recipes/{recipe['id']}-pancakes"
    assert link["url"] == f"{page}?key={link['key']}"
    assert client.get(path_of(recipe, "/share-link"), headers=user.headers).json() == link
    opened = client.get(link["url"], headers={"Accept": "text/html"}, follow_redirects=False)
    assert opened.status_code == 200
    assert "Pancakes" in opened.text


def test_every_recipe_has_another_key(client: TestClient, user: Account) -> None:
    recipes = [create_recipe(client, user, visibility="unlisted")["id"] for _ in range(3)]
    assert len({share_key(client, user, each) for each in recipes}) == 3


def test_a_new_key_ends_the_old_one(
    client: TestClient, user: Account, recipe: dict[str, Any], key: str
) -> None:
    answer = client.post(path_of(recipe, "/share-link"), headers=user.headers)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["location"] == path_of(recipe, "/share-link")
    renewed = answer.json()["key"]
    assert renewed != key
    assert answer.json()["url"].endswith(f"?key={renewed}")
    assert share_key(client, user, recipe["id"]) == renewed
    for below in READS:
        assert_problem(client.get(path_of(recipe, below), params={"key": key}), 404)
        assert client.get(path_of(recipe, below), params={"key": renewed}).status_code == 200


def test_a_new_key_changes_nothing_of_the_recipe(
    client: TestClient, user: Account, recipe: dict[str, Any]
) -> None:
    before = client.get(path_of(recipe), headers=user.headers)
    client.post(path_of(recipe, "/share-link"), headers=user.headers)
    after = client.get(path_of(recipe), headers=user.headers)
    assert (after.json(), after.headers["etag"]) == (before.json(), before.headers["etag"])


def test_a_recipe_of_any_visibility_has_a_link_which_is_needed_while_it_is_unlisted(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for visibility, alone, with_key in (
        ("public", 200, 200),
        ("unlisted", 404, 200),
        ("private", 404, 404),
    ):
        with subtests.test(visibility):
            made = create_recipe(client, user, visibility=visibility)
            key = share_key(client, user, made["id"])
            assert share_key(client, user, made["id"]) == key
            assert client.get(path_of(made)).status_code == alone
            assert client.get(path_of(made), params={"key": key}).status_code == with_key
            assert client.get(path_of(made), params={"key": "x"}).status_code == alone
            answer = client.post(path_of(made, "/share-link"), headers=user.headers)
            assert (answer.status_code, answer.json()["key"] != key) == (201, True)


def test_the_link_lasts_while_the_recipe_is_private_or_in_the_trash(
    client: TestClient, user: Account, recipe: dict[str, Any], key: str
) -> None:
    def change(**members: str) -> None:
        answer = client.patch(path_of(recipe), json=members, headers=user.headers)
        assert answer.status_code == 200, answer.text

    def status() -> int:
        return client.get(path_of(recipe), params={"key": key}).status_code

    change(visibility="private")
    assert status() == 404
    change(visibility="unlisted")
    assert status() == 200
    assert client.delete(path_of(recipe), headers=user.headers).status_code == 204
    assert status() == 404
    restored = client.post(path_of(recipe, "/restore"), headers=user.headers)
    assert restored.status_code == 200
    assert status() == 200
    gone = client.delete(path_of(recipe), params={"permanent": True}, headers=user.headers)
    assert gone.status_code == 204
    assert_problem(client.get(path_of(recipe, "/share-link"), headers=user.headers), 404)


def test_the_link_lasts_when_its_owner_leaves(
    client: TestClient, user: Account, recipe: dict[str, Any], key: str
) -> None:
    assert client.delete(f"{API}/auth/me", headers=user.headers).status_code == 204
    assert client.get(path_of(recipe), params={"key": key}).json()["submitter_id"] is None
    assert_problem(client.get(path_of(recipe)), 404)


# --- Who has it ----------------------------------------------------------------------------------


def test_the_link_is_for_those_who_may_change_the_recipe(
    client: TestClient,
    user: Account,
    other_user: Account,
    superuser: Account,
    recipe: dict[str, Any],
    key: str,
    subtests: pytest.Subtests,
) -> None:
    path = path_of(recipe, "/share-link")
    reader = create_api_token(client, user, "read")["token"]
    to_read = {"Authorization": f"Bearer {reader}"}
    for method in ("GET", "POST"):
        with subtests.test(method):
            assert_problem(client.request(method, path), 401)
            # Who may not see the recipe does not learn that it exists, whatever key they send.
            assert_problem(client.request(method, path, headers=other_user.headers), 404)
            answer = client.request(method, path, params={"key": key}, headers=other_user.headers)
            assert_problem(answer, 422)
    assert client.get(path, headers=to_read).json()["key"] == key
    assert client.get(path, headers=superuser.headers).json()["key"] == key
    assert_problem(client.post(path, headers=to_read), 403)
    assert client.post(path, headers=superuser.headers).status_code == 201
    public = create_recipe(client, user)
    for method in ("GET", "POST"):
        asked = client.request(method, path_of(public, "/share-link"), headers=other_user.headers)
        assert_problem(asked, 403)


# --- What it opens -------------------------------------------------------------------------------


def test_the_key_opens_all_that_is_read_of_an_unlisted_recipe(
    client: TestClient,
    user: Account,
    other_user: Account,
    recipe: dict[str, Any],
    key: str,
    subtests: pytest.Subtests,
) -> None:
    for below in READS:
        for headers in ({}, other_user.headers):
            with subtests.test(below, signed_in=bool(headers)):
                path = path_of(recipe, below)
                mine = client.get(path, headers=user.headers)
                assert_problem(client.get(path, headers=headers), 404)
                opened = client.get(path, params={"key": key}, headers=headers)
                assert (opened.status_code, opened.content) == (200, mine.content)
                assert opened.headers.get("etag") == mine.headers.get("etag")
                assert opened.headers["cache-control"] == "private, no-cache"
    for media_type in FORMS:
        with subtests.test(media_type):
            accept = {"Accept": media_type}
            assert_problem(client.get(path_of(recipe), headers=accept), 404)
            given = {"key": key, "servings": "4"}
            opened = client.get(path_of(recipe), params=given, headers=accept)
            assert opened.status_code == 200
            assert "4 eggs" in opened.text
            assert key not in opened.text


def test_a_copy_that_the_key_opened_is_asked_for_again_by_its_etag(
    client: TestClient, recipe: dict[str, Any], key: str
) -> None:
    etag = client.get(path_of(recipe), params={"key": key}).headers["etag"]
    known = {"If-None-Match": etag}
    answer = client.get(path_of(recipe), params={"key": key}, headers=known)
    assert answer.status_code == 304
    assert answer.headers["cache-control"] == "private, no-cache"
    # Without the key an ETag opens nothing.
    assert_problem(client.get(path_of(recipe), headers=known), 404)


def test_the_pages_of_versions_are_opened_one_after_the_other(
    client: TestClient, recipe: dict[str, Any], key: str
) -> None:
    path = path_of(recipe, "/versions")
    first = client.get(path, params={"key": key, "limit": 1, "count": True})
    assert first.json()["total"] == 2
    next_link = first.headers["link"].partition(">")[0].removeprefix("<")
    second = client.get(next_link)
    assert [each["version"] for each in second.json()["items"]] == [1]
    given = {"cursor": first.json()["next_cursor"]}
    assert_problem(client.get(path, params=given), 404)


def test_a_version_that_was_unlisted_takes_the_key_of_a_recipe_that_is_public(
    client: TestClient, user: Account, recipe: dict[str, Any], key: str
) -> None:
    change = {"visibility": "public", "label": "Published"}
    answer = client.patch(path_of(recipe), json=change, headers=user.headers)
    assert answer.status_code == 200
    path = path_of(recipe, "/versions")
    assert [each["version"] for each in client.get(path).json()["items"]] == [3]
    assert_problem(client.get(f"{path}/1"), 404)
    assert_problem(client.get(f"{path}/3/diff"), 404)
    given = {"key": key}
    opened = client.get(path, params=given).json()["items"]
    assert [each["version"] for each in opened] == [3, 2, 1]
    assert client.get(f"{path}/1", params=given).json()["label"] == "Draft"
    assert client.get(f"{path}/3/diff", params=given).status_code == 200


@on_one_database
@pytest.mark.parametrize("wrong", ["", "x", "ключ", "\0", "%", "k" * 30, "' OR 1=1 --"])
def test_a_wrong_key_opens_nothing(
    client: TestClient, recipe: dict[str, Any], key: str, wrong: str
) -> None:
    for given in (wrong, key[:-1] + wrong, key + wrong if wrong else ""):
        for below in READS:
            answers = [
                client.get(f"{RECIPES}/{each}{below}", params={"key": given})
                for each in (recipe["id"], NOBODYS)
            ]
            told = [assert_problem(answer, 404) for answer in answers]
            assert told[0]["detail"] == told[1]["detail"]
            headers = [dict(answer.headers) for answer in answers]
            for each in headers:
                del each["x-request-id"], each["content-length"]
            assert headers[0] == headers[1]


def test_the_key_of_one_recipe_opens_no_other(
    client: TestClient, user: Account, recipe: dict[str, Any], key: str
) -> None:
    other = create_recipe(client, user, visibility="unlisted")
    assert_problem(client.get(path_of(other), params={"key": key}), 404)


def test_the_key_changes_nothing(
    client: TestClient, other_user: Account, recipe: dict[str, Any], key: str
) -> None:
    for headers, status in (({}, 401), (other_user.headers, 404)):
        answer = client.patch(path_of(recipe), json={"notes": "x"}, headers=headers)
        assert_problem(answer, status)
        assert_problem(client.delete(path_of(recipe), headers=headers), status)
        body = {"operations": [{"op": "delete", "id": recipe["id"]}]}
        if headers:
            answer = client.post(f"{RECIPES}/batch", json=body, headers=headers)
            assert [each["status"] for each in answer.json()["results"]] == [404]


# --- Where it is not -----------------------------------------------------------------------------


def test_the_key_is_in_no_representation_but_the_link(
    client: TestClient,
    user: Account,
    superuser: Account,
    recipe: dict[str, Any],
    key: str,
    subtests: pytest.Subtests,
) -> None:
    reads = [path_of(recipe, below) for below in READS]
    reads += [f"{RECIPES}?view=full", f"{RECIPES}/my-recipes", f"{RECIPES}/changes"]
    reads += [f"{RECIPES}/export?format={each}" for each in ("ndjson", "jsonld", "csv", "zip")]
    for path in reads:
        for account in (user, superuser):
            with subtests.test(path, superuser=account is superuser):
                answer = client.get(path, headers=account.headers)
                assert answer.status_code == 200
                assert key.encode() not in answer.content
    body = {"operations": [{"op": "patch", "id": recipe["id"], "recipe": {"notes": "x"}}]}
    answer = client.post(f"{RECIPES}/batch", json=body, headers=user.headers)
    assert key not in answer.text


def test_the_key_is_stored_in_one_table(
    client: TestClient,
    user: Account,
    recipe: dict[str, Any],
    key: str,
    database_url: str,
) -> None:
    client.patch(path_of(recipe), json={"visibility": "private"}, headers=user.headers)
    tables = stored(database_url)
    assert [name for name, rows in tables.items() if key in repr(rows)] == ["share_link"]


# --- However it becomes unlisted -----------------------------------------------------------------


def test_a_recipe_has_its_link_however_it_becomes_unlisted(
    client: TestClient, user: Account, database_url: str
) -> None:
    def send(method: str, path: str, expected: int = 200, **arguments: Any) -> Any:
        answer = client.request(method, RECIPES + path, headers=user.headers, **arguments)
        assert answer.status_code == expected, answer.text
        return answer.json()

    unlisted = {"label": "Unlisted", "visibility": "unlisted"}
    ids = [create_recipe(client, user, **unlisted)["id"]]
    for method, body in (("PUT", unlisted), ("PATCH", {"visibility": "unlisted"})):
        ids.append(create_recipe(client, user)["id"])
        send(method, f"/{ids[-1]}", json=body)
    operations: list[dict[str, Any]] = [{"op": "create", "recipe": unlisted}]
    operations.append({"op": "patch", "id": create_recipe(client, user)["id"], "recipe": unlisted})
    ids += [
        each["id"] for each in send("POST", "/batch", json={"operations": operations})["results"]
    ]
    lines = "\n".join(json.dumps(unlisted | {"label": f"Line {n}"}) for n in range(3))
    file = {"file": ("recipes.ndjson", lines.encode(), "application/octet-stream")}
    ids += [each["id"] for each in send("POST", "/import", files=file)["items"]]
    restored = create_recipe(client, user, **unlisted)["id"]
    send("PATCH", f"/{restored}", json={"visibility": "private"})
    send("POST", f"/{restored}/versions/1/restore")
    ids.append(restored)
    assert len(ids) == len(set(ids)) == 9
    links = {row.recipe_id: row.key for row in stored(database_url)["share_link"]}
    assert links.keys() == set(ids)
    for recipe_id in ids:
        answer = client.get(f"{RECIPES}/{recipe_id}", params={"key": links[recipe_id]})
        assert answer.status_code == 200
