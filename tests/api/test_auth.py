"""Signing up, logging in, one's own account, and every token that is not good."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests.factories import API, PASSWORD, Account, create_recipe, create_user, sign_in
from tests.problems import assert_invalid, assert_problem
from tests.processes import make_settings

SIGNUP, LOGIN, ME = f"{API}/auth/signup", f"{API}/auth/login", f"{API}/auth/me"
USER_ME = {"id", "first_name", "surname", "email", "is_superuser", "is_active", "created_at"}
FAR_FUTURE = 2**33


def sign_up(client: httpx2.Client, email: str, **members: object) -> httpx2.Response:
    return client.post(SIGNUP, json={"email": email, "password": PASSWORD, **members})


def log_in(client: httpx2.Client, email: str, password: str = PASSWORD) -> httpx2.Response:
    return client.post(LOGIN, data={"username": email, "password": password})


def change_me(client: httpx2.Client, user: Account, **members: object) -> httpx2.Response:
    return client.patch(ME, json=members, headers=user.headers)


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


@pytest.mark.parametrize(
    ("taken", "spelling"),
    [
        ("ann@example.com", "ann@example.com"),
        ("ann@example.com", "Ann@Example.COM"),
        ("ann@example.com", "\uff41nn@example.com"),
        ("ren\u00e9@example.com", "rene\u0301@example.com"),
        ("REN\u00c9@example.com", "ren\u00e9@example.com"),
        ("stra\u00dfe@example.com", "STRASSE@example.com"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann@b\u00fccher.example", "ann@B\u00dcCHER.example"),
    ],
    ids=["same", "case", "width", "NFC", "case of é", "ß", "IDNA", "case of IDNA"],
)
def test_an_address_in_another_spelling_is_taken(
    client: TestClient, taken: str, spelling: str
) -> None:
    assert sign_up(client, taken).status_code == 201
    assert_problem(sign_up(client, spelling), 409)
    assert log_in(client, spelling).status_code == 200


@pytest.mark.parametrize("other", ["ann+b@example.com", "a.nn@example.com", "ann@example.org"])
def test_another_address_is_not_taken(client: TestClient, other: str) -> None:
    sign_up(client, "ann@example.com")
    assert sign_up(client, other).status_code == 201


@pytest.mark.parametrize(
    "email",
    ["", " ", "ann", "ann@", "@example.com", "a b@example.com", "ann@exa mple.com", "ann@@b.com"]
    + ["ann@example.com\n", "ann@-example.com", "<ann@example.com>"]
    + ["ann@example.com, bob@example.com", "ann@example..com", "a\0nn@example.com"],
    ids=repr,
)
def test_what_is_no_address_is_refused(client: TestClient, email: str) -> None:
    assert_invalid(sign_up(client, email), "/email")


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("tonkabn", False),
        ("tonkabns", True),
        ("éèàù", True),
        ("éèà", False),
        ("x7" * 512, True),
        ("x7" * 512 + "y", False),
        ("é" * 513, False),
        ("password", False),
        ("12345678", False),
        ("qwertyuiop", False),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_passwords_have_8_to_1024_bytes_and_are_not_common(
    client: TestClient, password: str, accepted: bool
) -> None:
    answer = client.post(SIGNUP, json={"email": "ann@example.com", "password": password})
    if accepted:
        assert answer.status_code == 201
        assert log_in(client, "ann@example.com", password).status_code == 200
    else:
        assert_invalid(answer, "/password")


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


# --- Tokens that are not good --------------------------------------------------------------------

# Public routes too: a client with a token that has ended must learn of it.
ROUTES = [
    ("GET", "/recipes"),
    ("GET", "/recipes/1"),
    ("GET", "/recipes/search?keyword=toast"),
    ("GET", "/recipes/my-recipes"),
    ("GET", "/users/1"),
    ("GET", "/users"),
    ("GET", "/auth/me"),
    ("DELETE", "/auth/me"),
    ("POST", "/auth/logout-everywhere"),
    ("DELETE", "/recipes/1"),
]


def assert_refused(client: httpx2.Client, header: str | bytes) -> None:
    for method, path in ROUTES:
        sent = header if isinstance(header, bytes) else header.encode()
        answer = client.request(method, API + path, headers={b"Authorization": sent})
        document = assert_problem(answer, 401)
        assert document["errors"] == []


def _altered(**changes: object) -> Callable[[str, str], str]:
    """A token of ours with other claims (None: without the claim), signed with our secret."""

    def alter(token: str, secret: str) -> str:
        claims = jwt.decode(token, options={"verify_signature": False}) | changes
        return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, "HS256")

    return alter


def _unsigned(token: str, secret: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, key=None, algorithm="none")


def _none_with_signature(token: str, secret: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode()
    return ".".join([header.rstrip("="), *token.split(".")[1:]])


def _claims_of_another(token: str, secret: str) -> str:
    head, claims, signature = token.split(".")
    forged = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"sub": "2"}
    claims = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    return ".".join([head, claims, signature])


BAD_TOKENS: dict[str, Callable[[str, str], str]] = {
    "alg none": _unsigned,
    "alg none, with the signature": _none_with_signature,
    "HS512": lambda token, secret: jwt.encode(
        jwt.decode(token, options={"verify_signature": False}), secret * 2, "HS512"
    ),
    "another secret": lambda token, secret: _altered()(token, secret[::-1]),
    "claims of another": _claims_of_another,
    "without its signature": lambda token, _: token.rpartition(".")[0] + ".",
    "expired": _altered(iat=0, exp=1),
    "not yet valid": _altered(nbf=FAR_FUTURE, exp=FAR_FUTURE + 1),
    "no exp": _altered(exp=None),
    "no iat": _altered(iat=None),
    "no sub": _altered(sub=None),
    "no iss": _altered(iss=None),
    "no aud": _altered(aud=None),
    "another issuer": _altered(iss="another"),
    "another audience": _altered(aud="another"),
    "exp is text": _altered(exp="tomorrow"),
    "sub is text": _altered(sub="ann"),
    "sub is nobody": _altered(sub="0"),
    "sub is unknown": _altered(sub="999999"),
    "sub is huge": _altered(sub="9" * 30),
    "another token version": _altered(ver=-1),
    "no token version": _altered(ver=None),
}


@pytest.mark.parametrize("alter", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_refused_everywhere(
    app: FastAPI, client: TestClient, user: Account, alter: Callable[[str, str], str]
) -> None:
    create_recipe(client, user)
    secret = app.state.settings.signing_secret()
    assert _altered()(user.token, secret) == user.token  # It is the change that is refused.
    assert_refused(client, f"Bearer {alter(user.token, secret)}")


@pytest.mark.parametrize(
    "template",
    ["", " ", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer {0} {0}", "{0}"]
    + [
        "Basic {0}",
        "Token {0}",
        "Bearer,{0}",
        'Bearer "{0}"',
        "Bearer {0}é",
        "Bearer " + "a" * 9000,
    ],
    ids=lambda text: text[:12] or "empty",
)
def test_a_bad_header_is_refused_everywhere(
    client: TestClient, user: Account, template: str
) -> None:
    assert_refused(client, template.format(user.token))


def test_a_header_that_is_no_utf_8_is_refused_everywhere(client: TestClient) -> None:
    assert_refused(client, b"Bearer \xff\xfe\xed\xa0\x80")


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
    assert_refused(client, f"Bearer {user.token}")


def test_the_token_of_a_disabled_user_ends(
    client: TestClient, user: Account, superuser: Account
) -> None:
    path = f"{API}/users/{user.id}"
    assert client.patch(path, json={"is_active": False}, headers=superuser.headers).is_success
    assert_refused(client, f"Bearer {user.token}")
    assert_problem(log_in(client, user.email), 401)


def test_a_new_password_ends_every_token(client: TestClient, user: Account) -> None:
    second = sign_in(client, user.email, user.password)
    answer = change_me(client, user, password="eight copper pots", current_password=user.password)
    assert answer.status_code == 200
    assert_refused(client, f"Bearer {user.token}")
    assert_refused(client, f"Bearer {second}")
    assert_problem(log_in(client, user.email), 401)
    token = sign_in(client, user.email, "eight copper pots")
    assert client.get(ME, headers={"Authorization": f"Bearer {token}"}).is_success


def test_logging_out_everywhere_ends_every_token(client: TestClient, user: Account) -> None:
    second = sign_in(client, user.email, user.password)
    answer = client.post(f"{API}/auth/logout-everywhere", headers=user.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_refused(client, f"Bearer {user.token}")
    assert_refused(client, f"Bearer {second}")
    token = sign_in(client, user.email, user.password)
    assert client.get(ME, headers={"Authorization": f"Bearer {token}"}).is_success


def test_a_token_is_good_until_something_ends_it(client: TestClient, user: Account) -> None:
    assert change_me(client, user, first_name="Ann").is_success
    sign_in(client, user.email, user.password)
    assert client.get(ME, headers=user.headers).is_success


# --- One's own account ---------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"is_superuser": True}, "/is_superuser"),
        ({"is_active": False}, "/is_active"),
        ({"id": 999}, "/id"),
        ({"token_version": 1}, "/token_version"),
        ({"email": None}, "/email"),
        ({"password": None}, "/password"),
        ({"password": "short", "current_password": PASSWORD}, "/password"),
        ({"email": "no address", "current_password": PASSWORD}, "/email"),
        ({"first_name": "x" * 101}, "/first_name"),
        ({"surname": "\u0007"}, "/surname"),
    ],
    ids=str,
)
def test_a_change_of_the_account_that_is_refused(
    client: TestClient, user: Account, members: dict[str, Any], wrong: str
) -> None:
    before = client.get(ME, headers=user.headers).json()
    assert_invalid(change_me(client, user, **members), wrong)
    assert client.get(ME, headers=user.headers).json() == before


def test_the_account_takes_what_get_gave(client: TestClient, user: Account) -> None:
    account = client.get(ME, headers=user.headers).json()
    answer = change_me(client, user, **account | {"first_name": "Ann"})
    assert (answer.status_code, answer.json()) == (200, account | {"first_name": "Ann"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ME), ("PATCH", ME), ("DELETE", ME), ("POST", f"{API}/auth/logout-everywhere")],
)
def test_the_account_is_for_who_is_signed_in(client: TestClient, method: str, path: str) -> None:
    body: dict[str, str] | None = {} if method == "PATCH" else None
    assert_problem(client.request(method, path, json=body), 401)


def test_who_deletes_their_account_leaves_what_is_not_private(
    client: TestClient, user: Account, superuser: Account
) -> None:
    recipes = {
        visibility: f"{API}/recipes/{create_recipe(client, user, visibility=visibility)['id']}"
        for visibility in ("public", "unlisted", "private")
    }
    assert client.delete(ME, headers=user.headers).status_code == 204
    assert client.get(recipes["public"]).json()["submitter_id"] is None
    assert client.get(recipes["unlisted"]).json()["submitter_id"] is None
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
    assert sign_up(client, user.email).status_code == 201
    assert_refused(client, f"Bearer {user.token}")


def test_the_last_superuser_cannot_leave(client: TestClient, superuser: Account) -> None:
    assert_problem(client.delete(ME, headers=superuser.headers), 409)
    assert client.get(ME, headers=superuser.headers).is_success
