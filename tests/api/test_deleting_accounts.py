"""Deleting an account with more recipes than one transaction takes: the rest goes on behind it."""

import asyncio
import time
from collections.abc import Callable
from importlib import import_module

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.core.config import Settings
from app.main import create_app
from benchmarks.demo.recipes import demo_recipes
from tests.client import Client
from tests.databases import execute
from tests.factories import API, Account, create_api_token, create_recipe, create_user
from tests.problems import assert_problem

ME, USERS, RECIPES = f"{API}/auth/me", f"{API}/users", f"{API}/recipes"
AT_ONCE, MANY = 10, 35
SECONDS = 60


def add_recipes(app: FastAPI, owner: Account, **members: object) -> None:
    documents = [{**each, **members} for each in demo_recipes(MANY, 1)]
    app.state.transactions.run_now(crud.recipe.add_many, documents, submitter_id=owner.id)


def until(client: TestClient, condition: Callable[[], bool]) -> None:
    """Let the application go on in the background until something is so."""
    assert isinstance(client, Client)
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        client.run(asyncio.sleep(0.05))


def users_in(database_url: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in execute(database_url, 'SELECT email, first_name FROM "user"')]


@pytest.fixture(autouse=True)
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DELETED_AT_ONCE", "DETACHED_PER_STEP"):
        monkeypatch.setattr(import_module("app.crud.user"), name, AT_ONCE)


@pytest.fixture
def unfinished(monkeypatch: pytest.MonkeyPatch) -> None:
    """The background rests after its first transaction, as if the server had been killed."""
    monkeypatch.setattr("app.crud.deletions.BREATH_SECONDS", 3600)


@pytest.mark.usefixtures("unfinished")
def test_all_that_is_personal_is_gone_at_once(
    app: FastAPI, client: TestClient, superuser: Account, database_url: str
) -> None:
    ann = create_user(client, "ann@example.com", first_name="Ann", surname="Bee")
    token = create_api_token(client, ann, "read")["token"]
    add_recipes(app, ann)
    answer = client.delete(ME, headers=ann.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    for used in (ann.token, token):
        assert_problem(client.get(ME, headers={"Authorization": f"Bearer {used}"}), 401)
    for headers in ({}, superuser.headers):
        assert_problem(client.get(f"{USERS}/{ann.id}", headers=headers), 404)
    assert_problem(client.delete(f"{USERS}/{ann.id}", headers=superuser.headers), 404)
    body = {"first_name": "Eve"}
    assert_problem(client.patch(f"{USERS}/{ann.id}", json=body, headers=superuser.headers), 404)
    page = client.get(USERS, params={"count": True}, headers=superuser.headers).json()
    assert ([item["id"] for item in page["items"]], page["total"]) == ([superuser.id], 1)
    assert ("", None) in users_in(database_url)
    assert "ann@example.com" not in str(execute(database_url, 'SELECT * FROM "user"'))
    # Whoever signs up with the address is somebody else.
    body = {"email": "ann@example.com", "password": ann.password}
    again = client.post(f"{API}/auth/signup", json=body)
    assert (again.status_code, again.json()["id"] > ann.id) == (201, True)


def test_the_rest_follows_and_others_write_between(
    app: FastAPI, client: TestClient, user: Account, superuser: Account, database_url: str
) -> None:
    add_recipes(app, user)
    hidden = create_recipe(client, user, visibility="private")["id"]
    shared = create_recipe(client, user, visibility="unlisted")["id"]
    trashed = create_recipe(client, user)["id"]
    client.delete(f"{RECIPES}/{trashed}", headers=user.headers)
    assert client.delete(f"{USERS}/{user.id}", headers=superuser.headers).status_code == 204
    until(
        client,
        lambda: user.id not in {row.id for row in execute(database_url, 'SELECT id FROM "user"')},
    )
    assert execute(database_url, "SELECT id FROM recipe WHERE submitter_id IS NOT NULL") == []
    kept = {row.id for row in execute(database_url, "SELECT id FROM recipe")}
    assert shared in kept
    assert not {hidden, trashed} & kept
    assert len(kept) == MANY + 1
    create_recipe(client, create_user(client))


@pytest.mark.usefixtures("unfinished")
def test_a_restart_goes_on_with_what_was_begun(
    settings: Settings, database_url: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Client(app) as client:
        user = create_user(client)
        add_recipes(app, user, visibility="private")
        assert client.delete(ME, headers=user.headers).status_code == 204
        assert len(users_in(database_url)) == 1
    monkeypatch.setattr("app.crud.deletions.BREATH_SECONDS", 0.01)
    monkeypatch.setattr("app.crud.deletions.START_SECONDS", 0.01)
    with Client(create_app(settings)) as client:
        until(client, lambda: users_in(database_url) == [])
    assert execute(database_url, "SELECT id FROM recipe") == []


def test_the_last_superuser_with_many_recipes_stays(
    app: FastAPI, client: TestClient, superuser: Account, database_url: str
) -> None:
    add_recipes(app, superuser)
    assert_problem(client.delete(ME, headers=superuser.headers), 409)
    assert client.get(ME, headers=superuser.headers).json()["email"] == superuser.email
    owned = "SELECT count(*) FROM recipe WHERE submitter_id = :id"
    ((count,),) = execute(database_url, owned, id=superuser.id)
    assert count == MANY
