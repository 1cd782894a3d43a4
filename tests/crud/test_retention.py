"""What is kept only so long."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.core.config import Settings
from app.crud.retention import AT_ONCE, Step, apply_retention, empty_trash, keep_applying
from app.db.locks import one_at_a_time
from app.db.transactions import Session, make_transactions
from app.main import create_app
from app.schemas.recipe import RecipeDocument
from tests.databases import execute, rows
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


def apply(settings: Settings, **changes: object) -> None:
    changed = settings.model_copy(update=changes)
    with closing(make_transactions(settings)) as transactions:
        assert asyncio.run(apply_retention(transactions, changed))


def trash(client: TestClient, user: Account) -> set[int]:
    answer = client.get(f"{RECIPES}?deleted=true", headers=user.headers)
    return {item["id"] for item in answer.json()["items"]}


def versions(client: TestClient, recipe_id: int) -> list[int]:
    answer = client.get(f"{RECIPES}/{recipe_id}/versions")
    return [item["version"] for item in answer.json()["items"]]


def test_the_trash_is_emptied_of_what_has_been_there_for_long(
    client: TestClient, user: Account, settings: Settings, database_url: str
) -> None:
    old = throw_away(client, user, database_url, long_ago=True)
    new = throw_away(client, user, database_url, long_ago=False)
    there: dict[str, Any] = create_recipe(client, user)
    apply(settings)
    assert trash(client, user) == {old, new}
    apply(settings, trash_days=30)
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
    client: TestClient, user: Account, settings: Settings
) -> None:
    often, once = (create_recipe(client, user)["id"] for _ in range(2))
    for number in range(4):
        path = f"{RECIPES}/{often}"
        assert client.patch(path, json={"label": str(number)}, headers=user.headers).is_success
    apply(settings)
    assert versions(client, often) == [5, 4, 3, 2, 1]
    apply(settings, versions_kept=3)
    assert versions(client, often) == [5, 4, 3]
    assert versions(client, once) == [1]
    apply(settings, versions_kept=1)
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


# --- Step by step --------------------------------------------------------------------------------


def add_versions(database_url: str, recipe_id: int, count: int) -> None:
    """A long history: a recipe of version 2 becomes one of version `count` + 1."""
    (version,) = (row for row in rows(database_url, "recipe_version") if row.recipe_id == recipe_id)
    names = ", ".join(name for name in version._mapping if name not in ("id", "version"))
    insert = (
        "WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers"  # noqa: S608 - A number from this test.
        f" WHERE n < {count}) INSERT INTO recipe_version (version, {names})"
        f" SELECT n, {names} FROM recipe_version, numbers WHERE recipe_id = {recipe_id}"
    )
    execute(database_url, insert)
    execute(
        database_url,
        "UPDATE recipe SET version = :version WHERE id = :id",
        version=count + 1,
        id=recipe_id,
    )


def test_it_goes_on_until_all_is_removed(
    app: FastAPI, client: TestClient, user: Account, settings: Settings, database_url: str
) -> None:
    many = AT_ONCE + 50
    documents = [RecipeDocument(label=f"Soup {number}").model_dump() for number in range(many)]
    app.state.transactions.run_now(crud.recipe.add_many, documents, submitter_id=user.id)
    execute(database_url, "UPDATE recipe SET deleted_at = :at", at=LONG_AGO)
    often = create_recipe(client, user)["id"]
    path = f"{RECIPES}/{often}"
    assert client.patch(path, json={"source": "Ann"}, headers=user.headers).is_success
    add_versions(database_url, often, 2 * AT_ONCE + 50)
    execute(
        database_url,
        "INSERT INTO rate_limit (key, count, expires_at) SELECT label, 1, deleted_at FROM recipe"
        " WHERE deleted_at IS NOT NULL",
    )
    execute(
        database_url,
        "INSERT INTO tag (kind, key, name, count, public_count)"
        " SELECT 'keyword', label, label, 0, 0 FROM recipe WHERE deleted_at IS NOT NULL",
    )
    apply(settings, trash_days=1, versions_kept=10)
    assert [row.id for row in rows(database_url, "recipe")] == [often]
    assert len(rows(database_url, "recipe_tombstone")) == many
    kept = sorted(row.version for row in rows(database_url, "recipe_version"))
    assert kept == [*range(2 * AT_ONCE + 42, 2 * AT_ONCE + 51)]
    assert rows(database_url, "rate_limit") == []
    assert rows(database_url, "tag") == []


def copy_with_history(database_url: str, recipe_id: int, copy_id: int) -> None:
    """Store a recipe and its versions again, under another id."""
    for table, key in (("recipe", "id"), ("recipe_version", "recipe_id")):
        row = rows(database_url, table)[0]
        names = ", ".join(name for name in row._mapping if name not in ("id", key, "share_key"))
        execute(
            database_url,
            f"INSERT INTO {table} ({key}, {names}) SELECT :copy, {names} FROM {table}"  # noqa: S608 - Names of tables and columns.
            f" WHERE {key} = :id",
            copy=copy_id,
            id=recipe_id,
        )


def test_versions_of_recipes_with_any_id_are_forgotten(
    client: TestClient, user: Account, settings: Settings, database_url: str
) -> None:
    """Histories are walked in ranges of 10,000 ids; the edges of a range belong to it."""
    first = create_recipe(client, user)["id"]
    path = f"{RECIPES}/{first}"
    assert client.patch(path, json={"label": "Changed"}, headers=user.headers).is_success
    for copy_id in (10_000, 10_001, 20_000, 30_001):
        copy_with_history(database_url, first, copy_id)
    assert len(rows(database_url, "recipe_version")) == 5
    apply(settings, versions_kept=1)
    assert rows(database_url, "recipe_version") == []


def test_a_step_empties_at_most_500_recipes_of_the_trash(
    app: FastAPI, user: Account, database_url: str
) -> None:
    documents = [RecipeDocument(label="Soup").model_dump()] * (AT_ONCE + 1)
    app.state.transactions.run_now(crud.recipe.add_many, documents, submitter_id=user.id)
    execute(database_url, "UPDATE recipe SET deleted_at = :at", at=LONG_AGO)
    ids = sorted(row.id for row in rows(database_url, "recipe"))
    step = app.state.transactions.run_now(empty_trash, 0, 1)
    assert step == Step(AT_ONCE, ids[-2])
    assert [row.id for row in rows(database_url, "recipe")] == ids[-1:]


def test_a_recipe_with_a_long_history_leaves_the_trash_in_a_step_of_its_own(
    app: FastAPI, client: TestClient, user: Account, database_url: str
) -> None:
    often = create_recipe(client, user)["id"]
    path = f"{RECIPES}/{often}"
    assert client.patch(path, json={"source": "Ann"}, headers=user.headers).is_success
    add_versions(database_url, often, AT_ONCE)
    once = create_recipe(client, user)["id"]
    execute(database_url, "UPDATE recipe SET deleted_at = :at", at=LONG_AGO)
    assert app.state.transactions.run_now(empty_trash, 0, 1) == Step(1, often)
    assert [row.id for row in rows(database_url, "recipe")] == [once]
    assert rows(database_url, "recipe_version") == []
    assert app.state.transactions.run_now(empty_trash, often, 1) == Step(1, once)


def test_an_unexpected_error_of_one_kind_is_reported_and_the_others_are_removed(
    client: TestClient, user: Account, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    recipe_id = create_recipe(client, user)["id"]
    path = f"{RECIPES}/{recipe_id}"
    assert client.patch(path, json={"label": "Changed"}, headers=user.headers).is_success
    # No calendar goes back so far: an OverflowError. The settings refuse such a number.
    broken = settings.model_copy(update={"trash_days": 10**10, "versions_kept": 1})
    with closing(make_transactions(settings)) as transactions:
        assert asyncio.run(apply_retention(transactions, broken)) is False
    (error,) = (each for each in caplog.records if each.levelno == logging.ERROR)
    assert error.getMessage() == "To remove recipes of the trash has failed."
    assert versions(client, recipe_id) == [2]


def test_an_outage_does_not_end_it(
    client: TestClient,
    user: Account,
    settings: Settings,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.crud.retention.START_SECONDS", 0)
    throw_away(client, user, database_url, long_ago=True)
    throw_away(client, user, database_url, long_ago=False)
    changed = settings.model_copy(update={"trash_days": 1})

    async def until(done: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not done():  # noqa: ASYNC110 - Other threads and the database know.
                await asyncio.sleep(0.01)

    async def through_an_outage() -> None:
        with closing(make_transactions(settings)) as transactions:
            execute(database_url, "ALTER TABLE recipe_tombstone RENAME TO away")
            task = asyncio.create_task(keep_applying(transactions, changed, 3600, 0.05))
            await until(lambda: "remove recipes of the trash" in caplog.text)
            execute(database_url, "ALTER TABLE away RENAME TO recipe_tombstone")
            await until(lambda: len(rows(database_url, "recipe")) == 1)
            assert not task.done()
            task.cancel()
            # After success it goes on at its usual pace.
            task = asyncio.create_task(keep_applying(transactions, changed, 0.05, 3600))
            await asyncio.sleep(0.1)
            execute(database_url, "UPDATE recipe SET deleted_at = :at", at=LONG_AGO)
            await until(lambda: not rows(database_url, "recipe"))
            task.cancel()
            await asyncio.wait([task])

    with caplog.at_level(logging.INFO, "app.retention"):
        asyncio.run(through_an_outage())


def test_one_worker_at_a_time(
    client: TestClient, user: Account, settings: Settings, database_url: str
) -> None:
    old = throw_away(client, user, database_url, long_ago=True)
    is_in_a_step, may_end = threading.Event(), threading.Event()

    def step(session: Session) -> None:
        one_at_a_time(session)
        is_in_a_step.set()
        assert may_end.wait(30)

    with closing(make_transactions(settings)) as transactions, ThreadPoolExecutor(2) as threads:
        other = threads.submit(transactions.run_now, step)
        assert is_in_a_step.wait(30)
        this = threads.submit(apply, settings, trash_days=1)
        # If nothing held it back it would now remove the recipe.
        wait([this], timeout=1)
        assert trash(client, user) == {old}
        may_end.set()
        other.result()
        this.result()
    assert trash(client, user) == set()


def test_words_and_tags_that_are_not_used_are_forgotten(
    client: TestClient, user: Account, settings: Settings, database_url: str
) -> None:
    def known() -> tuple[set[str], set[str]]:
        words = {row.word for row in execute(database_url, "SELECT word FROM search_word")}
        return words, {row.name for row in rows(database_url, "tag")}

    create_recipe(client, user, label="Plain soup", tags=["Warm"])
    before = known()
    used = before[0] | {"zanzibarian", "pilaf", "sunny"}, {"Warm", "Sunny"}
    # The worker of `client` remembers what it has stored, and another one forgets it.
    for _ in range(2):
        recipe = create_recipe(client, user, label="Zanzibarian pilaf", tags=["Warm", "Sunny"])
        apply(settings)
        assert known() == used
        path = f"{RECIPES}/{recipe['id']}"
        hidden = client.patch(path, json={"visibility": "private"}, headers=user.headers)
        assert hidden.is_success
        apply(settings)
        assert known() == (before[0], used[1])
        assert client.delete(f"{path}?permanent=true", headers=user.headers).status_code == 204
        apply(settings)
        assert known() == before
