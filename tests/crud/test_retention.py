"""What is kept only so long."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.crud.retention import apply_retention
from app.main import create_app
from tests.databases import execute
from tests.factories import API, Account, create_recipe, create_user
from tests.problems import assert_problem
from tests.processes import make_settings

RECIPES = f"{API}/recipes"
LONG_AGO = "2020-01-01T00:00:00+00:00"


def throw_away(client: TestClient, user: Account, database_url: str, *, long_ago: bool) -> int:
    recipe_id: int = create_recipe(client, user)["id"]
    assert client.delete(f"{RECIPES}/{recipe_id}", headers=user.headers).status_code == 204
    if long_ago:
        execute(
            database_url,
            "UPDATE recipe SET deleted_at = :at WHERE id = :id",
            at=LONG_AGO,
            id=recipe_id,
        )
    return recipe_id


def apply(app: FastAPI, settings: Settings, **changes: object) -> None:
    changed = settings.model_copy(update=changes)
    asyncio.run(apply_retention(app.state.writer, changed))


def trash(client: TestClient, user: Account) -> set[int]:
    answer = client.get(f"{RECIPES}?deleted=true", headers=user.headers)
    return {item["id"] for item in answer.json()["items"]}


def versions(client: TestClient, recipe_id: int) -> list[int]:
    answer = client.get(f"{RECIPES}/{recipe_id}/versions")
    return [item["version"] for item in answer.json()["items"]]


def test_the_trash_is_emptied_of_what_has_been_there_for_long(
    app: FastAPI, client: TestClient, user: Account, settings: Settings, database_url: str
) -> None:
    old = throw_away(client, user, database_url, long_ago=True)
    new = throw_away(client, user, database_url, long_ago=False)
    there: dict[str, Any] = create_recipe(client, user)
    apply(app, settings)
    assert trash(client, user) == {old, new}
    apply(app, settings, trash_days=30)
    assert trash(client, user) == {new}
    assert client.get(f"{RECIPES}/{there['id']}").is_success
    restored = client.post(f"{RECIPES}/{old}/restore", headers=user.headers)
    assert_problem(restored, 404)
    changes = client.get(f"{RECIPES}/changes").json()["items"]
    assert [(item["id"], item["deleted"]) for item in changes] == [
        (old, True),
        (new, True),
        (there["id"], False),
    ]


def test_so_many_versions_are_kept_of_each_recipe(
    app: FastAPI, client: TestClient, user: Account, settings: Settings
) -> None:
    often, once = (create_recipe(client, user)["id"] for _ in range(2))
    for number in range(4):
        path = f"{RECIPES}/{often}"
        assert client.patch(path, json={"label": str(number)}, headers=user.headers).is_success
    apply(app, settings)
    assert versions(client, often) == [5, 4, 3, 2, 1]
    apply(app, settings, versions_kept=3)
    assert versions(client, often) == [5, 4, 3]
    assert versions(client, once) == [1]
    apply(app, settings, versions_kept=1)
    assert versions(client, often) == [5]


def test_the_application_applies_it_by_itself(database_url: str, tmp_path: Path) -> None:
    settings = make_settings(database_url, tmp_path)
    with TestClient(create_app(settings)) as client:
        user = create_user(client)
        old = throw_away(client, user, database_url, long_ago=True)
        assert trash(client, user) == {old}
    with TestClient(create_app(settings.model_copy(update={"trash_days": 1}))) as client:
        # At once, but beside the first requests.
        assert any(trash(client, user) == set() for _ in range(10_000))
