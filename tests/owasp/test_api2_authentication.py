"""API2:2023 Broken Authentication: no token lets anybody in but one of ours, as it was issued.

What ends a good one is tested in tests/api/test_tokens.py, and guessing of passwords in
tests/api/test_throttling.py.
"""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests import server
from tests.databases import execute
from tests.factories import API, Account, create_api_token, create_recipe, sign_up
from tests.operations import assert_refused_everywhere
from tests.problems import assert_problem
from tests.web.browser import on_one_database

ME = f"{API}/auth/me"
FAR_FUTURE = 2**33
# Of no use as a secret, since everybody may have it.
PUBLIC_KEY = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


@pytest.fixture
def cook(client: TestClient, user: Account) -> Account:
    """The user 1, whose are the recipe 1 and the API token 1: what a good token would open."""
    create_recipe(client, user)
    create_api_token(client, user, "read", "write")
    return user


# --- Access tokens -------------------------------------------------------------------------------


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def signed(head: object, claims: object, key: bytes, digest: str = "sha256") -> str:
    """A token signed by hand: PyJWT makes no bad ones."""
    parts = ".".join(encoded(json.dumps(each).encode()) for each in (head, claims))
    return f"{parts}.{encoded(hmac.digest(key, parts.encode(), digest))}"


# Signed with our secret, which an attacker does not have: what must be checked all the same.
CLAIMS: dict[str, dict[str, object]] = {
    "expired": {"iat": 0, "exp": 1},
    "not yet valid": {"nbf": FAR_FUTURE, "exp": FAR_FUTURE + 1},
    "issued in the future": {"iat": FAR_FUTURE, "exp": FAR_FUTURE + 1},
    "no exp": {"exp": None},
    "no iat": {"iat": None},
    "no sub": {"sub": None},
    "no iss": {"iss": None},
    "no aud": {"aud": None},
    "another issuer": {"iss": "another"},
    "another audience": {"aud": "another"},
    "several audiences": {"aud": ["another", "yet another"]},
    "exp is text": {"exp": "tomorrow"},
    "exp is infinite": {"exp": float("inf")},
    "sub is text": {"sub": "ann"},
    "sub is a number": {"sub": 1},
    "sub is a list": {"sub": ["1"]},
    "sub is nobody": {"sub": "0"},
    "sub is negative": {"sub": "-1"},
    "sub is unknown": {"sub": "999999"},
    "sub is huge": {"sub": "9" * 30},
    "sub is SQL": {"sub": "1 OR 1=1"},
    "another token version": {"ver": -1},
    "no token version": {"ver": None},
    "token version is a list": {"ver": []},
    "token version is infinite": {"ver": float("inf")},
}

# Signed with what an attacker has: none of it tells us another key or another algorithm.
HEADS: dict[str, tuple[dict[str, object], bytes]] = {
    "alg none": ({"alg": "none"}, b""),
    "alg NoNe": ({"alg": "NoNe"}, b""),
    "alg is missing": ({}, b""),
    "alg is null": ({"alg": None}, b""),
    "alg is a list": ({"alg": ["HS256", "none"]}, b""),
    "an empty secret": ({"alg": "HS256"}, b""),
    "a public key as the secret": ({"alg": "HS256"}, PUBLIC_KEY),
    "RS256": ({"alg": "RS256"}, PUBLIC_KEY),
    "ES256": ({"alg": "ES256"}, PUBLIC_KEY),
    "EdDSA": ({"alg": "EdDSA"}, PUBLIC_KEY),
    "kid is an empty file": ({"alg": "HS256", "kid": "../../../../dev/null"}, b""),
    "kid is SQL": ({"alg": "HS256", "kid": "' UNION SELECT 'key"}, b"key"),
    "kid is a command": ({"alg": "HS256", "kid": "| echo key"}, b"key"),
    "kid is a list": ({"alg": "HS256", "kid": ["key"]}, b"key"),
    "jwk": ({"alg": "HS256", "jwk": {"kty": "oct", "k": encoded(b"key")}}, b"key"),
    "jku": ({"alg": "HS256", "jku": "https://attacker.example/keys.json"}, b"key"),
    "x5u": ({"alg": "HS256", "x5u": "https://attacker.example/key.pem"}, PUBLIC_KEY),
    "x5c": ({"alg": "HS256", "x5c": [encoded(PUBLIC_KEY)]}, PUBLIC_KEY),
}

# Signed with our secret: what RFC 7515 says must be understood or refused.
EXTENSIONS: dict[str, dict[str, object]] = {
    "crit": {"crit": ["exp"], "exp": FAR_FUTURE},
    "crit is empty": {"crit": []},
    "b64": {"crit": ["b64"], "b64": False},
    "b64 without crit": {"b64": False},
}


def _claims_of_another(token: str) -> str:
    head, _, signature = token.split(".")
    claims = claims_of(token) | {"sub": "2"}
    return ".".join([head, encoded(json.dumps(claims).encode()), signature])


SHAPES: dict[str, Callable[[str], str]] = {
    "claims of another": _claims_of_another,
    "without its signature": lambda token: token.rpartition(".")[0] + ".",
    "two parts": lambda token: token.rpartition(".")[0],
    "four parts": lambda token: f"{token}.",
    "five parts": lambda token: f"{token}.{token.partition('.')[0]}.x",
    "head and claims swapped": lambda token: ".".join(
        token.split(".")[position] for position in (1, 0, 2)
    ),
    "head is a list": lambda token: signed([], claims_of(token), b"key"),
    "claims are a list": lambda token: signed({"alg": "HS256"}, [], b"key"),
    "upper case": str.upper,
    "its beginning": lambda token: token[:-1],
    "a letter more": lambda token: f"{token}A",
    "base64 with its own letters": lambda token: token.replace("-", "+").replace("_", "/") + "/+",
    "1 MiB": lambda token: token.ljust(2**20, "A"),
    "1 MiB of parts": lambda token: token + "." * 2**20,
    "1 MiB before the first dot": lambda token: "A" * 2**20 + token,
}


@on_one_database  # Nearly all of it ends before the database is asked.
def test_a_bad_access_token_is_refused_everywhere(
    app: FastAPI, client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    good, key = claims_of(cook.token), app.state.secret.encode()
    head = {"alg": "HS256", "typ": "JWT"}
    # It is the change that is refused.
    assert client.get(ME, headers={"Authorization": f"Bearer {signed(head, good, key)}"}).is_success
    without_none = {
        name: {claim: value for claim, value in (good | changes).items() if value is not None}
        for name, changes in CLAIMS.items()
    }
    bad = {name: signed(head, claims, key) for name, claims in without_none.items()}
    bad |= {name: signed(head, good, key) for name, (head, key) in HEADS.items()}
    bad |= {name: signed(head | changes, good, key) for name, changes in EXTENSIONS.items()}
    bad |= {name: change(cook.token) for name, change in SHAPES.items()}
    bad["HS512"] = signed({"alg": "HS512"}, good, key, "sha512")
    bad["another secret"] = signed(head, good, key[::-1])
    assert len(bad) == len(CLAIMS) + len(HEADS) + len(EXTENSIONS) + len(SHAPES) + 2
    for name, token in bad.items():
        with subtests.test(name):
            assert_refused_everywhere(client, f"Bearer {token}")


# --- API tokens ----------------------------------------------------------------------------------

NEARLY: dict[str, Callable[[str], str]] = {
    "the prefix alone": lambda token: "rcp_",
    "without the prefix": lambda token: token.removeprefix("rcp_"),
    "the prefix in upper case": lambda token: token.replace("rcp_", "RCP_"),
    "the prefix twice": lambda token: f"rcp_{token}",
    "upper case": lambda token: "rcp_" + token.removeprefix("rcp_").swapcase(),
    "its beginning": lambda token: token[:-1],
    "a letter more": lambda token: f"{token}A",
    "padded": lambda token: f"{token}=",
    "percent": lambda token: "rcp_%",
    "underscores": lambda token: "rcp_" + "_" * 43,
    "1 MiB": lambda token: token.ljust(2**20, "A"),
}


def test_an_api_token_that_is_nearly_right_is_refused_everywhere(
    client: TestClient, cook: Account, database_url: str, subtests: pytest.Subtests
) -> None:
    token = create_api_token(client, cook, "read", "write")["token"]
    recipes = f"{API}/recipes/my-recipes"
    assert client.get(recipes, headers={"Authorization": f"Bearer {token}"}).is_success
    for name, change in NEARLY.items():
        with subtests.test(name):
            assert_refused_everywhere(client, f"Bearer {change(token)}")
    (stored,) = execute(database_url, "SELECT token_hash FROM api_token ORDER BY id DESC LIMIT 1")
    for prefix in ("", "rcp_"):
        with subtests.test(f"what is stored, after {prefix!r}"):
            assert_refused_everywhere(client, f"Bearer {prefix}{stored.token_hash}")


# --- The header ----------------------------------------------------------------------------------

BAD_HEADERS: list[str | bytes] = ["", " ", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "{0}"]
BAD_HEADERS += ["Bearer {0} {0}", "Basic {0}", "Token {0}", "Bearer,{0}", 'Bearer "{0}"']
BAD_HEADERS += ["Bearer {0}é", "Bearer {0},Bearer {0}", "Bearer token={0}", "Bearer Bearer {0}"]
BAD_HEADERS += ["Bearer\t{0}", "DPoP {0}", "Bearer " + "a" * 9000, b"Bearer \xff\xfe\xed\xa0\x80"]


@on_one_database
def test_a_bad_header_is_refused_everywhere(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for header in BAD_HEADERS:
        with subtests.test(repr(header[:20])):
            sent = header if isinstance(header, bytes) else header.format(cook.token)
            assert_refused_everywhere(client, sent)


@on_one_database
def test_two_headers_are_refused_everywhere(
    client: TestClient, cook: Account, other_user: Account, subtests: pytest.Subtests
) -> None:
    # A proxy in front may have looked at the other one.
    good = f"Bearer {cook.token}"
    for second in (good, f"Bearer {other_user.token}", "Bearer x", "Basic x", ""):
        for pair in ((good, second), (second, good)):
            with subtests.test(f"{pair[0][:9]}, {pair[1][:9]}"):
                assert_refused_everywhere(client, *pair)


@on_one_database
def test_a_token_of_1_mib_is_refused_on_the_wire(live_server: server.Server) -> None:
    with live_server.client() as client:
        user = sign_up(client)
        headers = {"Authorization": f"Bearer {user.token.ljust(2**20, 'A')}"}
        assert_problem(client.get(ME, headers=headers), 401)
        assert client.get(ME, headers=user.headers).is_success
