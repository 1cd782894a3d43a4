"""API3:2023 Broken Object Property Level Authorization: nobody sets or sees what is not theirs.

Every operation of the OpenAPI document that takes a body, or answers one, is tried.
"""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient

from app.core.policy import POLICY, Who
from tests.databases import rows
from tests.factories import API, Account, create_api_token, create_recipe
from tests.operations import (
    Operation,
    examples,
    openapi,
    operations,
    path_to,
    stored,
)
from tests.problems import assert_invalid, assert_problem, places_of
from tests.web.browser import BROWSER

# What attackers add to a body, as a value that would pass. Nothing of it is theirs to set.
PROPERTIES: dict[str, Any] = {
    "id": 4711,
    "version": 99,
    "is_superuser": True,
    "is_admin": True,
    "is_active": False,
    "role": "admin",
    "submitter_id": 2,
    "user_id": 2,
    "email_key": "another@example.com",
    "hashed_password": "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
    "token_version": 0,
    "token": "rcp_" + "A" * 43,
    "token_hash": "0" * 64,
    "scopes": ["read", "write"],
    "expires_at": "2999-01-01T00:00:00Z",
    "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
    "deleted_at": "2001-01-01T00:00:00Z",
    "label_key": "another",
}
# What some of them are there for.
MAY_SET = {
    "create_token": {"scopes"},
    "create_user": {"is_active"},
    "update_user": {"is_active"},
}


def caller_of(operation: Operation, user: Account, superuser: Account) -> Account:
    return superuser if POLICY[operation.name].who is Who.SUPERUSER else user


def test_what_is_not_to_be_set_is_refused(
    client: TestClient,
    user: Account,
    superuser: Account,
    database_url: str,
    subtests: pytest.Subtests,
) -> None:
    assert superuser.id == PROPERTIES["submitter_id"] == PROPERTIES["user_id"]
    tried = []
    # The one that ends the account comes last.
    ordered = sorted(operations(client), key=lambda operation: operation.name == "delete_me")
    for operation in ordered:
        request = examples(user)[operation.name]
        if not operation.takes_credentials or "json" not in request:
            continue
        tried.append(operation.name)
        headers = caller_of(operation, user, superuser).headers
        path = path_to(client, operation, user)
        before = stored(database_url)
        for name in PROPERTIES.keys() - MAY_SET.get(operation.name, set()):
            with subtests.test(f"{operation.name}: {name}"):
                body = request["json"] | {name: PROPERTIES[name]}
                answer = client.request(operation.method, path, json=body, headers=headers)
                document = assert_problem(answer, 403, 412, 422)
                assert places_of(document) <= {f"/{name}"}
        with subtests.test(f"{operation.name}: what is refused has no effect"):
            assert stored(database_url) == before
        with subtests.test(f"{operation.name}: without it, it is taken"):
            answer = client.request(operation.method, path, headers=headers, **request)
            assert answer.status_code == operation.success
    assert tried == [
        operation.name for operation in ordered if operation.takes_credentials and operation.body
    ]


def test_sign_up_passes_over_what_is_not_to_be_set(
    client: TestClient, user: Account, database_url: str
) -> None:
    before = stored(database_url)
    body = PROPERTIES | examples(user)["sign_up"]["json"]
    answer = client.post(f"{API}/auth/signup", json=body)
    assert answer.status_code == 201
    after = stored(database_url)
    model, made = after["user"]
    assert [model] == before["user"]
    # A new account is as any other.
    own = {"id", "email", "email_key", "hashed_password", "token_version"}
    times = {"created_at", "updated_at"}
    for column in set(model._mapping) - own - times:
        assert made._mapping[column] == model._mapping[column], column
    assert made.id == answer.json()["id"] == user.id + 1
    assert made.email == made.email_key == body["email"]
    assert made.created_at == made.updated_at > model.created_at
    for column in ("hashed_password", "token_version"):
        assert made._mapping[column] != PROPERTIES[column]
    assert {**after, "user": None, "rate_limit": None} == {
        **before,
        "user": None,
        "rate_limit": None,
    }


def test_log_in_sets_nothing(client: TestClient, user: Account, database_url: str) -> None:
    before = stored(database_url)
    form = examples(user)["log_in"]["data"]
    for name, value in (PROPERTIES | {"sub": "2", "ver": "0"}).items():
        assert_invalid(client.post(f"{API}/auth/login", data=form | {name: str(value)}), f"/{name}")
    form |= {"scope": "read write account admin", "client_id": "1", "client_secret": "s"}
    answer = client.post(f"{API}/auth/login", data=form)
    assert answer.status_code == 200
    # That somebody has logged in is counted.
    assert stored(database_url) | {"rate_limit": []} == before | {"rate_limit": []}
    issued, usual = (
        jwt.decode(token, options={"verify_signature": False})
        for token in (answer.json()["access_token"], user.token)
    )
    times = {"iat": 0, "exp": 0, "auth_time": 0}
    assert issued | times == usual | times


def test_nothing_is_set_by_a_parameter(
    client: TestClient,
    user: Account,
    superuser: Account,
    database_url: str,
    subtests: pytest.Subtests,
) -> None:
    for operation in operations(client):
        if operation.path.startswith(API):
            request = examples(user)[operation.name]
            path = path_to(client, operation, user)
            request["params"] = request.get("params", {}) | {"is_superuser": "true"}
            headers = caller_of(operation, user, superuser).headers
            before = stored(database_url)
            with subtests.test(operation.name):
                answer = client.request(operation.method, path, headers=headers, **request)
                assert_invalid(answer, "is_superuser")
                assert stored(database_url) == before


# --- What is answered ----------------------------------------------------------------------------


def beyond(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    """The members of a value that its schema does not name."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        yield from min((list(beyond(value, each, document)) for each in schema["anyOf"]), key=len)
    elif isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        yield from value.keys() - known.keys()
        for name in value.keys() & known.keys():
            yield from beyond(value[name], known[name], document)
    elif isinstance(value, list):
        for each in value:
            yield from beyond(each, schema["items"], document)


def test_no_answer_tells_more_than_its_schema(
    client: TestClient,
    user: Account,
    other_user: Account,
    superuser: Account,
    database_url: str,
    subtests: pytest.Subtests,
) -> None:
    document = openapi(client)
    recipe = create_recipe(client, user, tags=["quick"], ingredients=["salt"], steps=["Stir."])
    create_api_token(client, user, "read")
    secrets = {"argon2", *(row.token_hash for row in rows(database_url, "api_token"))}
    callers = {"anonymous": {}, "other": other_user.headers, "superuser": superuser.headers}
    for name, headers in ({"owner": user.headers} | callers).items():
        sees = secrets if name in ("owner", "superuser") else secrets | {user.email}
        for operation in operations(client):
            # Who deletes somebody, or logs out, is answered nothing.
            if operation.success == 204:
                continue
            with subtests.test(f"{operation.name}: {name}"):
                path = path_to(client, operation, user)
                request = examples(user)[operation.name]
                answer = client.request(operation.method, path, headers=headers, **request)
                schema = operation.answer(answer.status_code)
                assert schema is not None
                assert list(beyond(answer.json(), schema, document)) == []
                assert not [secret for secret in sees if secret in answer.text]
        for path in ("/", f"/recipes/{recipe['id']}"):
            with subtests.test(f"{path}: {name}"):
                shown = client.get(path, headers=BROWSER | headers).text
                assert not [secret for secret in {*sees, user.email} if secret in shown]
