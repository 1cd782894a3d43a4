"""Access tokens: what they are sent in, and what ends them.

Those that never were good are in tests/owasp/test_api2_authentication.py.
"""

import httpx2
from fastapi.testclient import TestClient

from tests.factories import API, Account, sign_in
from tests.operations import assert_refused_everywhere
from tests.problems import assert_problem

LOGIN, ME = f"{API}/auth/login", f"{API}/auth/me"


def log_in(client: httpx2.Client, user: Account) -> httpx2.Response:
    return client.post(LOGIN, data={"username": user.email, "password": user.password})


def test_the_scheme_is_bearer_in_any_case(client: TestClient, user: Account) -> None:
    headers = {"Authorization": f"bEARER  {user.token}"}
    assert client.get(ME, headers=headers).status_code == 200


def test_a_bad_token_does_not_keep_one_from_logging_in(client: TestClient, user: Account) -> None:
    form = {"username": user.email, "password": user.password}
    headers = {"Authorization": "Bearer expired"}
    assert client.post(LOGIN, data=form, headers=headers).status_code == 200


# --- What ends tokens ----------------------------------------------------------------------------


def test_the_token_of_a_deleted_user_ends(client: TestClient, user: Account) -> None:
    assert client.delete(ME, headers=user.headers).status_code == 204
    assert_refused_everywhere(client, f"Bearer {user.token}")


def test_the_token_of_a_disabled_user_ends(
    client: TestClient, user: Account, superuser: Account
) -> None:
    path = f"{API}/users/{user.id}"
    assert client.patch(path, json={"is_active": False}, headers=superuser.headers).is_success
    assert_refused_everywhere(client, f"Bearer {user.token}")
    assert_problem(log_in(client, user), 401)


def test_a_new_password_ends_every_token(client: TestClient, user: Account) -> None:
    second = sign_in(client, user.email, user.password)
    answer = client.patch(
        ME,
        json={"password": "eight copper pots", "current_password": user.password},
        headers=user.headers,
    )
    assert answer.status_code == 200
    assert_refused_everywhere(client, f"Bearer {user.token}")
    assert_refused_everywhere(client, f"Bearer {second}")
    assert_problem(log_in(client, user), 401)
    token = sign_in(client, user.email, "eight copper pots")
    assert client.get(ME, headers={"Authorization": f"Bearer {token}"}).is_success


def test_logging_out_everywhere_ends_every_token(client: TestClient, user: Account) -> None:
    second = sign_in(client, user.email, user.password)
    answer = client.post(f"{API}/auth/logout-everywhere", headers=user.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_refused_everywhere(client, f"Bearer {user.token}")
    assert_refused_everywhere(client, f"Bearer {second}")
    token = sign_in(client, user.email, user.password)
    assert client.get(ME, headers={"Authorization": f"Bearer {token}"}).is_success


def test_a_token_is_good_until_something_ends_it(client: TestClient, user: Account) -> None:
    assert client.patch(ME, json={"first_name": "Ann"}, headers=user.headers).is_success
    sign_in(client, user.email, user.password)
    assert client.get(ME, headers=user.headers).is_success
