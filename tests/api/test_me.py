"""One's own account: what one may change, and what stays when one leaves."""

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.factories import API, PASSWORD, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

LOGIN, ME = f"{API}/auth/login", f"{API}/auth/me"


def log_in(client: httpx2.Client, email: str) -> httpx2.Response:
    return client.post(LOGIN, data={"username": email, "password": PASSWORD})


def change_me(client: httpx2.Client, user: Account, **members: object) -> httpx2.Response:
    return client.patch(ME, json=members, headers=user.headers)


def test_names_change(client: TestClient, user: Account) -> None:
    answer = change_me(client, user, first_name="Ann", surname=None)
    assert answer.status_code == 200
    assert (answer.json()["first_name"], answer.json()["surname"]) == ("Ann", None)
    assert client.get(ME, headers=user.headers).json() == answer.json()


def test_an_address_changes(client: TestClient, user: Account) -> None:
    answer = change_me(client, user, email="New@example.com", current_password=user.password)
    assert answer.json()["email"] == "New@example.com"
    assert_problem(log_in(client, user.email), 401)
    assert log_in(client, "new@example.com").status_code == 200


def test_the_address_of_another_is_taken(
    client: TestClient, user: Account, other_user: Account
) -> None:
    email = other_user.email.upper()
    answer = change_me(client, user, email=email, current_password=user.password)
    assert_problem(answer, 409)
    assert client.get(ME, headers=user.headers).json()["email"] == user.email


def test_ones_own_address_may_change_its_spelling(client: TestClient, user: Account) -> None:
    email = user.email.upper()
    answer = change_me(client, user, email=email, current_password=user.password)
    assert (answer.status_code, answer.json()["email"]) == (200, email)


@pytest.mark.parametrize(
    "given", [{}, {"current_password": "wrong wooden spoons"}, {"current_password": ""}], ids=str
)
def test_a_new_password_needs_the_current_one(
    client: TestClient, user: Account, given: dict[str, str]
) -> None:
    answer = change_me(client, user, password="eight copper pots", **given)
    assert_invalid(answer, "/current_password")
    assert log_in(client, user.email).status_code == 200
    assert client.get(ME, headers=user.headers).is_success


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"is_superuser": True}, "/is_superuser"),
    ({"is_active": False}, "/is_active"),
    ({"id": 999}, "/id"),
    ({"created_at": "2001-01-01T00:00:00Z"}, "/created_at"),
    ({"token_version": 1}, "/token_version"),
    ({"email": None}, "/email"),
    ({"password": None}, "/password"),
    ({"password": "short", "current_password": PASSWORD}, "/password"),
    ({"email": "no address", "current_password": PASSWORD}, "/email"),
    ({"first_name": "x" * 101}, "/first_name"),
    ({"surname": "\u0007"}, "/surname"),
]


def test_a_change_of_the_account_that_is_refused(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    before = client.get(ME, headers=user.headers).json()
    for members, wrong in REFUSED:
        with subtests.test(str(members)):
            assert_invalid(change_me(client, user, **members), wrong)
    assert client.get(ME, headers=user.headers).json() == before


def test_the_account_takes_what_get_gave(client: TestClient, user: Account) -> None:
    account = client.get(ME, headers=user.headers).json()
    answer = change_me(client, user, **account | {"first_name": "Ann"})
    assert (answer.status_code, answer.json()) == (200, account | {"first_name": "Ann"})


def test_who_deletes_their_account_leaves_what_is_not_private(
    client: TestClient, user: Account, superuser: Account
) -> None:
    recipes = {
        visibility: f"{API}/recipes/{create_recipe(client, user, visibility=visibility)['id']}"
        for visibility in ("public", "unlisted", "private")
    }
    assert client.delete(ME, headers=user.headers).status_code == 204
    assert client.get(recipes["public"]).json()["submitter_id"] is None
    unlisted = client.get(recipes["unlisted"], headers=superuser.headers)
    assert unlisted.json()["submitter_id"] is None
    assert_problem(client.get(recipes["private"], headers=superuser.headers), 404)
    assert_problem(log_in(client, user.email), 401)


def test_what_a_deleted_user_leaves_only_a_superuser_changes(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    path = f"{API}/recipes/{create_recipe(client, user)['id']}"
    client.delete(ME, headers=user.headers)
    body = {"notes": "changed"}
    assert_problem(client.patch(path, json=body), 401)
    assert_problem(client.patch(path, json=body, headers=other_user.headers), 403)
    assert client.patch(path, json=body, headers=superuser.headers).status_code == 200


def test_the_address_of_a_deleted_user_is_free_again(client: TestClient, user: Account) -> None:
    client.delete(ME, headers=user.headers)
    body = {"email": user.email, "password": user.password}
    assert client.post(f"{API}/auth/signup", json=body).status_code == 201
    assert_problem(client.get(ME, headers=user.headers), 401)


def test_the_last_superuser_cannot_leave(client: TestClient, superuser: Account) -> None:
    assert_problem(client.delete(ME, headers=superuser.headers), 409)
    assert client.get(ME, headers=superuser.headers).is_success
