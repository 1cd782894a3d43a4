"""API tokens: made, shown once, listed, good for their scopes, and what ends them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy
from fastapi.testclient import TestClient

from app.db.types import utc_now
from app.models.user import ApiToken
from tests.databases import execute
from tests.factories import API, Account, create_api_token, create_recipe, create_user, sign_in
from tests.operations import stored
from tests.problems import assert_invalid, assert_problem

ME, TOKENS = f"{API}/auth/me", f"{API}/auth/tokens"
MINE, RECIPES, USERS = f"{API}/recipes/my-recipes", f"{API}/recipes", f"{API}/users"
PUBLIC = ["id", "name", "scopes", "expires_at", "created_at"]
NEW_PASSWORD = "eight copper pots"
MAX_TOKENS = 100


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make(client: httpx2.Client, user: Account, **members: object) -> httpx2.Response:
    body: dict[str, object] = {"name": "phone", "scopes": ["read"], **members}
    return client.post(TOKENS, json=body, headers=user.headers)


def listed(client: httpx2.Client, user: Account) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(TOKENS, headers=user.headers).json()["items"]
    return items


def assert_ended(client: httpx2.Client, token: str) -> None:
    answer = client.get(MINE, headers=bearer(token))
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == 'Bearer realm="recipes", error="invalid_token"'


def let_expire(database_url: str) -> None:
    past = utc_now() - timedelta(seconds=1)
    execute(database_url, sqlalchemy.update(ApiToken).values(expires_at=past))


# --- Making and listing --------------------------------------------------------------------------


def test_a_new_token_is_shown_with_all_that_is_known_of_it(
    client: TestClient, user: Account
) -> None:
    answer = make(client, user, name="My phone", scopes=["write", "read"], expires_in_days=7)
    assert answer.status_code == 201
    made = answer.json()
    assert list(made) == [*PUBLIC, "token"]
    assert (made["name"], made["scopes"]) == ("My phone", ["read", "write"])
    assert lifetime(made) == timedelta(days=7)
    assert answer.headers["location"] == f"{TOKENS}/{made['id']}"
    # What is shown once must not lie in a cache.
    assert answer.headers["cache-control"] == "no-store"
    assert client.get(MINE, headers=bearer(made["token"])).status_code == 200


def lifetime(token: dict[str, Any]) -> timedelta:
    created, ends = (datetime.fromisoformat(token[name]) for name in ("created_at", "expires_at"))
    return timedelta(seconds=round((ends - created).total_seconds()))


def test_tokens_last_90_days_and_are_not_to_be_guessed(client: TestClient, user: Account) -> None:
    made = [make(client, user).json() for _ in range(2)]
    assert [lifetime(each) for each in made] == [timedelta(days=90)] * 2
    texts = {each["token"] for each in made}
    assert len(texts) == 2
    for text in texts:
        assert text.startswith("rcp_")
        assert len(text) == 4 + 43


def test_a_token_is_shown_this_once(client: TestClient, user: Account, database_url: str) -> None:
    made = make(client, user).json()
    token = made.pop("token")
    assert listed(client, user) == [made]
    for path in (TOKENS, ME, MINE):
        assert token not in client.get(path, headers=user.headers).text
    # Nor is it kept: neither the text nor what is random in it.
    assert token.removeprefix("rcp_") not in str(stored(database_url))
    assert len(stored(database_url)["api_token"]) == 1


def test_the_list_has_pages_the_latest_first(
    client: TestClient, user: Account, other_user: Account
) -> None:
    assert client.get(TOKENS, headers=user.headers).json() == {"items": [], "next_cursor": None}
    create_api_token(client, other_user, "read")
    for name in "abc":
        make(client, user, name=name)
    first = client.get(TOKENS, params={"limit": 2, "count": True}, headers=user.headers)
    assert [each["name"] for each in first.json()["items"]] == ["c", "b"]
    assert first.json()["total"] == 3
    last = client.get(first.links["next"]["url"], headers=user.headers)
    assert [each["name"] for each in last.json()["items"]] == ["a"]
    assert last.json()["next_cursor"] is None
    assert "link" not in last.headers
    assert list(last.json()["items"][0]) == PUBLIC


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "/name"),
    ({"name": ""}, "/name"),
    ({"name": "x" * 101}, "/name"),
    ({"name": "a\u0007"}, "/name"),
    ({"name": 7}, "/name"),
    ({"scopes": None}, "/scopes"),
    ({"scopes": []}, "/scopes"),
    ({"scopes": "read"}, "/scopes"),
    ({"scopes": ["read"] * 11}, "/scopes"),
    ({"scopes": ["read", "account"]}, "/scopes/1"),
    ({"scopes": ["READ"]}, "/scopes/0"),
    ({"scopes": [None]}, "/scopes/0"),
    ({"expires_in_days": 0}, "/expires_in_days"),
    ({"expires_in_days": -1}, "/expires_in_days"),
    ({"expires_in_days": 3651}, "/expires_in_days"),
    ({"expires_in_days": 10**20}, "/expires_in_days"),
    ({"expires_in_days": 1.5}, "/expires_in_days"),
    ({"expires_in_days": True}, "/expires_in_days"),
    ({"expires_in_days": "90"}, "/expires_in_days"),
    ({"expires_in_days": None}, "/expires_in_days"),
    ({"token": "rcp_" + "x" * 43}, "/token"),
    ({"user_id": 1}, "/user_id"),
    ({"expires_at": "2100-01-01T00:00:00Z"}, "/expires_at"),
]


def test_what_a_token_cannot_be_is_refused(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for members, wrong in BAD:
        with subtests.test(str(members)[:40]):
            assert_invalid(make(client, user, **members), wrong)
    for missing in ("name", "scopes"):
        with subtests.test(missing):
            body = {"name": "phone", "scopes": ["read"]}
            del body[missing]
            answer = client.post(TOKENS, json=body, headers=user.headers)
            assert_invalid(answer, f"/{missing}")
    assert listed(client, user) == []
    assert lifetime(make(client, user, expires_in_days=3650).json()) == timedelta(days=3650)
    assert make(client, user, scopes=["read", "read"]).json()["scopes"] == ["read"]


def test_one_has_a_hundred_tokens_not_counting_those_that_have_expired(
    client: TestClient, user: Account, other_user: Account, database_url: str
) -> None:
    create_api_token(client, user, "read")
    let_expire(database_url)
    assert len(listed(client, user)) == 1
    for _ in range(MAX_TOKENS):
        create_api_token(client, user, "read")
    assert_problem(make(client, user), 409)
    assert make(client, other_user).status_code == 201
    newest = listed(client, user)[0]
    assert client.delete(f"{TOKENS}/{newest['id']}", headers=user.headers).status_code == 204
    assert make(client, user).status_code == 201
    assert_problem(make(client, user), 409)


# --- What they open ------------------------------------------------------------------------------


def assert_lacks(answer: httpx2.Response, scope: str) -> None:
    assert_problem(answer, 403)
    challenge = f'Bearer realm="recipes", error="insufficient_scope", scope="{scope}"'
    assert answer.headers["www-authenticate"] == challenge


def test_each_scope_opens_its_own_and_not_the_other(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = f"{RECIPES}/{create_recipe(client, user, visibility='private')['id']}"
    reads = [("GET", path) for path in (RECIPES, MINE, recipe, f"{USERS}/{user.id}")]
    reads += [("HEAD", path) for _, path in reads]
    writes: list[tuple[str, str, dict[str, Any] | None]] = [
        ("POST", RECIPES, {"label": "Toast"}),
        ("PUT", recipe, {"label": "Toast", "visibility": "private"}),
        ("PATCH", recipe, {"notes": "Burnt."}),
        ("DELETE", recipe, None),
    ]
    to_read, to_write, to_do_both = (
        bearer(create_api_token(client, user, *scopes)["token"])
        for scopes in (["read"], ["write"], ["read", "write"])
    )
    for method, path in reads:
        with subtests.test(f"{method} {path}"):
            assert client.request(method, path, headers=to_read).status_code == 200
            assert client.request(method, path, headers=to_do_both).status_code == 200
            refused = client.request(method, path, headers=to_write)
            assert refused.status_code == 403
            if method == "GET":
                assert_lacks(refused, "read")
    for method, path, body in writes:
        with subtests.test(f"{method} {path}"):
            assert_lacks(client.request(method, path, json=body, headers=to_read), "write")
            headers = to_do_both if method == "PATCH" else to_write
            assert client.request(method, path, json=body, headers=headers).is_success


def test_ones_account_and_its_tokens_take_more_than_a_token(
    client: TestClient, user: Account, database_url: str, subtests: pytest.Subtests
) -> None:
    token = create_api_token(client, user, "read", "write")
    before = stored(database_url)
    for method, path, body in [
        ("GET", ME, None),
        ("PATCH", ME, {"first_name": "Ann"}),
        ("DELETE", ME, None),
        ("POST", f"{API}/auth/logout-everywhere", None),
        ("GET", TOKENS, None),
        ("POST", TOKENS, {"name": "phone", "scopes": ["read"]}),
        ("DELETE", f"{TOKENS}/{token['id']}", None),
    ]:
        with subtests.test(f"{method} {path}"):
            answer = client.request(method, path, json=body, headers=bearer(token["token"]))
            assert_problem(answer, 403)
            # A token with more scopes would not help, so none is named.
            assert "www-authenticate" not in answer.headers
    assert stored(database_url) == before


def test_a_superusers_token_is_a_superuser_as_far_as_it_reaches(
    client: TestClient, user: Account, superuser: Account
) -> None:
    to_read, to_write = (
        bearer(create_api_token(client, superuser, scope)["token"]) for scope in ("read", "write")
    )
    path = f"{USERS}/{user.id}"
    assert client.get(USERS, headers=to_read).status_code == 200
    assert client.get(path, headers=to_read).json()["email"] == user.email
    assert_lacks(client.patch(path, json={"first_name": "Ann"}, headers=to_read), "write")
    assert client.patch(path, json={"first_name": "Ann"}, headers=to_write).status_code == 200
    assert_lacks(client.get(USERS, headers=to_write), "read")
    # One that another user made is not.
    to_both = bearer(create_api_token(client, user, "read", "write")["token"])
    assert_problem(client.get(USERS, headers=to_both), 403)


# --- What ends them ------------------------------------------------------------------------------


def test_a_token_that_is_revoked_ends_and_is_gone(client: TestClient, user: Account) -> None:
    kept, revoked = (create_api_token(client, user, "read") for _ in range(2))
    path = f"{TOKENS}/{revoked['id']}"
    assert client.delete(path, headers=user.headers).status_code == 204
    assert_ended(client, revoked["token"])
    assert [each["id"] for each in listed(client, user)] == [kept["id"]]
    assert client.get(MINE, headers=bearer(kept["token"])).status_code == 200
    assert_problem(client.delete(path, headers=user.headers), 404)


def test_the_tokens_of_others_are_not_there(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    token = create_api_token(client, user, "read")
    path = f"{TOKENS}/{token['id']}"
    for caller in (other_user, superuser):
        refused = assert_problem(client.delete(path, headers=caller.headers), 404)
        unknown = client.delete(f"{TOKENS}/999999", headers=caller.headers)
        same = {"instance": "", "request_id": ""}
        assert assert_problem(unknown, 404) | same == refused | same
        assert listed(client, caller) == []
    assert client.get(MINE, headers=bearer(token["token"])).status_code == 200


def test_a_token_ends_when_it_said_and_stays_in_the_list(
    client: TestClient, user: Account, database_url: str
) -> None:
    token = create_api_token(client, user, "read")
    assert client.get(MINE, headers=bearer(token["token"])).status_code == 200
    let_expire(database_url)
    assert_ended(client, token["token"])
    assert [each["id"] for each in listed(client, user)] == [token["id"]]


End = Callable[[httpx2.Client, Account, Account], httpx2.Response]
ENDS: dict[str, End] = {
    "a new password": lambda client, user, _: client.patch(
        ME,
        json={"password": NEW_PASSWORD, "current_password": user.password},
        headers=user.headers,
    ),
    "a new password from a superuser": lambda client, user, superuser: client.patch(
        f"{USERS}/{user.id}", json={"password": NEW_PASSWORD}, headers=superuser.headers
    ),
    "logging out everywhere": lambda client, user, _: client.post(
        f"{API}/auth/logout-everywhere", headers=user.headers
    ),
    "being disabled": lambda client, user, superuser: client.patch(
        f"{USERS}/{user.id}", json={"is_active": False}, headers=superuser.headers
    ),
    "leaving": lambda client, user, _: client.delete(ME, headers=user.headers),
    "being deleted": lambda client, user, superuser: client.delete(
        f"{USERS}/{user.id}", headers=superuser.headers
    ),
}


def test_whatever_ends_sessions_ends_tokens(
    client: TestClient, superuser: Account, database_url: str, subtests: pytest.Subtests
) -> None:
    bystander = create_api_token(client, superuser, "read")["token"]
    for name, end in ENDS.items():
        with subtests.test(name):
            user = create_user(client)
            token = create_api_token(client, user, "read")["token"]
            assert client.get(MINE, headers=bearer(token)).status_code == 200
            assert end(client, user, superuser).is_success
            assert_ended(client, token)
            # They are gone for good, also for an account that is enabled again.
            client.patch(f"{USERS}/{user.id}", json={"is_active": True}, headers=superuser.headers)
            assert_ended(client, token)
    assert len(stored(database_url)["api_token"]) == 1
    assert client.get(MINE, headers=bearer(bystander)).status_code == 200


def test_no_token_is_made_while_the_password_changes_that_outlives_it(
    client: TestClient, user: Account
) -> None:
    """Whoever knows the old password and is quick keeps no way in."""
    passwords = [user.password, NEW_PASSWORD]
    for _ in range(5):
        session = bearer(sign_in(client, user.email, passwords[0]))

        def change(session: dict[str, str] = session) -> httpx2.Response:
            body = {"password": passwords[1], "current_password": passwords[0]}
            return client.patch(ME, json=body, headers=session)

        def make_some(session: dict[str, str] = session) -> list[httpx2.Response]:
            body = {"name": "phone", "scopes": ["read"]}
            return [client.post(TOKENS, json=body, headers=session) for _ in range(20)]

        with ThreadPoolExecutor(4) as threads:
            made = [threads.submit(make_some) for _ in range(3)]
            assert threads.submit(change).result().status_code == 200
            answers = [answer for each in made for answer in each.result()]
        assert {answer.status_code for answer in answers} <= {201, 401}
        for answer in answers:
            if answer.status_code == 201:
                assert_ended(client, answer.json()["token"])
        passwords.reverse()
