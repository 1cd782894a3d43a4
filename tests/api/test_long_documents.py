"""Long recipes: their words are found while no transaction is open, through every door."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.search import index as search_index
from app.search.words import Terms, terms_of
from tests.factories import API, Account, create_recipe
from tests.ndjson import NDJSON

RECIPES = f"{API}/recipes"
LONG = {"notes": " ".join(f"word{number}" for number in range(2000))}


class Work:
    """How often the terms of a recipe were computed in a transaction, and outside of one."""

    def __init__(self, app: FastAPI) -> None:
        self._open = threading.local()
        self.inside = self.outside = 0
        engine = app.state.transactions.engine
        event.listen(engine, "begin", lambda _: self._set(is_open=True))
        event.listen(engine, "commit", lambda _: self._set(is_open=False))
        event.listen(engine, "rollback", lambda _: self._set(is_open=False))

    def _set(self, *, is_open: bool) -> None:
        self._open.value = is_open

    def terms_of(self, recipe: Mapping[str, Any]) -> Terms:
        if getattr(self._open, "value", False):
            self.inside += 1
        else:
            self.outside += 1
        return terms_of(recipe)


@pytest.fixture
def work(app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Work:
    found = Work(app)
    monkeypatch.setattr(search_index, "terms_of", found.terms_of)
    return found


def test_no_transaction_waits_for_the_words_of_a_long_recipe(
    client: TestClient, user: Account, work: Work, subtests: pytest.Subtests
) -> None:
    def new(label: str, *, deleted: bool = False) -> str:
        path = f"{RECIPES}/{create_recipe(client, user, label=label, **LONG)['id']}"
        if deleted:
            client.delete(path, headers=user.headers)
        return path

    def request(method: str, path: str, **body: Any) -> Callable[[], httpx2.Response]:
        headers = user.headers | body.pop("headers", {})
        return lambda: client.request(method, path, headers=headers, **body)

    def batch(*operations: object) -> Callable[[], httpx2.Response]:
        return request("POST", f"{RECIPES}/batch", json={"operations": operations})

    edited = new("edited")
    client.patch(edited, json={"label": "once more"}, headers=user.headers)
    numbers = [int(new(label).rpartition("/")[2]) for label in ("patched", "tagged")]
    patch = {"op": "patch", "id": numbers[0], "recipe": {"label": "x"}}
    tag = {"op": "tag", "id": numbers[1], "tags": ["new"]}
    again = patch | {"recipe": {"label": "y"}}
    line = json.dumps({"label": "a line", **LONG}).encode()
    doors = {
        "create": request("POST", RECIPES, json={"label": "new", **LONG}),
        "replace": request("PUT", new("replaced"), json={"label": "new", **LONG}),
        "patch": request("PATCH", new("patched"), json={"label": "new"}),
        "hide": request("PATCH", new("hidden"), json={"visibility": "private"}),
        "restore": request("POST", f"{new('thrown away', deleted=True)}/restore"),
        "restore a version": request("POST", f"{edited}/versions/1/restore"),
        "batch": batch(patch, tag, {"op": "create", "recipe": {"label": "new", **LONG}}),
        "atomic batch": request(
            "POST",
            f"{RECIPES}/batch?atomic=true",
            json={"operations": [again]},
        ),
        "import": request("POST", f"{RECIPES}/import", headers=NDJSON, content=line),
        "import again": request(
            "POST",
            f"{RECIPES}/import?on_duplicate=update",
            headers=NDJSON,
            content=json.dumps({"label": "a line", **LONG, "author": "Ann"}).encode(),
        ),
    }
    work.inside = 0
    for name, send in doors.items():
        with subtests.test(name):
            work.outside = 0
            answer = send()
            assert answer.is_success, answer.text
            assert work.inside == 0
            assert work.outside > 0


def test_a_short_recipe_is_written_at_once(client: TestClient, user: Account, work: Work) -> None:
    recipe = create_recipe(client, user)
    client.patch(f"{RECIPES}/{recipe['id']}", json={"label": "Toast"}, headers=user.headers)
    assert (work.inside, work.outside) == (2, 0)


def test_what_was_computed_is_found(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **LONG)
    path = f"{RECIPES}/{recipe['id']}"
    for text in ("word0", "word1999"):
        found = client.get(RECIPES, params={"q": text}).json()["items"]
        assert [each["id"] for each in found] == [recipe["id"]]
    changed = {"notes": LONG["notes"].replace("word1999", "dragonfruit")}
    assert client.patch(path, json=changed, headers=user.headers).is_success
    found = client.get(RECIPES, params={"q": "dragonfruit"}).json()["items"]
    assert [each["id"] for each in found] == [recipe["id"]]
