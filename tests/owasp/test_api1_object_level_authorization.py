"""API1:2023 Broken Object Level Authorization: an id can be guessed, and opens nothing of others.

Who opens, finds and changes which recipe is tested door by door in tests/api/test_policy.py.
"""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import web
from tests.factories import API, Account, create_api_token, create_recipe, create_user
from tests.operations import assert_refused_everywhere
from tests.problems import assert_invalid, assert_problem
from tests.web.browser import BROWSER, enter, leave, page

RECIPES, TOKENS = f"{API}/recipes", f"{API}/auth/tokens"
NOBODYS = 2**62


def test_what_one_knows_of_a_private_recipe_opens_no_door(
    client: TestClient, user: Account, other_user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user, visibility="private")
    etag = client.get(f"{RECIPES}/{recipe['id']}", headers=user.headers).headers["etag"]
    knowing: list[tuple[str, dict[str, str], dict[str, Any] | None]] = [
        ("GET", {"If-None-Match": etag}, None),
        ("GET", {"If-None-Match": "*"}, None),
        ("HEAD", {"If-None-Match": etag}, None),
        ("PUT", {"If-Match": etag}, recipe),
        ("PUT", {"If-Match": '"another"'}, recipe),
        ("PUT", {}, {"label": "x", "version": 99}),
        ("PATCH", {"If-Match": etag}, {"version": recipe["version"]}),
        ("PATCH", {}, {"version": 99, "submitter_id": other_user.id}),
        ("DELETE", {"If-Match": etag}, None),
        ("DELETE", {"If-Match": '"another"'}, None),
    ]
    for method, headers, body in knowing:
        with subtests.test(f"{method} {headers} {body and body.get('version')}"):
            hidden, nothing = (
                client.request(
                    method, f"{RECIPES}/{row_id}", json=body, headers=other_user.headers | headers
                )
                for row_id in (recipe["id"], NOBODYS)
            )
            assert (hidden.status_code, nothing.status_code) == (404, 404)
            assert "etag" not in hidden.headers
    unchanged = client.get(f"{RECIPES}/{recipe['id']}", headers=user.headers)
    assert unchanged.json() == recipe


def test_no_page_of_what_is_not_ones_own_is_there(
    client: TestClient, user: Account, other_user: Account, subtests: pytest.Subtests
) -> None:
    """Nor does any tell it from what is not there at all, to whoever has not signed in or has."""
    hidden = create_recipe(client, user, label="Hidden pancakes", visibility="private")
    thrown_away = create_recipe(client, user, label="Hidden pancakes")
    trashed = client.delete(f"{RECIPES}/{thrown_away['id']}", headers=user.headers)
    assert trashed.status_code == 204
    routes = [(method, route.path) for route in web.routes for method in route.methods or ()]
    of_recipes = [(method, path) for method, path in routes if "{reference}" in path]
    assert len(of_recipes) > 10
    for account in (None, other_user):
        leave(client)
        if account:
            enter(client, account)
        token = page(client, "/import" if account else "/login").forms[-1].fields["csrf_token"]
        form = {"csrf_token": token, "label": "Changed", "visibility": "public", "version": "1"}
        for method, path in of_recipes:
            with subtests.test(f"{method} {path} {account and account.id}"):
                told = set()
                for row_id in (hidden["id"], thrown_away["id"], NOBODYS):
                    address = path.format(reference=row_id, version=1)
                    sent = form if method == "POST" else None
                    answer = client.request(
                        method, address, data=sent, headers=BROWSER, follow_redirects=False
                    )
                    assert "Hidden" not in answer.text
                    assert "hidden" not in answer.headers.get("location", "")
                    told.add(answer.status_code)
                assert len(told) == 1
                assert told <= ({404} if account else {303, 403, 404})
    unchanged = client.get(f"{RECIPES}/{hidden['id']}", headers=user.headers)
    assert unchanged.json() == hidden


def test_a_cursor_of_another_leads_nowhere(
    client: TestClient, user: Account, other_user: Account
) -> None:
    for _ in range(3):
        create_recipe(client, user, visibility="private")
    cursor = client.get(f"{RECIPES}?limit=1", headers=user.headers).json()["next_cursor"]
    query = {"limit": "1", "cursor": cursor}
    assert client.get(RECIPES, params=query, headers=user.headers).is_success
    assert_invalid(client.get(RECIPES, params=query, headers=other_user.headers), "cursor")
    assert_invalid(client.get(RECIPES, params=query), "cursor")


def test_anothers_token_looks_like_one_that_is_not_there(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    token_id = create_api_token(client, user, "read")["id"]
    for caller in (other_user, superuser):
        answers = [
            client.delete(f"{TOKENS}/{each}", headers=caller.headers)
            for each in (token_id, NOBODYS)
        ]
        differing = {"instance": "", "request_id": ""}
        documents = [assert_problem(answer, 404) | differing for answer in answers]
        assert documents[0] == documents[1]
    assert client.delete(f"{TOKENS}/{token_id}", headers=user.headers).status_code == 204


def test_an_id_is_never_used_again_so_that_no_old_token_fits_a_new_user(client: TestClient) -> None:
    gone = create_user(client)
    gone_recipe = create_recipe(client, gone, visibility="private")
    gone_token = create_api_token(client, gone, "read", "write")
    assert client.delete(f"{API}/auth/me", headers=gone.headers).status_code == 204
    newcomer = create_user(client)
    assert newcomer.id > gone.id
    assert create_recipe(client, newcomer)["id"] > gone_recipe["id"]
    assert create_api_token(client, newcomer, "read")["id"] > gone_token["id"]
    for token in (gone.token, gone_token["token"]):
        assert_refused_everywhere(client, f"Bearer {token}")
