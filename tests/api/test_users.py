"""Accounts as superusers manage them, and the public profile of everybody."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.factories import (
    API,
    PASSWORD,
    Account,
    create_recipe,
    create_user,
    set_superuser,
    sign_in,
)
from tests.problems import assert_invalid, assert_problem

USERS = f"{API}/users"
USER_ME = {"id", "first_name", "surname", "email", "is_superuser", "is_active", "created_at"}


def change(client: httpx2.Client, by: Account, user_id: int, **members: object) -> httpx2.Response:
    return client.patch(f"{USERS}/{user_id}", json=members, headers=by.headers)


@pytest.fixture
def second_superuser(client: TestClient, database_url: str) -> Account:
    account = create_user(client)
    set_superuser(database_url, account)
    return account


# --- The public profile --------------------------------------------------------------------------


def test_everybody_sees_a_profile_without_an_address(
    client: TestClient, other_user: Account
) -> None:
    ann = create_user(client, first_name="Ann", surname="Bee")
    create_recipe(client, ann)
    profile = {"id": ann.id, "first_name": "Ann", "surname": "Bee"}
    for headers in ({}, other_user.headers, ann.headers):
        answer = client.get(f"{USERS}/{ann.id}", headers=headers)
        assert (answer.status_code, answer.json()) == (200, profile)


def test_the_names_of_those_who_published_nothing_are_not_told(
    client: TestClient, other_user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    ann = create_user(client, first_name="Ann", surname="Bee")
    named = {"id": ann.id, "first_name": "Ann", "surname": "Bee"}
    unnamed = {"id": ann.id, "first_name": None, "surname": None}

    def assert_profile(expected: dict[str, Any]) -> None:
        for headers in ({}, other_user.headers):
            answer = client.get(f"{USERS}/{ann.id}", headers=headers)
            assert (answer.status_code, answer.json()) == (200, expected)
        for account in (ann, superuser):
            seen = client.get(f"{USERS}/{ann.id}", headers=account.headers).json()
            assert seen.items() >= named.items()

    with subtests.test("nothing is there"):
        assert_profile(unnamed)
    for visibility in ("private", "unlisted"):
        create_recipe(client, ann, visibility=visibility)
    create_recipe(client, other_user)
    with subtests.test("nothing is public"):
        assert_profile(unnamed)
    path = f"{API}/recipes/{create_recipe(client, ann)['id']}"
    with subtests.test("a recipe is public"):
        assert_profile(named)
    client.delete(path, headers=ann.headers)
    with subtests.test("it is in the trash"):
        assert_profile(unnamed)
    client.post(f"{path}/restore", headers=ann.headers)
    with subtests.test("it is back"):
        assert_profile(named)
    client.patch(path, json={"visibility": "private"}, headers=ann.headers)
    with subtests.test("it is private"):
        assert_profile(unnamed)


def test_a_superuser_sees_the_account(
    client: TestClient, user: Account, superuser: Account
) -> None:
    account = client.get(f"{USERS}/{user.id}", headers=superuser.headers).json()
    assert account.keys() == USER_ME
    assert account["email"] == user.email


def test_there_is_no_profile_of_nobody(client: TestClient, user: Account) -> None:
    assert_problem(client.get(f"{USERS}/999999"), 404)
    client.delete(f"{API}/auth/me", headers=user.headers)
    assert_problem(client.get(f"{USERS}/{user.id}"), 404)


# --- The list ------------------------------------------------------------------------------------


def test_the_list_has_every_account_once(client: TestClient, superuser: Account) -> None:
    ids = [superuser.id, *(create_user(client).id for _ in range(4))]
    visited: list[int] = []
    path = f"{USERS}?limit=2&count=true"
    for _ in ids:
        answer = client.get(path, headers=superuser.headers)
        assert answer.json()["total"] == 5
        visited += [account["id"] for account in answer.json()["items"]]
        if "next" not in answer.links:
            break
        path = answer.links["next"]["url"]
    assert visited == sorted(ids, reverse=True)


def test_the_list_tells_no_secret(client: TestClient, superuser: Account) -> None:
    answer = client.get(USERS, headers=superuser.headers)
    (account,) = answer.json()["items"]
    assert account.keys() == USER_ME
    assert "argon2" not in answer.text


# --- POST ----------------------------------------------------------------------------------------


def test_a_superuser_makes_an_account(client: TestClient, superuser: Account) -> None:
    body = {"email": "New@example.com", "password": PASSWORD, "first_name": "Nova"}
    answer = client.post(USERS, json=body, headers=superuser.headers)
    assert answer.status_code == 201
    assert answer.json().keys() == USER_ME
    assert answer.headers["location"] == f"{USERS}/{answer.json()['id']}"
    assert sign_in(client, "new@example.com", PASSWORD)


def test_an_account_for_a_taken_address_is_a_conflict(
    client: TestClient, user: Account, superuser: Account
) -> None:
    body = {"email": user.email.upper(), "password": PASSWORD}
    assert_problem(client.post(USERS, json=body, headers=superuser.headers), 409)


def test_an_account_may_be_made_before_it_is_used(client: TestClient, superuser: Account) -> None:
    body = {"email": "new@example.com", "password": PASSWORD, "is_active": False}
    made = client.post(USERS, json=body, headers=superuser.headers).json()
    assert (made["is_active"], made["is_superuser"]) == (False, False)
    form = {"username": "new@example.com", "password": PASSWORD}
    assert_problem(client.post(f"{API}/auth/login", data=form), 401)
    assert change(client, superuser, made["id"], is_active=True).is_success
    assert sign_in(client, "new@example.com", PASSWORD)


# --- PATCH ---------------------------------------------------------------------------------------


def test_a_superuser_changes_an_account(
    client: TestClient, user: Account, superuser: Account
) -> None:
    answer = change(client, superuser, user.id, first_name="Ann", email="Ann@example.com")
    assert answer.status_code == 200
    assert answer.json()["email"] == "Ann@example.com"
    assert client.get(f"{USERS}/{user.id}", headers=user.headers).json()["first_name"] == "Ann"
    assert sign_in(client, "ann@example.com", user.password)


def test_nobody_overwrites_an_account_that_changed(
    client: TestClient, superuser: Account, user: Account
) -> None:
    path = f"{USERS}/{user.id}"
    etag = client.get(path, headers=superuser.headers).headers["etag"]
    headers = superuser.headers | {"If-Match": etag}
    assert client.patch(path, json={"surname": "Ahn"}, headers=headers).status_code == 200
    for method, body in (("PATCH", {"surname": "Ban"}), ("DELETE", None)):
        assert_problem(client.request(method, path, json=body, headers=headers), 412)
    assert client.get(path, headers=user.headers).json()["surname"] == "Ahn"
    headers["If-Match"] = client.get(path, headers=superuser.headers).headers["etag"]
    assert client.delete(path, headers=headers).status_code == 204


def test_an_account_takes_what_get_gave(
    client: TestClient, user: Account, superuser: Account
) -> None:
    account = client.get(f"{USERS}/{user.id}", headers=superuser.headers).json()
    answer = change(client, superuser, user.id, **account | {"surname": "Bee"})
    assert (answer.status_code, answer.json()) == (200, account | {"surname": "Bee"})


def test_a_password_that_a_superuser_sets_ends_every_token(
    client: TestClient, user: Account, superuser: Account
) -> None:
    assert change(client, superuser, user.id, password="eight copper pots").is_success
    assert_problem(client.get(f"{API}/auth/me", headers=user.headers), 401)
    assert sign_in(client, user.email, "eight copper pots")


def test_the_tokens_of_a_disabled_user_stay_ended(
    client: TestClient, user: Account, superuser: Account
) -> None:
    change(client, superuser, user.id, is_active=False)
    assert change(client, superuser, user.id, is_active=True).json()["is_active"] is True
    assert_problem(client.get(f"{API}/auth/me", headers=user.headers), 401)
    assert sign_in(client, user.email, user.password)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"is_active": None}, "/is_active"),
    ({"is_active": "no"}, "/is_active"),
    ({"is_superuser": 1}, "/is_superuser"),
    ({"is_superuser": True}, "/is_superuser"),
    ({"email": None}, "/email"),
    ({"password": "short"}, "/password"),
    ({"id": 999}, "/id"),
    ({"created_at": "2001-01-01T00:00:00Z"}, "/created_at"),
    ({"token_version": 1}, "/token_version"),
]


def test_a_change_of_an_account_that_is_refused(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    for members, wrong in REFUSED:
        with subtests.test(str(members)):
            assert_invalid(change(client, superuser, user.id, **members), wrong)


def test_the_address_of_another_is_a_conflict(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    assert_problem(change(client, superuser, user.id, email=other_user.email), 409)


def test_a_superuser_is_changed_by_nobody_into_another(
    client: TestClient, superuser: Account, second_superuser: Account
) -> None:
    # Who takes over one of them takes over everything. They have /auth/me, operators the console.
    for by in (superuser, second_superuser):
        for members in ({"email": "new@example.com"}, {"password": "eight copper pots"}):
            assert_problem(change(client, by, superuser.id, **members), 403)
        assert_invalid(change(client, by, superuser.id, is_superuser=False), "/is_superuser")
    assert sign_in(client, superuser.email, superuser.password)
    account = client.get(f"{USERS}/{superuser.id}", headers=second_superuser.headers).json()
    answer = change(client, second_superuser, superuser.id, **account | {"surname": "Bee"})
    assert (answer.status_code, answer.json()) == (200, account | {"surname": "Bee"})


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"surname": "x"}), ("DELETE", None)])
def test_an_account_that_is_not_there(
    client: TestClient, superuser: Account, method: str, body: dict[str, str] | None
) -> None:
    url = f"{USERS}/999999"
    assert_problem(client.request(method, url, json=body, headers=superuser.headers), 404)


# --- DELETE --------------------------------------------------------------------------------------


def test_deleting_an_account_leaves_what_is_not_private(
    client: TestClient, user: Account, superuser: Account
) -> None:
    public, private = (
        f"{API}/recipes/{create_recipe(client, user, visibility=visibility)['id']}"
        for visibility in ("public", "private")
    )
    answer = client.delete(f"{USERS}/{user.id}", headers=superuser.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(public).json()["submitter_id"] is None
    assert_problem(client.get(private, headers=superuser.headers), 404)
    assert_problem(client.get(f"{USERS}/{user.id}"), 404)
    assert_problem(client.get(f"{API}/auth/me", headers=user.headers), 401)


def test_a_recipe_without_submitter_is_still_listed(
    client: TestClient, user: Account, superuser: Account
) -> None:
    recipe = create_recipe(client, user)
    client.delete(f"{USERS}/{user.id}", headers=superuser.headers)
    (item,) = client.get(f"{API}/recipes").json()["items"]
    assert (item["id"], item["submitter_id"]) == (recipe["id"], None)
    assert client.get(f"/recipes/{recipe['id']}").status_code == 200


# --- The last superuser --------------------------------------------------------------------------

STEPS_DOWN: dict[str, dict[str, bool] | None] = {
    "deleted": None,
    "disabled": {"is_active": False},
}


def step_down(
    client: httpx2.Client, by: Account, user_id: int, body: dict[str, bool] | None
) -> httpx2.Response:
    method = "PATCH" if body else "DELETE"
    return client.request(method, f"{USERS}/{user_id}", json=body, headers=by.headers)


@pytest.mark.parametrize("body", STEPS_DOWN.values(), ids=STEPS_DOWN.keys())
def test_the_last_superuser_stays(
    client: TestClient, superuser: Account, body: dict[str, bool] | None
) -> None:
    assert_problem(step_down(client, superuser, superuser.id, body), 409)
    assert client.get(USERS, headers=superuser.headers).status_code == 200


@pytest.mark.parametrize("body", STEPS_DOWN.values(), ids=STEPS_DOWN.keys())
def test_a_superuser_may_go_while_another_stays(
    client: TestClient,
    superuser: Account,
    second_superuser: Account,
    body: dict[str, bool] | None,
) -> None:
    assert step_down(client, superuser, second_superuser.id, body).is_success
    assert_problem(step_down(client, superuser, superuser.id, body), 409)
    assert not client.get(USERS, headers=second_superuser.headers).is_success


@pytest.mark.parametrize("body", STEPS_DOWN.values(), ids=STEPS_DOWN.keys())
def test_two_superusers_cannot_remove_each_other_at_once(
    client: TestClient,
    superuser: Account,
    second_superuser: Account,
    body: dict[str, bool] | None,
) -> None:
    pairs = [(superuser, second_superuser.id), (second_superuser, superuser.id)]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda pair: step_down(client, pair[0], pair[1], body), pairs))
    assert sum(answer.is_success for answer in answers) == 1
    assert {answer.status_code for answer in answers} <= {200, 204, 401, 403, 409}
