"""Signing up, logging in, one's own account, and every token that is not good."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.config import Settings
from app.core.security import hash_now
from app.main import create_app
from tests.databases import execute, rows
from tests.factories import API, PASSWORD, Account, create_user, sign_in
from tests.problems import assert_invalid, assert_problem
from tests.processes import make_settings

SIGNUP, LOGIN, ME = f"{API}/auth/signup", f"{API}/auth/login", f"{API}/auth/me"
USER_ME = {"id", "first_name", "surname", "email", "is_superuser", "is_active", "created_at"}


def sign_up(client: httpx2.Client, email: str, **members: object) -> httpx2.Response:
    return client.post(SIGNUP, json={"email": email, "password": PASSWORD, **members})


def log_in(client: httpx2.Client, email: str, password: str = PASSWORD) -> httpx2.Response:
    return client.post(LOGIN, data={"username": email, "password": password})


# --- Sign-up -------------------------------------------------------------------------------------


def test_sign_up_answers_the_account(client: TestClient) -> None:
    answer = sign_up(client, "Ann@Example.com", first_name="Ann", surname="O’Neil")
    assert answer.status_code == 201
    account = answer.json()
    assert account.keys() == USER_ME
    assert account["email"] == "Ann@Example.com"
    assert (account["first_name"], account["surname"]) == ("Ann", "O’Neil")
    assert (account["is_superuser"], account["is_active"]) == (False, True)


def test_names_are_optional(client: TestClient) -> None:
    account = sign_up(client, "ann@example.com").json()
    assert (account["first_name"], account["surname"]) == (None, None)


@pytest.mark.parametrize(
    "members",
    [
        {"is_superuser": True, "is_active": False, "id": 4711},
        {"token_version": 0, "version": 9, "created_at": "2001-01-01T00:00:00Z"},
        {"hashed_password": "x", "email_key": "another@example.com"},
        {"colour": "red"},
    ],
    ids=["privileges", "bookkeeping", "columns", "unknown"],
)
def test_sign_up_ignores_members_that_it_does_not_know(
    client: TestClient, members: dict[str, Any]
) -> None:
    account = sign_up(client, "ann@example.com", **members).json()
    stored = client.get(ME, headers={"Authorization": f"Bearer {sign_in_as(client)}"}).json()
    assert stored == account
    assert (stored["is_superuser"], stored["is_active"]) == (False, True)
    assert stored["id"] != 4711
    assert stored["created_at"] > "2002"


def sign_in_as(client: httpx2.Client) -> str:
    return sign_in(client, "ann@example.com", PASSWORD)


def test_an_address_in_another_spelling_is_taken(client: TestClient) -> None:
    assert sign_up(client, "Ren\u00e9@b\u00fccher.example").status_code == 201
    for spelling in ("REN\u00c9@B\u00dcCHER.example", "rene\u0301@xn--bcher-kva.example"):
        assert_problem(sign_up(client, spelling), 409)
        assert log_in(client, spelling).status_code == 200


def test_another_address_is_not_taken(client: TestClient) -> None:
    for email in ("ann@example.com", "ann+b@example.com", "a.nn@example.com", "ann@example.org"):
        assert sign_up(client, email).status_code == 201


NO_ADDRESSES = ["", " ", "ann", "ann@", "@example.com", "a b@example.com", "ann@exa mple.com"]
NO_ADDRESSES += ["ann@@b.com", "ann@example.com\n", "ann@-example.com", "<ann@example.com>"]
NO_ADDRESSES += ["ann@example.com, bob@example.com", "ann@example..com", "a\0nn@example.com"]


def test_what_is_no_address_is_refused(client: TestClient, subtests: pytest.Subtests) -> None:
    for email in NO_ADDRESSES:
        with subtests.test(repr(email)):
            assert_invalid(sign_up(client, email), "/email")


@pytest.mark.parametrize(
    "password", ["tonkabns", "éèàù", "x7" * 512], ids=["8 letters", "8 bytes", "1024 bytes"]
)
def test_a_password_has_8_to_1024_bytes(client: TestClient, password: str) -> None:
    answer = client.post(SIGNUP, json={"email": "ann@example.com", "password": password})
    assert answer.status_code == 201
    assert log_in(client, "ann@example.com", password).status_code == 200


def test_a_password_is_neither_short_nor_long_nor_common(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    for password in (
        *("tonkabn", "éèà", "x7" * 512 + "y", "é" * 513),
        *("password", "12345678", "qwertyuiop", "PassWord"),
    ):
        with subtests.test(password[:12]):
            answer = client.post(SIGNUP, json={"email": "ann@example.com", "password": password})
            assert_invalid(answer, "/password")


ADA = {"email": "Ada.Byron@example.com", "first_name": "Ada", "surname": "Byron"}
GUESSED_FIRST = {
    "blank_password": [" " * 8, "\u2003" * 8, "\t" * 8],
    "common_password": ["Passw0rd!", "Password1!", "pa$$w0rd99", "Qwerty2026!"],
    "personal_password": ["ada.byron@example.com", "Ada.Byron1", "AdaByron1815!"],
}


@pytest.mark.parametrize(
    ("code", "password"),
    [(code, each) for code, passwords in GUESSED_FIRST.items() for each in passwords],
    ids=ascii,
)
def test_a_password_that_is_guessed_first_is_refused_at_every_door(
    client: TestClient, superuser: Account, code: str, password: str
) -> None:
    def assert_refused(answer: httpx2.Response) -> None:
        errors = assert_problem(answer, 422)["errors"]
        assert [(each["pointer"], each["code"]) for each in errors] == [("/password", code)]

    assert_refused(client.post(SIGNUP, json=ADA | {"password": password}))
    by_admin = f"{API}/users"
    body = ADA | {"password": password}
    assert_refused(client.post(by_admin, json=body, headers=superuser.headers))
    ada = create_user(client, **ADA)
    change = {"password": password, "current_password": PASSWORD}
    assert_refused(client.patch(f"{API}/auth/me", json=change, headers=ada.headers))
    path = f"{by_admin}/{ada.id}"
    answer = client.patch(path, json={"password": password}, headers=superuser.headers)
    assert_refused(answer)
    assert log_in(client, ADA["email"]).status_code == 200


def test_a_password_is_compared_with_the_names_that_come_with_it(
    client: TestClient, user: Account, superuser: Account
) -> None:
    given = {"password": "Lovelace1815", "surname": "Lovelace"}
    change = given | {"current_password": PASSWORD}
    answer = client.patch(f"{API}/auth/me", json=change, headers=user.headers)
    assert_invalid(answer, "/password")
    path = f"{API}/users/{user.id}"
    assert_invalid(client.patch(path, json=given, headers=superuser.headers), "/password")
    del given["surname"]
    assert client.patch(path, json=given, headers=superuser.headers).status_code == 200


def test_who_has_a_password_that_would_be_refused_today_still_logs_in(
    client: TestClient, user: Account, database_url: str
) -> None:
    for password in ("Passw0rd!", " " * 8, user.email):
        hashed = hash_now(password)
        execute(database_url, 'UPDATE "user" SET hashed_password = :hashed', hashed=hashed)
        assert log_in(client, user.email, password).status_code == 200


@pytest.mark.parametrize("missing", ["email", "password"])
def test_sign_up_needs(client: TestClient, missing: str) -> None:
    body = {"email": "ann@example.com", "password": PASSWORD}
    del body[missing]
    assert_invalid(client.post(SIGNUP, json=body), f"/{missing}")


def test_of_twenty_who_want_one_address_one_gets_it(client: TestClient) -> None:
    def try_it(number: int) -> int:
        return sign_up(client, "ann@example.com", first_name=str(number)).status_code

    with ThreadPoolExecutor(20) as threads:
        assert sorted(threads.map(try_it, range(20))) == [201] + [409] * 19


def test_sign_up_may_be_closed(database_url: str, tmp_path: Path) -> None:
    settings = make_settings(database_url, tmp_path, signup="closed")
    with TestClient(create_app(settings)) as client:
        assert_problem(sign_up(client, "ann@example.com"), 403)
        assert_problem(client.post(SIGNUP, content=b"not read"), 403)
        assert_problem(log_in(client, "ann@example.com"), 401)


# --- Login ---------------------------------------------------------------------------------------


def test_login_answers_a_token(client: TestClient, user: Account, settings: Settings) -> None:
    answer = log_in(client, user.email)
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == settings.access_token_minutes * 60
    assert answer.headers["cache-control"] == "no-store"


def test_a_token_says_who_one_is(client: TestClient, user: Account) -> None:
    me = client.get(ME, headers=user.headers)
    assert me.status_code == 200
    assert me.json().keys() == USER_ME
    assert (me.json()["id"], me.json()["email"]) == (user.id, user.email)


def test_unknown_users_and_wrong_passwords_get_the_same_answer(
    client: TestClient, user: Account, superuser: Account
) -> None:
    disabled = create_user(client)
    path = f"{API}/users/{disabled.id}"
    assert client.patch(path, json={"is_active": False}, headers=superuser.headers).is_success
    answers = [
        log_in(client, user.email, "another password"),
        log_in(client, "nobody@example.com"),
        log_in(client, "no address"),
        log_in(client, "nobody@example.com", "x" * 1024),
        log_in(client, disabled.email, disabled.password),
    ]
    documents = [assert_problem(answer, 401) | {"request_id": ""} for answer in answers]
    assert documents == [documents[0]] * len(documents)


def test_login_knows_no_parameters(client: TestClient, user: Account) -> None:
    form = {"username": user.email, "password": user.password}
    assert_invalid(client.post(f"{LOGIN}?next=/", data=form), "next")


@pytest.mark.parametrize("missing", ["username", "password"])
def test_login_needs(client: TestClient, missing: str) -> None:
    form = {"username": "ann@example.com", "password": PASSWORD}
    del form[missing]
    answer = client.post(LOGIN, data=form)
    assert_problem(answer, 422)
    assert PASSWORD not in answer.text


def test_passwords_that_differ_far_behind_are_different(client: TestClient) -> None:
    password = "tonka beans " * 8
    client.post(SIGNUP, json={"email": "ann@example.com", "password": password + "a"})
    assert log_in(client, "ann@example.com", password + "a").status_code == 200
    assert log_in(client, "ann@example.com", password + "b").status_code == 401


def test_a_password_is_the_same_from_every_keyboard(client: TestClient) -> None:
    for number, (chosen, typed) in enumerate(
        permutations(["cr\u00e8me br\u00fbl\u00e9e", "cre\u0300me bru\u0302le\u0301e"])
    ):
        email = f"ann-{number}@example.com"
        client.post(SIGNUP, json={"email": email, "password": chosen})
        assert log_in(client, email, typed).status_code == 200
        assert log_in(client, email, typed.upper()).status_code == 401


# --- Dated hashes --------------------------------------------------------------------------------


def test_a_log_in_renews_a_hash_of_other_parameters(
    client: TestClient, user: Account, database_url: str
) -> None:
    def account() -> dict[str, Any]:
        (row,) = rows(database_url, "user")
        return dict(row._mapping)

    today = account()
    dated = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash(user.password)
    execute(database_url, 'UPDATE "user" SET hashed_password = :dated', dated=dated)

    assert_problem(log_in(client, user.email, "another password"), 401)
    assert account()["hashed_password"] == dated

    assert log_in(client, user.email).status_code == 200
    renewed = account()["hashed_password"]
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    # Nobody has changed the account: its version and its tokens stay.
    for name in ("version", "token_version"):
        assert account()[name] == today[name]
    assert client.get(ME, headers=user.headers).status_code == 200

    assert log_in(client, user.email).status_code == 200
    assert account()["hashed_password"] == renewed
