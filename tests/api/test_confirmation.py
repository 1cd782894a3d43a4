"""What opens an account changes only for those who know its password or have just logged in."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import httpx2
import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.passwords import RECENT_MINUTES
from app.core.security import Claims, create_access_token, read_access_token
from tests.databases import execute
from tests.factories import (
    API,
    PASSWORD,
    Account,
    create_api_token,
    create_user,
    set_superuser,
    sign_in,
)
from tests.operations import stored
from tests.problems import assert_invalid, assert_problem

ME, TOKENS, USERS = f"{API}/auth/me", f"{API}/auth/tokens", f"{API}/users"
NEW_EMAIL: dict[str, object] = {"email": "new@example.com"}
NEW_TOKEN: dict[str, object] = {"name": "phone", "scopes": ["read"]}
CHANGES: dict[str, tuple[str, str, dict[str, object], int]] = {
    "another address": ("PATCH", ME, NEW_EMAIL, 200),
    "an API token": ("POST", TOKENS, NEW_TOKEN, 201),
    "the end of the account": ("DELETE", ME, {}, 204),
}

Aged = Callable[[Account, float], dict[str, str]]


@pytest.fixture
def aged(client: TestClient) -> Aged:
    """The headers of an account whose log-in was some minutes ago."""
    secret: str = cast(FastAPI, client.app).state.secret

    def make(account: Account, minutes: float) -> dict[str, str]:
        claims = read_access_token(account.token, secret)
        assert claims is not None
        then = claims._replace(signed_in_at=int(time.time() - minutes * 60))
        token = create_access_token(then, secret, timedelta(hours=1))
        return {"Authorization": f"Bearer {token}"}

    return make


def ask(
    client: TestClient, change: str, headers: dict[str, str], **members: object
) -> httpx2.Response:
    method, path, body, _ = CHANGES[change]
    sent = body | members
    return client.request(method, path, json=sent or None, headers=headers)


@pytest.mark.parametrize("change", CHANGES)
def test_straight_after_the_log_in_no_password_is_asked_for(
    client: TestClient, user: Account, change: str
) -> None:
    headers = {"Authorization": f"Bearer {sign_in(client, user.email, user.password)}"}
    assert ask(client, change, headers).status_code == CHANGES[change][3]


@pytest.mark.parametrize("change", CHANGES)
def test_later_the_password_is_asked_for(
    client: TestClient,
    user: Account,
    aged: Aged,
    database_url: str,
    change: str,
    subtests: pytest.Subtests,
) -> None:
    later = aged(user, RECENT_MINUTES + 1)
    before = stored(database_url)
    for given in ({}, {"current_password": "wrong wooden spoons"}, {"current_password": ""}):
        with subtests.test(str(given)):
            problem = assert_problem(ask(client, change, later, **given), 403)
            assert "current_password" in problem["detail"]
            assert f"{RECENT_MINUTES} minutes" in problem["detail"]
    after = stored(database_url)
    assert {name for name in after if after[name] != before[name]} <= {"rate_limit"}
    answer = ask(client, change, later, current_password=PASSWORD)
    assert answer.status_code == CHANGES[change][3], answer.text


@pytest.mark.parametrize("change", CHANGES)
def test_a_log_in_is_recent_for_some_minutes(
    client: TestClient, user: Account, aged: Aged, change: str
) -> None:
    assert ask(client, change, aged(user, RECENT_MINUTES - 1)).status_code == CHANGES[change][3]


def test_a_token_without_the_time_of_its_log_in_is_of_none_that_is_recent(
    client: TestClient, user: Account
) -> None:
    """As the versions before issued them: it goes on being good for everything else."""
    secret: str = cast(FastAPI, client.app).state.secret
    said = jwt.decode(user.token, options={"verify_signature": False})
    del said["auth_time"]
    old = {"Authorization": f"Bearer {jwt.encode(said, secret, 'HS256')}"}
    assert client.get(ME, headers=old).status_code == 200
    assert client.patch(ME, json={"first_name": "Ann"}, headers=old).status_code == 200
    for change in CHANGES:
        assert_problem(ask(client, change, old), 403)


def test_what_is_no_way_in_needs_no_password(client: TestClient, user: Account, aged: Aged) -> None:
    later = aged(user, 60)
    same = {"email": user.email, "first_name": "Ann"}
    assert client.patch(ME, json=same, headers=later).status_code == 200
    token = create_api_token(client, user, "read")
    assert client.get(TOKENS, headers=later).status_code == 200
    assert client.delete(f"{TOKENS}/{token['id']}", headers=later).status_code == 204
    assert client.post(f"{API}/auth/logout-everywhere", headers=later).status_code == 204


def test_a_new_password_always_needs_the_current_one(client: TestClient, user: Account) -> None:
    headers = {"Authorization": f"Bearer {sign_in(client, user.email, user.password)}"}
    body = {"password": "eight copper pots"}
    assert_invalid(client.patch(ME, json=body, headers=headers), "/current_password")
    both = body | NEW_EMAIL | {"current_password": PASSWORD}
    assert client.patch(ME, json=both, headers=headers).status_code == 200
    assert sign_in(client, "new@example.com", "eight copper pots")


def test_guesses_of_the_current_password_are_counted(
    client: TestClient, user: Account, aged: Aged
) -> None:
    later = aged(user, 60)
    statuses = [
        ask(client, "an API token", later, current_password=f"guess {n}").status_code
        for n in range(12)
    ]
    assert statuses[:10] == [403] * 10
    assert statuses[10:] == [429] * 2


def test_the_password_of_a_token_is_not_kept(
    client: TestClient, user: Account, aged: Aged, database_url: str
) -> None:
    answer = ask(client, "an API token", aged(user, 60), current_password=PASSWORD)
    assert answer.status_code == 201
    assert "current_password" not in answer.json()
    assert PASSWORD not in repr(stored(database_url))


# --- The body of a deletion ----------------------------------------------------------------------


def test_the_body_of_a_deletion_may_be_left_out_but_not_be_wrong(
    client: TestClient, user: Account
) -> None:
    plain = user.headers | {"Content-Type": "text/plain"}
    assert_problem(client.request("DELETE", ME, content=b"{}", headers=plain), 415)
    as_json = user.headers | {"Content-Type": "application/json"}
    assert_problem(client.request("DELETE", ME, content=b"{", headers=as_json), 400)
    answer = client.request("DELETE", ME, json={"password": "x"}, headers=user.headers)
    assert_invalid(answer, "/password")
    answer = client.request("DELETE", ME, json={"current_password": 7}, headers=user.headers)
    assert_invalid(answer, "/current_password")
    assert client.get(ME, headers=user.headers).status_code == 200
    # A media type without a body says nothing.
    assert client.request("DELETE", ME, headers=as_json).status_code == 204


# --- A superuser's API token ---------------------------------------------------------------------


def test_an_api_token_of_a_superuser_opens_no_account(
    client: TestClient,
    user: Account,
    superuser: Account,
    database_url: str,
    subtests: pytest.Subtests,
) -> None:
    token = create_api_token(client, superuser, "read", "write")["token"]
    program = {"Authorization": f"Bearer {token}"}
    path = f"{USERS}/{user.id}"
    before = stored(database_url)["user"]
    for body in (
        {"password": "eight copper pots"},
        NEW_EMAIL,
        {"first_name": "Ann"} | NEW_EMAIL,
        {"is_active": False, "password": "eight copper pots"},
    ):
        with subtests.test(str(sorted(body))):
            problem = assert_problem(client.patch(path, json=body, headers=program), 403)
            assert "log in" in problem["detail"]
    with subtests.test("its end"):
        assert_problem(client.delete(path, headers=program), 403)
    assert stored(database_url)["user"] == before
    for name, value in (("first_name", "Ann"), ("email", user.email), ("is_active", False)):
        with subtests.test(f"{name} may be sent"):
            answer = client.patch(path, json={name: value}, headers=program)
            assert answer.status_code == 200
    assert client.patch(path, json=NEW_EMAIL, headers=superuser.headers).status_code == 200
    assert client.delete(path, headers=superuser.headers).status_code == 204


def test_a_superuser_does_not_delete_the_own_account_by_another_door(
    client: TestClient, superuser: Account, user: Account, aged: Aged, database_url: str
) -> None:
    set_superuser(database_url, create_user(client))  # The one that stays.
    later = aged(superuser, 60)
    assert_problem(client.delete(f"{USERS}/{superuser.id}", headers=later), 403)
    assert client.delete(f"{USERS}/{user.id}", headers=later).status_code == 204
    now = aged(superuser, 0)
    assert client.delete(f"{USERS}/{superuser.id}", headers=now).status_code == 204


def test_a_superuser_who_was_demoted_has_no_token_that_does_more(
    client: TestClient, superuser: Account, user: Account, database_url: str
) -> None:
    create_user(client)
    execute(database_url, 'UPDATE "user" SET is_superuser = :no', no=False)
    answer = client.patch(f"{USERS}/{user.id}", json=NEW_EMAIL, headers=superuser.headers)
    assert_problem(answer, 403)


def test_an_access_token_says_when_its_owner_logged_in(client: TestClient, user: Account) -> None:
    secret: str = cast(FastAPI, client.app).state.secret
    before = int(time.time())
    claims = read_access_token(sign_in(client, user.email, user.password), secret)
    assert isinstance(claims, Claims)
    assert before <= claims.signed_in_at <= time.time()
