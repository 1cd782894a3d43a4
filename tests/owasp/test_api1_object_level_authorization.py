"""API1:2023 Broken Object Level Authorization: an id can be guessed, and opens nothing of others.

Who opens, finds and changes which recipe is tested door by door in tests/api/test_policy.py.
"""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories import API, Account, create_api_token, create_recipe, create_user
from tests.operations import assert_refused_everywhere
from tests.problems import assert_invalid, assert_problem

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
