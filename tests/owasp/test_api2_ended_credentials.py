"""API2:2023 Broken Authentication: credentials that end during a request stop what it still does.

A request is admitted when it begins, and its body may come minutes later. So the credentials are
compared once more in each transaction, and between the pages of an export.
"""

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.config import Settings
from app.core.policy import POLICY, Who
from app.main import create_app
from tests.databases import execute, rows
from tests.factories import (
    API,
    Account,
    create_api_token,
    create_recipe,
    create_user,
    set_superuser,
    sign_up,
)
from tests.ndjson import begin, line, send_chunk
from tests.operations import examples, operations, path_to, stored
from tests.problems import assert_problem
from tests.server import Server
from tests.web.browser import enter, page, path_of, send

RECIPES = f"{API}/recipes"
EXPORT = f"{RECIPES}/export"

Ending = Callable[[str, int], object]
AfterAdmitted = Callable[[Callable[[], object]], None]


def deactivate(database_url: str, user_id: int) -> None:
    statement = 'UPDATE "user" SET is_active = :no WHERE id = :id'
    execute(database_url, statement, no=False, id=user_id)


def end_sessions(database_url: str, user_id: int) -> None:
    statement = 'UPDATE "user" SET token_version = token_version + 1 WHERE id = :id'
    execute(database_url, statement, id=user_id)


def revoke_tokens(database_url: str, user_id: int) -> None:
    execute(database_url, "DELETE FROM api_token WHERE user_id = :id", id=user_id)


def expire_tokens(database_url: str, user_id: int) -> None:
    statement = "UPDATE api_token SET expires_at = created_at WHERE user_id = :id"
    execute(database_url, statement, id=user_id)


def narrow_tokens(database_url: str, user_id: int) -> None:
    statement = "UPDATE api_token SET scopes = :scopes WHERE user_id = :id"
    execute(database_url, statement, scopes='["read"]', id=user_id)


def demote(database_url: str, user_id: int) -> None:
    statement = 'UPDATE "user" SET is_superuser = :no WHERE id = :id'
    execute(database_url, statement, no=False, id=user_id)


class AfterAdmission:
    """Calls `app.state.after_admission` as soon as a request was admitted.

    Routes of the API then note the viewer, and pages begin to read the form.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["app"].state

        class Watched(dict[str, Any]):
            def __setitem__(self, name: str, value: object) -> None:
                super().__setitem__(name, value)
                if name == "viewer":
                    state.after_admission()

        async def receive_after() -> Message:
            state.after_admission()
            return await receive()

        await self.app(Watched(scope), receive_after, send)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    app = create_app(settings)
    app.add_middleware(AfterAdmission)
    app.state.after_admission = lambda: None
    return app


@pytest.fixture
def after_admission(app: FastAPI) -> AfterAdmitted:
    """Do something once, right after the next request has been let in."""

    def do_once(work: Callable[[], object]) -> None:
        def once() -> None:
            app.state.after_admission = lambda: None
            work()

        app.state.after_admission = once

    return do_once


def test_no_operation_writes_for_an_account_that_was_just_disabled(
    client: TestClient,
    database_url: str,
    after_admission: AfterAdmitted,
    subtests: pytest.Subtests,
) -> None:
    tried = 0
    for operation in operations(client):
        if operation.method == "GET" or not operation.takes_credentials:
            continue
        if operation.name == "parse_ingredients":
            continue  # It stores nothing.
        with subtests.test(operation=operation.name):
            caller = owner = create_user(client)
            if POLICY[operation.name].who is Who.SUPERUSER:
                set_superuser(database_url, caller)
                owner = create_user(client)
            example = examples(owner)[operation.name]
            path = path_to(client, operation, owner)
            deactivate(database_url, caller.id)
            before = stored(database_url)
            execute(database_url, 'UPDATE "user" SET is_active = :yes', yes=True)
            after_admission(lambda: deactivate(database_url, caller.id))  # noqa: B023 - Used at once.
            answer = client.request(operation.method, path, headers=caller.headers, **example)
            assert_problem(answer, 401)
            assert stored(database_url) == before
            execute(database_url, 'UPDATE "user" SET is_active = :yes', yes=True)
            tried += 1
    assert tried > 12


@pytest.mark.parametrize(
    "end",
    [deactivate, end_sessions, revoke_tokens, expire_tokens, narrow_tokens, demote],
    ids=lambda end: end.__name__,
)
def test_whatever_ends_the_credentials_ends_the_right_to_write(
    end: Ending,
    client: TestClient,
    superuser: Account,
    database_url: str,
    after_admission: AfterAdmitted,
) -> None:
    token = create_api_token(client, superuser, "read", "write")["token"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "dinner"}
    kept = client.post(RECIPES, json={"label": "Toast"}, headers=headers)
    assert kept.status_code == 201
    # Nor is the first answer given again.
    after_admission(lambda: end(database_url, superuser.id))
    answer = client.post(RECIPES, json={"label": "Toast"}, headers=headers)
    assert_problem(answer, 401)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert len(rows(database_url, "recipe")) == 1


def test_a_page_stores_nothing_and_loses_nothing(
    client: TestClient,
    user: Account,
    database_url: str,
    after_admission: AfterAdmitted,
) -> None:
    recipe = create_recipe(client, user)
    enter(client, user)
    new, opened = page(client, "/recipes/new"), page(client, path_of(recipe))
    before = stored(database_url)
    after_admission(lambda: deactivate(database_url, user.id))
    answer = send(client, new, "/recipes/new", label="Typed for an hour")
    assert answer.status_code == 403
    assert "Typed for an hour" in answer.text
    execute(database_url, 'UPDATE "user" SET is_active = :yes', yes=True)
    after_admission(lambda: deactivate(database_url, user.id))
    answer = send(client, opened, f"/recipes/{recipe['id']}/delete")
    assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")
    execute(database_url, 'UPDATE "user" SET is_active = :yes', yes=True)
    assert stored(database_url) == before


# --- Over a real connection ----------------------------------------------------------------------


@pytest.fixture
def connection(live_server: Server) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection(live_server.url.removeprefix("http://"), timeout=30)
    yield opened
    opened.close()


@pytest.fixture
def remote(live_server: Server) -> Iterator[httpx2.Client]:
    with live_server.client() as client:
        yield client


def test_a_body_that_comes_after_the_end_stores_nothing(
    connection: http.client.HTTPConnection, remote: httpx2.Client, database_url: str
) -> None:
    user = sign_up(remote)
    body = b'{"label": "Toast"}'
    connection.putrequest("POST", RECIPES)
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    for name, value in {**user.headers, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body[:5])
    # Answered after the server has read what came before on the other connection.
    assert remote.get(RECIPES).status_code == 200
    deactivate(database_url, user.id)
    connection.send(body[5:])
    assert connection.getresponse().status == 401
    assert rows(database_url, "recipe") == []


def test_an_import_stream_ends_with_the_reason(
    connection: http.client.HTTPConnection, remote: httpx2.Client, database_url: str
) -> None:
    user = sign_up(remote)
    begin(connection, user)
    send_chunk(connection, line(0))
    answer = connection.getresponse()
    assert json.loads(answer.readline())["status"] == "created"
    answer_of = remote.post(f"{API}/auth/logout-everywhere", headers=user.headers)
    assert answer_of.status_code == 204
    # The client neither ends its request nor stops sending.
    send_chunk(connection, line(1) + line(2))
    last = json.loads(answer.readline())
    assert (last["created"], last["failed"]) == (1, 0)
    assert (last["problem"]["status"], last["problem"]["type"]) == (
        401,
        "/problems/unauthenticated",
    )
    assert answer.readline() == b""
    assert [row.label for row in rows(database_url, "recipe")] == ["Soup 0"]


def test_an_export_is_cut_off(
    live_server: Server, remote: httpx2.Client, database_url: str
) -> None:
    user = sign_up(remote)
    # More than a connection holds back of what nobody reads.
    large = {"extras": {"": "x" * 60_000}, "visibility": "private"}
    operations = [{"op": "create", "recipe": {"label": f"Toast {n}", **large}} for n in range(200)]
    for _ in range(5):
        answer = remote.post(
            f"{RECIPES}/batch", json={"operations": operations}, headers=user.headers
        )
        assert answer.status_code == 200
    with remote.stream("GET", EXPORT, headers=user.headers) as export:
        assert export.status_code == 200
        parts = export.iter_raw()
        next(parts)
        deactivate(database_url, user.id)
        with pytest.raises(httpx2.RemoteProtocolError):
            list(parts)
    live_server.stop()
    assert "Traceback" not in live_server.log.read_text()
