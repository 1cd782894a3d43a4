"""How many values a recipe may have, and how deep: the same through every door."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.core.bounds import MAX_EXTRAS_DEPTH, MAX_EXTRAS_VALUES
from tests.documents import DEFAULTS
from tests.factories import API, Account, create_recipe
from tests.ndjson import send
from tests.problems import assert_invalid

RECIPES = f"{API}/recipes"
IMPORT = f"{RECIPES}/import"


def upload(client: TestClient, user: Account, content: bytes, query: str = "") -> Any:
    """Import a file."""
    files = {"file": ("recipes", content)}
    answer = client.post(f"{IMPORT}?{query}", files=files, headers=user.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def nested(depth: int) -> Any:
    """A list that has so many within each other."""
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


MOST = {"a": [0] * (MAX_EXTRAS_VALUES - 2), "b": 1}
DEEPEST = {"a": nested(MAX_EXTRAS_DEPTH)}
BEYOND: dict[str, dict[str, Any]] = {
    "one value": MOST | {"c": None},
    "empty lists": {"a": [[]] * 20_000},
    "members": {str(number): number for number in range(MAX_EXTRAS_VALUES + 1)},
    "one level": {"a": nested(MAX_EXTRAS_DEPTH + 1)},
    "deep": {"a": nested(180)},
}
each_beyond = pytest.mark.parametrize("extras", BEYOND.values(), ids=list(BEYOND))


@pytest.mark.parametrize("extras", [MOST, DEEPEST], ids=["most", "deepest"])
def test_what_came_in_can_be_put_back(
    client: TestClient, user: Account, extras: dict[str, Any]
) -> None:
    recipe = create_recipe(client, user, extras=extras)
    assert recipe["extras"] == extras
    path = f"{RECIPES}/{recipe['id']}"
    assert client.put(path, json=recipe, headers=user.headers).json() == recipe
    exported = client.get(f"{RECIPES}/export?format=ndjson").content
    assert upload(client, user, exported, "on_duplicate=copy")["created"] == 1


@each_beyond
def test_beyond_it_every_write_is_refused(
    client: TestClient, user: Account, extras: dict[str, Any]
) -> None:
    recipe = create_recipe(client, user, extras=MOST)
    path = f"{RECIPES}/{recipe['id']}"
    document = {"label": "Soup", "extras": extras}
    assert_invalid(client.post(RECIPES, json=document, headers=user.headers), "/extras")
    assert_invalid(client.put(path, json=document, headers=user.headers), "/extras")
    assert_invalid(client.patch(path, json={"extras": extras}, headers=user.headers), "/extras")
    operations = [{"op": "create", "recipe": document}]
    answer = client.post(f"{RECIPES}/batch", json={"operations": operations}, headers=user.headers)
    problems = [result["problem"] for result in answer.json()["results"]]
    assert [problem["status"] for problem in problems] == [422]
    assert client.get(path).json() == recipe


def test_what_a_patch_adds_to_counts(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, extras=MOST)
    path = f"{RECIPES}/{recipe['id']}"
    answer = client.patch(path, json={"extras": {"c": 1}}, headers=user.headers)
    assert_invalid(answer, "/extras")
    answer = client.patch(path, json={"extras": {"b": None, "c": 1}}, headers=user.headers)
    assert answer.status_code == 200


@each_beyond
def test_beyond_it_a_line_fails_and_the_others_do_not(
    client: TestClient, user: Account, extras: dict[str, Any]
) -> None:
    documents = [{"label": "A"}, {"label": "B", "extras": extras}, {"label": "C"}]
    lines = "".join(json.dumps(each) + "\n" for each in documents).encode()
    items, totals = send(client, user, lines, "dry_run=true")
    report = upload(client, user, lines, "dry_run=true")
    for each in (items, report["items"]):
        assert [item["status"] for item in each] == ["created", "failed", "created"]
        assert [error["pointer"] for error in each[1]["problem"]["errors"]] == ["/extras"]
    assert (totals["created"], totals["failed"]) == (2, 1)


@pytest.mark.parametrize("depth", [500, 1000, 100_000])
def test_a_line_that_is_nested_very_deep_fails_alone(
    client: TestClient, user: Account, depth: int
) -> None:
    deep = "[" * depth + "]" * depth
    for line in (f'{{"label": "B", "extras": {{"a": {deep}}}}}', f'{{"label": {deep}}}', deep):
        lines = f'{{"label": "A"}}\n{line}\n{{"label": "C"}}\n'.encode()
        items, _ = send(client, user, lines, "dry_run=true")
        assert [item["status"] for item in items] == ["created", "failed", "created"]
        report = upload(client, user, lines, "dry_run=true")
        assert (report["created"], report["failed"]) == (2, 1)


@each_beyond
def test_what_an_importer_has_no_place_for_is_left_out_beyond_it(
    client: TestClient, user: Account, extras: dict[str, Any]
) -> None:
    foreign = {
        "@type": "Recipe",
        "name": "Soup",
        "recipeIngredient": ["1 leek"],
        "comment": "Good.",
        "other": extras,
    }
    report = upload(client, user, json.dumps(foreign).encode())
    assert report["created"] == 1, report
    recipe = client.get(f"{RECIPES}/{report['items'][0]['id']}").json()
    assert recipe["label"] == "Soup"
    answer = client.put(f"{RECIPES}/{recipe['id']}", json=recipe, headers=user.headers)
    assert answer.status_code == 200


@each_beyond
def test_what_is_stored_can_be_read_and_mended(
    app: FastAPI, client: TestClient, user: Account, extras: dict[str, Any]
) -> None:
    """As it may be from before there was a bound."""
    document = DEFAULTS | {"label": "Old", "extras": extras}
    (recipe_id,) = app.state.transactions.run_now(
        crud.recipe.add_many, [document], submitter_id=user.id
    )
    path = f"{RECIPES}/{recipe_id}"
    assert client.get(path).json()["extras"] == extras
    for where in (f"{RECIPES}?view=full", f"{RECIPES}/export", f"{RECIPES}/changes"):
        assert client.get(where).status_code == 200
    assert client.get(f"/recipes/{recipe_id}").status_code == 200
    assert_invalid(client.patch(path, json={"notes": "x"}, headers=user.headers), "/extras")
    mended = client.patch(path, json={"extras": None}, headers=user.headers)
    assert (mended.status_code, mended.json()["extras"]) == (200, {})
    assert client.get(f"{path}/versions/1").json()["recipe"]["extras"] == extras
    answer = client.post(f"{path}/versions/1/restore", headers=user.headers)
    assert_invalid(answer, "/extras")
