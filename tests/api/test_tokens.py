"""Access tokens: every one that is not good is refused everywhere, and what ends them."""

import base64
import json
from collections.abc import Callable

import httpx2
import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.factories import API, Account, create_recipe, sign_in
from tests.problems import assert_problem

LOGIN, ME = f"{API}/auth/login", f"{API}/auth/me"
FAR_FUTURE = 2**33


def log_in(client: httpx2.Client, user: Account) -> httpx2.Response:
    return client.post(LOGIN, data={"username": user.email, "password": user.password})


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


def test_a_bad_token_is_refused_everywhere(
    app: FastAPI, client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    create_recipe(client, user)
    secret = app.state.settings.signing_secret()
    assert _altered()(user.token, secret) == user.token  # It is the change that is refused.
    for name, alter in BAD_TOKENS.items():
        with subtests.test(name):
            assert_refused(client, f"Bearer {alter(user.token, secret)}")


BAD_HEADERS: list[str | bytes] = ["", " ", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "{0}"]
BAD_HEADERS += ["Bearer {0} {0}", "Basic {0}", "Token {0}", "Bearer,{0}", 'Bearer "{0}"']
BAD_HEADERS += ["Bearer {0}é", "Bearer " + "a" * 9000, b"Bearer \xff\xfe\xed\xa0\x80"]


def test_a_bad_header_is_refused_everywhere(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for header in BAD_HEADERS:
        with subtests.test(repr(header[:20])):
            sent = header if isinstance(header, bytes) else header.format(user.token)
            assert_refused(client, sent)


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
    assert_problem(log_in(client, user), 401)


def test_a_new_password_ends_every_token(client: TestClient, user: Account) -> None:
    second = sign_in(client, user.email, user.password)
    answer = client.patch(
        ME,
        json={"password": "eight copper pots", "current_password": user.password},
        headers=user.headers,
    )
    assert answer.status_code == 200
    assert_refused(client, f"Bearer {user.token}")
    assert_refused(client, f"Bearer {second}")
    assert_problem(log_in(client, user), 401)
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
    assert client.patch(ME, json={"first_name": "Ann"}, headers=user.headers).is_success
    sign_in(client, user.email, user.password)
    assert client.get(ME, headers=user.headers).is_success
