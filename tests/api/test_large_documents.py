"""Recipes of half a MiB: an answer has as many of them as it has room for."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.core.bounds import ANSWER_BYTES
from app.db.reader import Reader
from app.schemas.recipe import MAX_DOCUMENT_BYTES
from benchmarks.demo.recipes import demo_recipes
from tests.change_feed import CHANGES, RECIPES
from tests.factories import Account, create_user

COUNT = 20
EXTRAS = {"x": "x" * 500_000}
MOST = ANSWER_BYTES + MAX_DOCUMENT_BYTES
"""Bytes of an answer, whose last recipe may begin just before the bound."""


@pytest.fixture
def cook(app: FastAPI, client: TestClient) -> Account:
    """The submitter of COUNT recipes; all of them together are twice as large as an answer."""
    cook = create_user(client)
    documents = [
        {**document, "label": f"Chicken cake {number}", "extras": EXTRAS}
        for number, document in zip(range(COUNT), demo_recipes(COUNT, 1), strict=True)
    ]
    app.state.transactions.run_now(crud.recipe.add_many, documents, submitter_id=cook.id)
    return cook


def pages(client: TestClient, query: str) -> Iterator[list[dict[str, Any]]]:
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get(f"{RECIPES}?{query}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.text
        assert len(answer.content) < MOST
        page = orjson.loads(answer.content)
        yield page["items"]
        cursor = page["next_cursor"]
        assert (cursor is None) == ("link" not in answer.headers)


@pytest.mark.usefixtures("cook")
@pytest.mark.parametrize(
    "query",
    [
        *("sort=created_at", "sort=-updated_at", "sort=total_minutes"),
        *("q=chicken", "q=chicken&sort=label"),
        *("max_total_minutes=10000", "fields=id,extras,label,version"),
    ],
)
def test_a_page_ends_early_and_the_next_one_goes_on(client: TestClient, query: str) -> None:
    whole = client.get(f"{RECIPES}?{query.replace('extras,', '')}&limit=100").json()["items"]
    found = list(pages(client, f"{query}&view=full&limit=100"))
    assert len(found) > 2
    items = [item for page in found for item in page]
    assert [item["id"] for item in items] == [item["id"] for item in whole]
    assert all(item["extras"] == EXTRAS for item in items)


@pytest.mark.usefixtures("cook")
def test_changes_end_early_and_the_next_ones_go_on(client: TestClient) -> None:
    ids, answers, since = [], 0, 0
    while True:
        answer = client.get(CHANGES, params={"since": since, "limit": 1000})
        assert len(answer.content) < MOST
        changes = orjson.loads(answer.content)
        if not changes["items"]:
            break
        ids += [item["id"] for item in changes["items"]]
        since, answers = changes["next_since"], answers + 1
    assert len(ids) == len(set(ids)) == COUNT
    assert answers > 2


def test_results_end_early(client: TestClient, cook: Account) -> None:
    for path in ("/search?keyword=chicken&max_results=100", "/my-recipes"):
        answer = client.get(f"{RECIPES}{path}", headers=cook.headers)
        assert len(answer.content) < MOST
        results = orjson.loads(answer.content)["results"]
        assert [recipe["label"] for recipe in results] == [
            f"Chicken cake {number}" for number in reversed(range(COUNT - len(results), COUNT))
        ]
        assert 2 < len(results) < COUNT


@pytest.mark.usefixtures("cook")
def test_what_does_not_show_a_document_does_not_read_it(
    app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, statements = type(app.state.reader), []
    run = reader._run

    async def noting(self: Reader, sql: str, parameters: Any, heavy: bool) -> Any:
        statements.append(sql)
        return await run(self, sql, parameters, heavy)

    monkeypatch.setattr(reader, "_run", noting)
    for path in (
        *(RECIPES, f"{RECIPES}?view=full&fields=id,label,tags", "/", "/recipes", "/feed.xml"),
        *(f"{RECIPES}?q=chicken&highlight=true", "/recipes?q=chicken", "/recipes?tag=quick"),
    ):
        assert client.get(path).status_code == 200
    assert statements
    assert not [sql for sql in statements if "extras" in sql]
