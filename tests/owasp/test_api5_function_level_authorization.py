"""API5:2023 Broken Function Level Authorization: no other way leads to what is for others.

Who may do what, asked straight, is tested in tests/api/test_policy.py.
"""

import pytest
from fastapi.testclient import TestClient

from app.core.policy import POLICY, Who
from tests.factories import API, Account, create_api_token, set_superuser
from tests.operations import examples, operations, path_to, stored
from tests.problems import assert_problem
from tests.web.browser import on_one_database

RECIPES, USERS = f"{API}/recipes", f"{API}/users"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
METHODS |= {"PROPFIND", "MOVE", "BREW", "GETX"}


@on_one_database
def test_a_path_has_only_the_methods_that_are_documented(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    methods: dict[str, set[str]] = {}
    paths: dict[str, str] = {}
    for operation in operations(client):
        methods.setdefault(operation.path, set()).add(operation.method)
        paths[operation.path] = path_to(client, operation, user)
    for template, documented in methods.items():
        path = paths[template]
        for method in METHODS - documented:
            with subtests.test(f"{method} {path}"):
                # Whatever it would do, a superuser might.
                answer = client.request(method, path, headers=superuser.headers)
                assert_problem(answer, 405)
                allowed = documented | {"HEAD"} if "GET" in documented else documented
                assert set(answer.headers["allow"].split(", ")) == allowed


def test_head_admits_the_callers_of_get(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    token = create_api_token(client, user, "write")["token"]
    callers = {
        "anonymous": {},
        "user": user.headers,
        "token to write": {"Authorization": f"Bearer {token}"},
        "superuser": superuser.headers,
    }
    for operation in operations(client):
        if operation.method != "GET":
            continue
        path = path_to(client, operation, user)
        request = examples(user)[operation.name]
        for name, headers in callers.items():
            with subtests.test(f"{operation.name}: {name}"):
                get, head = (
                    client.request(method, path, headers=headers, **request)
                    for method in ("GET", "HEAD")
                )
                assert head.status_code == get.status_code
                assert head.content == b""


# Of a path such as /api/v1/users/1: what a proxy or a filter may take for another.
SPELLINGS = {
    "a slash more": "{0}/",
    "slashes more": "{0}///",
    "an escaped slash more": "{0}%2f",
    "a slash within": "/api/v1//{1}",
    "slashes before": "//{0}",
    "an escaped slash": "/api%2fv1/{1}",
    "a backslash": "/api/v1%5c{1}",
    "an escaped letter": "/api/v1/%75{2}",
    "a letter escaped twice": "/api/v1/%2575{2}",
    "a letter of full width": "/api/v1/%ef%bd%95{2}",
    "upper case": "/api/v1/U{2}",
    "all in upper case": "/API/V1/{1}",
    "a dot": "/api/v1/%2e/{1}",
    "two dots": "/api/v1/recipes/%2e%2e/{1}",
    "two dots, escaped twice": "/api/v1/recipes/%252e%252e/{1}",
    "two dots and a parameter": "/api/v1/recipes/..;/{1}",
    "an extension": "{0}.json",
    "a parameter of the path": "{0};x=1",
    "a query within": "{0}%3fx=1",
    "a fragment within": "{0}%23",
    "NUL": "{0}%00",
    "a space": "{0}%20",
    "a line feed": "{0}%0a",
    "another version": "/api/v2/{1}",
    "no version": "/api/{1}",
    "no prefix": "/{1}",
}


@on_one_database
def test_no_spelling_of_a_path_leads_to_what_is_for_superusers(
    client: TestClient,
    user: Account,
    other_user: Account,
    database_url: str,
    subtests: pytest.Subtests,
) -> None:
    before = stored(database_url)
    for operation in operations(client):
        if POLICY[operation.name].who is not Who.SUPERUSER:
            continue
        path = path_to(client, operation, other_user)
        rest = path.removeprefix("/api/v1/")
        for name, spelling in SPELLINGS.items():
            for headers in ({}, user.headers):
                with subtests.test(f"{operation.name}: {name}"):
                    answer = client.request(
                        operation.method,
                        f"http://testserver{spelling.format(path, rest, rest[1:])}",
                        headers=headers,
                        **examples(user)[operation.name],
                    )
                    assert answer.status_code in (401, 403, 404, 405)
                    assert other_user.email not in answer.text
    assert stored(database_url) == before


@on_one_database
@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path"])
def test_no_header_names_another_path(client: TestClient, superuser: Account, name: str) -> None:
    answer = client.get(RECIPES, headers=superuser.headers | {name: USERS})
    assert answer.json() == {"items": [], "next_cursor": None}
    assert_problem(client.get(f"{API}/nothing", headers=superuser.headers | {name: USERS}), 404)


def test_who_is_no_superuser_any_more_is_one_for_no_token(
    client: TestClient, superuser: Account, database_url: str
) -> None:
    token = create_api_token(client, superuser, "read", "write")["token"]
    everything = [superuser.headers, {"Authorization": f"Bearer {token}"}]
    for headers in everything:
        assert client.get(USERS, headers=headers).is_success
    set_superuser(database_url, superuser, is_superuser=False)
    for headers in everything:
        assert_problem(client.get(USERS, headers=headers), 403)
