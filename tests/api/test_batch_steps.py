"""Large batches: committed in steps, within bounds, and each operation done once."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.core.bounds import (
    MAX_ATOMIC_BATCH_BYTES,
    MAX_BATCH_BYTES_OF_RECIPE,
    MAX_BATCH_STEP_BYTES,
    MAX_BATCH_STEP_OPERATIONS,
)
from app.core.errors import UnavailableError
from tests.api.test_batch import BATCH, read, run, send, statuses
from tests.databases import execute, rows
from tests.factories import Account, create_recipe
from tests.problems import assert_problem

LARGE = "x" * 400_000


@pytest.fixture
def steps(app: FastAPI, client: TestClient, database_url: str) -> set[int]:
    """How many recipes there were at the end of each transaction."""
    found: set[int] = set()
    pool = app.state.transactions.engine.pool
    event.listen(pool, "checkin", lambda *_: found.add(len(rows(database_url, "recipe"))))
    return found


def create(number: int, **members: object) -> dict[str, Any]:
    return {"op": "create", "recipe": {"label": f"Toast {number}", **members}}


def patch(recipe_id: object, number: int) -> dict[str, Any]:
    return {"op": "patch", "id": recipe_id, "recipe": {"label": f"Toast {number}"}}


def test_a_batch_lets_others_write_after_some_operations(
    client: TestClient, user: Account, steps: set[int]
) -> None:
    count = 2 * MAX_BATCH_STEP_OPERATIONS + 1
    assert statuses(run(client, user, *map(create, range(count)))) == [201] * count
    assert len(steps - {0}) >= 3
    steps.clear()
    assert statuses(run(client, user, create(0), create(1))) == [201] * 2
    assert steps <= {count, count + 2}


def test_a_batch_lets_others_write_after_some_bytes(
    client: TestClient, user: Account, steps: set[int]
) -> None:
    operations = [create(number, extras={"": LARGE}) for number in range(6)]
    assert statuses(run(client, user, *operations)) == [201] * 6
    assert len(steps - {0}) >= 6 * len(LARGE) / (MAX_BATCH_STEP_BYTES + len(LARGE))


def test_a_recipe_that_is_named_often_costs_a_bounded_amount(
    client: TestClient, user: Account, database_url: str
) -> None:
    large = create_recipe(client, user, extras={"": LARGE})["id"]
    small = create_recipe(client, user)["id"]
    operations = [*(patch(large, number) for number in range(60)), patch(small, 1)]
    results = run(client, user, *operations)
    done = statuses(results).count(200) - 1
    assert statuses(results) == [200] * done + [413] * (60 - done) + [200]
    assert 0 < done * 2 * len(LARGE) <= MAX_BATCH_BYTES_OF_RECIPE
    assert "one recipe" in results[done]["problem"]["detail"]
    # Each that was done is a version, and nothing of the others is stored.
    assert read(client, large)["version"] == 1 + done
    assert read(client, large)["label"] == f"Toast {done - 1}"
    assert len(rows(database_url, "recipe_version")) == done + 1
    # The next batch may go on.
    assert statuses(run(client, user, patch(large, 60))) == [200]


def test_an_atomic_batch_is_bounded_as_a_whole(
    client: TestClient, user: Account, database_url: str
) -> None:
    count = MAX_ATOMIC_BATCH_BYTES // len(LARGE) + 1
    operations = [create(number, extras={"": LARGE}) for number in range(count)]
    results = run(client, user, *operations, atomic=True)
    assert sorted(statuses(results)) == [413] + [424] * (count - 1)
    assert rows(database_url, "recipe") == []
    assert statuses(run(client, user, *operations[:-2], atomic=True)) == [201] * (count - 2)


def test_what_is_refused_is_stored_in_short_with_a_key(
    client: TestClient, user: Account, database_url: str
) -> None:
    wrong = {"op": "create", "recipe": {"ingredients": [{}] * 40}}
    body = {"operations": [wrong] * 200}
    headers = user.headers | {"Idempotency-Key": "wrong"}
    first = client.post(BATCH, json=body, headers=headers)
    assert set(statuses(first.json()["results"])) == {422}
    (row,) = rows(database_url, "idempotency_key")
    stored = json.dumps(row.results)
    assert len(stored) < len(json.dumps(body)) < len(first.content)
    again = client.post(BATCH, json=body, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content


# --- An end between two steps --------------------------------------------------------------------


class Outage:
    """Makes the database fail as soon as a recipe is stored, as if it were away then."""

    def __init__(self, app: FastAPI, database_url: str) -> None:
        self._engine = app.state.transactions.engine
        self._url = database_url
        event.listen(self._engine, "begin", self._begin)

    def _begin(self, _: object) -> None:
        if rows(self._url, "recipe"):
            raise UnavailableError("The database is away.")

    def end(self) -> None:
        event.remove(self._engine, "begin", self._begin)


@pytest.mark.parametrize("key", [None, "dinner"])
def test_a_batch_that_was_cut_off_is_done_once(
    key: str | None, app: FastAPI, client: TestClient, user: Account, database_url: str
) -> None:
    count = 2 * MAX_BATCH_STEP_OPERATIONS
    body = {"operations": [*map(create, range(count))]}
    headers = user.headers | ({"Idempotency-Key": key} if key else {})
    outage = Outage(app, database_url)
    answer = client.post(BATCH, json=body, headers=headers)
    outage.end()
    cut = statuses(answer.json()["results"])
    done = cut.count(201)
    assert cut == [201] * done + [503] * (count - done)
    assert len(rows(database_url, "recipe")) == done
    assert 0 < done < count
    # Sent again with its key, the rest is done, and then nothing.
    if key:
        for replayed in (None, "true"):
            again = client.post(BATCH, json=body, headers=headers)
            assert again.headers.get("idempotency-replayed") == replayed
            assert statuses(again.json()["results"]) == [201] * count
            ids = [result["id"] for result in again.json()["results"]]
            assert ids[:done] == [each["id"] for each in answer.json()["results"][:done]]
            assert ids == [row.id for row in rows(database_url, "recipe")]


def test_credentials_that_end_between_two_steps_end_the_batch(
    app: FastAPI, client: TestClient, user: Account, database_url: str
) -> None:
    def deactivate(*_: object) -> None:
        if rows(database_url, "recipe"):
            execute(database_url, 'UPDATE "user" SET is_active = :no', no=False)

    count = 2 * MAX_BATCH_STEP_OPERATIONS
    event.listen(app.state.transactions.engine.pool, "checkin", deactivate)
    answer = send(client, user, *map(create, range(count)))
    results = answer.json()["results"]
    done = statuses(results).count(201)
    assert statuses(results) == [201] * done + [401] * (count - done)
    assert 0 < done < count
    assert len(rows(database_url, "recipe")) == done
    assert_problem(send(client, user, create(0)), 401)
