"""`recipes seed`: demo recipes, as clients then find them."""

import os
import re
from typing import Any

from fastapi.testclient import TestClient

from app.core.config import Settings
from app.ops.cli.maintenance import CHUNK
from benchmarks.demo.recipes import demo_recipes
from tests.databases import rows
from tests.factories import API, Account, create_user, set_superuser
from tests.ops.cli.commands import Recipes
from tests.processes import COMMAND_SECONDS, started

RECIPES = f"{API}/recipes"


def labels(documents: list[dict[str, Any]]) -> list[str]:
    return [document["label"] for document in documents]


def total(client: TestClient, user: Account) -> int:
    page = client.get(RECIPES, params={"count": True}, headers=user.headers)
    found: int = page.json()["total"]
    return found


def test_each_run_adds_the_requested_number_of_recipes(
    recipes: Recipes, client: TestClient, superuser: Account
) -> None:
    done = recipes("seed", "--count", str(CHUNK + 5))
    assert (done.status, done.err) == (0, "")
    assert re.fullmatch(rf"Added {CHUNK + 5} recipes in \d+\.\d s\.\n", done.out)
    assert total(client, superuser) == CHUNK + 5
    assert recipes("seed", "--count", "3").status == 0
    assert total(client, superuser) == CHUNK + 8


def test_the_random_seed_decides_and_the_first_superuser_submits(
    recipes: Recipes, client: TestClient, superuser: Account, database_url: str
) -> None:
    later = create_user(client)
    set_superuser(database_url, later)
    assert recipes("seed", "--count", "30", "--random-seed", "7").status == 0
    stored = client.get(
        RECIPES, params={"sort": "created_at", "limit": 100}, headers=superuser.headers
    ).json()["items"]
    assert labels(stored) == labels(list(demo_recipes(30, 7)))
    assert {recipe["submitter_id"] for recipe in stored} == {superuser.id}
    assert recipes("seed", "--count", "30", "--random-seed", "7").status == 0
    assert recipes("seed", "--count", "30", "--random-seed", "8").status == 0
    written = [row.label for row in rows(database_url, "recipe")]
    assert written[30:60] == written[:30]
    assert written[60:] == labels(list(demo_recipes(30, 8)))


def test_a_recipe_is_stored_as_generated(
    recipes: Recipes, client: TestClient, superuser: Account
) -> None:
    assert recipes("seed", "--count", "20").status == 0
    found = client.get(f"{RECIPES}/my-recipes", headers=superuser.headers).json()["results"]
    made = {document["url"]: document for document in demo_recipes(20, 1) if document["url"]}
    assert made
    for recipe in found:
        document = made.get(recipe["url"])
        if document:
            assert document.items() <= recipe.items()


def test_without_a_superuser_nothing_is_added(
    recipes: Recipes, client: TestClient, database_url: str
) -> None:
    create_user(client)
    done = recipes("seed", "--count", "3")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("recipes: There is no superuser: ")
    assert rows(database_url, "recipe") == []


def test_the_number_is_required(recipes: Recipes) -> None:
    for arguments in ([], ["--count", "0"], ["--count", "many"], ["3"]):
        assert recipes("seed", *arguments).status == 2


def test_a_terminal_shows_progress(
    settings: Settings, client: TestClient, superuser: Account
) -> None:
    screen, terminal = os.openpty()
    with started(settings, "recipes", "seed", "--count", "3", output=terminal) as process:
        assert process.wait(COMMAND_SECONDS) == 0
    os.close(terminal)
    shown = os.read(screen, 10_000).decode()
    os.close(screen)
    assert "Adding recipes" in shown
    assert "100%" in shown
    assert "Added 3 recipes" in shown
