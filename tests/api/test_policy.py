"""The policy, operation by operation and visibility by visibility, as callers meet it.

All is derived from the tables in app/core/policy.py: a row that changes is tested as it then is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.policy import POLICY, VISIBILITY, Scope, Who
from app.core.security import create_access_token, read_access_token
from tests.factories import (
    API,
    Account,
    create_api_token,
    create_recipe,
    create_user,
    set_superuser,
)
from tests.operations import (
    Operation,
    examples,
    operations,
    path_to,
    stored,
)
from tests.problems import assert_problem
from tests.web.browser import BROWSER, on_one_database

RECIPES = f"{API}/recipes"
NOBODYS = 2**62
EVERY_SCOPE = frozenset({"read", "write", "account"})


@dataclass(frozen=True)
class Caller:
    """Who asks, for what belongs to the owner."""

    is_known: bool = True
    is_owner: bool = False
    is_superuser: bool = False
    scopes: frozenset[str] = EVERY_SCOPE

    def is_one_of(self, who: Who) -> bool:
        """Whether the policy means this caller where it says `who`."""
        return {
            Who.ANYONE: True,
            Who.USER: self.is_known,
            Who.OWNER: self.is_owner or self.is_superuser,
            Who.SUPERUSER: self.is_superuser,
        }[who]


CALLERS = {
    "anonymous": Caller(is_known=False),
    "an expired token": Caller(is_known=False),
    "garbage as a token": Caller(is_known=False),
    "another user": Caller(),
    "the owner's token to read": Caller(is_owner=True, scopes=frozenset({"read"})),
    "the owner's token to write": Caller(is_owner=True, scopes=frozenset({"write"})),
    "a superuser's token": Caller(is_superuser=True, scopes=frozenset({"read", "write"})),
    "the owner": Caller(is_owner=True),
    "a superuser": Caller(is_superuser=True),
}


@dataclass(frozen=True)
class Cast:
    """The owner, and the headers that each caller sends."""

    owner: Account
    headers: dict[str, dict[str, str]]


@pytest.fixture
def new_cast(app: FastAPI, client: TestClient, database_url: str) -> Callable[[], Cast]:
    """Makes the accounts and the tokens of all callers."""

    def make() -> Cast:
        other, owner, superuser = (create_user(client) for _ in range(3))
        set_superuser(database_url, superuser)
        claims = read_access_token(owner.token, app.state.secret)
        assert claims is not None
        tokens = {
            "an expired token": create_access_token(claims, app.state.secret, timedelta(days=-1)),
            "garbage as a token": "garbage",
            "another user": other.token,
            "the owner's token to read": create_api_token(client, owner, "read")["token"],
            "the owner's token to write": create_api_token(client, owner, "write")["token"],
            "a superuser's token": create_api_token(client, superuser, "read", "write")["token"],
            "the owner": owner.token,
            "a superuser": superuser.token,
        }
        headers = {name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()}
        return Cast(owner, {"anonymous": {}} | headers)

    return make


# --- Operations ----------------------------------------------------------------------------------

ENDS_SOMEBODY = {"delete_me", "delete_user", "log_out_everywhere"}


def expected(operation: Operation, name: str) -> int:
    """The status that the row of an operation means for a caller."""
    who, scope = POLICY[operation.name]
    caller = CALLERS[name]
    if scope is None:
        return operation.success
    if not caller.is_known and (name != "anonymous" or who is not Who.ANYONE):
        return 401
    if scope not in caller.scopes:
        return 403
    if not caller.is_one_of(who):
        # Nobody sees another's trash.
        return 404 if operation.name == "restore_recipe" else 403
    if "{token_id}" in operation.path and not caller.is_owner:
        return 404  # Nobody sees another's tokens.
    return operation.success


@on_one_database
def test_every_operation_has_a_row(client: TestClient, user: Account) -> None:
    names = {operation.name for operation in operations(client)}
    assert names == POLICY.keys()
    assert names >= examples(user).keys()


@pytest.mark.usefixtures("superuser")  # The one that stays when those of the casts delete theirs.
def test_every_operation_admits_the_callers_of_its_rule(
    client: TestClient,
    new_cast: Callable[[], Cast],
    database_url: str,
    subtests: pytest.Subtests,
) -> None:
    cast = new_cast()

    def ask(operation: Operation, path: str, name: str) -> httpx2.Response:
        arguments = examples(cast.owner)[operation.name]
        return client.request(operation.method, path, headers=cast.headers[name], **arguments)

    for operation in operations(client):
        statuses = {name: expected(operation, name) for name in CALLERS}
        path = path_to(client, operation, cast.owner)
        before = stored(database_url)
        for name, status in statuses.items():
            if status != operation.success:
                with subtests.test(f"{operation.name}: {name}"):
                    assert_problem(ask(operation, path, name), status)
        with subtests.test(f"{operation.name}: what is refused has no effect"):
            assert stored(database_url) == before
        for name, status in statuses.items():
            if status == operation.success:
                with subtests.test(f"{operation.name}: {name}"):
                    answer = ask(operation, path_to(client, operation, cast.owner), name)
                    assert answer.status_code == status, answer.text
                if operation.name in ENDS_SOMEBODY:
                    cast = new_cast()


@on_one_database
def test_the_documentation_says_what_the_policy_says(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    for operation in operations(client):
        who, scope = POLICY[operation.name]
        credentials = [{"password"}] if scope is Scope.ACCOUNT else [{"password"}, {"api_token"}]
        anonymous: list[set[str]] = [set()] if who is Who.ANYONE else []
        with subtests.test(operation.name):
            said = [set(each) for each in operation.described.get("security", [])]
            assert said == ([] if scope is None else anonymous + credentials)


# --- Visibility ----------------------------------------------------------------------------------

VIEWERS = ["anonymous", "another user", "the owner", "a superuser", "the owner's token to read"]
READS = ["", "/versions", "/versions/1", "/versions/1/diff"]
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "", {"json": {"label": "Toast"}}),
    ("PATCH", "", {"json": {"notes": "Burnt."}}),
    ("POST", "/versions/1/restore", {}),
    ("POST", "/restore", {}),
    ("DELETE", "", {}),
]


def test_visibility_decides_who_opens_a_recipe(
    client: TestClient, new_cast: Callable[[], Cast], subtests: pytest.Subtests
) -> None:
    cast = new_cast()
    for visibility, reach in VISIBILITY.items():
        for name in VIEWERS:
            caller, headers = CALLERS[name], cast.headers[name]
            row_id = create_recipe(client, cast.owner, visibility=visibility)["id"]
            opens = caller.is_one_of(reach.opens)
            there = f"{RECIPES}/{{}}"
            for below in READS:
                with subtests.test(f"GET {below} {visibility}: {name}"):
                    status = 200 if opens else 404
                    assert_there(client, "GET", there + below, row_id, status, headers)
            with subtests.test(f"the page of {visibility}: {name}"):
                # Nobody is signed in on pages.
                status = 200 if reach.opens is Who.ANYONE else 404
                assert_there(client, "GET", "/recipes/{}", row_id, status, headers)
            for method, below, arguments in CHANGES:
                if not caller.is_known:
                    status = 401
                elif "write" not in caller.scopes:
                    status = 403
                elif not caller.is_one_of(Who.OWNER):
                    status = 403 if opens else 404
                else:
                    status = 204 if method == "DELETE" else 200
                with subtests.test(f"{method} {below} {visibility}: {name}"):
                    path = there + below
                    assert_there(client, method, path, row_id, status, headers, **arguments)


def assert_there(
    client: TestClient,
    method: str,
    path: str,
    row_id: int,
    status: int,
    headers: dict[str, str],
    **arguments: Any,
) -> None:
    """What is there answers `status`; a 404 is the same as for what never was."""
    answers = [
        client.request(method, path.format(each), headers=headers, **arguments)
        for each in (row_id, NOBODYS)
    ]
    assert answers[0].status_code == status, answers[0].text
    if status == 404:
        # The path and the id of the request apart, of which the length depends.
        documents = [
            assert_problem(answer, 404) | {"instance": "", "request_id": ""} for answer in answers
        ]
        assert documents[0] == documents[1]
        for answer in answers:
            del answer.headers["x-request-id"], answer.headers["content-length"]
        assert answers[0].headers == answers[1].headers


def test_visibility_decides_who_finds_a_recipe(
    client: TestClient, new_cast: Callable[[], Cast], subtests: pytest.Subtests
) -> None:
    cast = new_cast()
    for visibility, reach in VISIBILITY.items():
        label, url = f"A {visibility} toast", f"https://example.com/{visibility}"
        members = {"label": label, "source": visibility, "url": url}
        recipe = create_recipe(client, cast.owner, visibility=visibility, **members)
        for name in VIEWERS:
            caller, headers = CALLERS[name], cast.headers[name]
            finds = caller.is_one_of(reach.finds)
            doors = {
                "": finds,
                f"?submitter_id={cast.owner.id}": finds,
                f"?source={visibility}": finds,
                f"?url={url}": finds,
                "/search?keyword=toast": finds,
                "/changes": finds,
                "?submitter_id=me": caller.is_owner,
                "/my-recipes": caller.is_owner,
            }
            for door, found in doors.items():
                with subtests.test(f"{door} {visibility}: {name}"):
                    answer = client.get(f"{RECIPES}{door}", headers=headers).json()
                    listed = answer.get("items", answer.get("results", []))
                    assert (recipe["id"] in [each["id"] for each in listed]) is found
            with subtests.test(f"the number of {visibility}: {name}"):
                counted = client.get(f"{RECIPES}?source={visibility}&count=true", headers=headers)
                assert counted.json()["total"] == int(finds)
            with subtests.test(f"the home page {visibility}: {name}"):
                home = client.get("/", headers=BROWSER | headers).text
                assert (label in home) is (reach.finds is Who.ANYONE)
