"""One writing request is one transaction: committed before the answer, and never lost."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import httpx2
import pytest
import sqlalchemy
from fastapi.testclient import TestClient
from sqlalchemy import func, update

from app.core.config import Settings
from app.db.transactions import Session, make_transactions
from app.models.recipe import Recipe
from tests.databases import execute, rows
from tests.factories import API, PASSWORD, Account, create_recipe, create_user

# Each statement of a request succeeds and its COMMIT fails: a constraint that is checked there,
# and broken by every change of a user or a recipe.
TABLES, EVENTS = ("user", "recipe"), ("INSERT", "UPDATE", "DELETE")
BREAK = "BEGIN INSERT INTO refused (parent) VALUES (-1); END"
REFUSE_COMMITS = {
    "sqlite": [
        "CREATE TABLE refused (id INTEGER PRIMARY KEY, parent INTEGER "
        "REFERENCES refused (id) DEFERRABLE INITIALLY DEFERRED)",
        *(
            f'CREATE TRIGGER refuse_{table}_{event} AFTER {event} ON "{table}" ' + BREAK
            for table in TABLES
            for event in EVENTS
        ),
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'refused at commit'; END$$",
        *(
            f"CREATE CONSTRAINT TRIGGER refuse AFTER {' OR '.join(EVENTS)} "
            f'ON "{table}" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()'
            for table in TABLES
        ),
    ],
}
ACCEPT_COMMITS = {
    "sqlite": [f"DROP TRIGGER refuse_{table}_{event}" for table in TABLES for event in EVENTS],
    "postgresql": ["DROP FUNCTION refuse CASCADE"],
}

NEW_USER = {"email": "new@example.com", "password": PASSWORD}
Write = Callable[[httpx2.Client, str, dict[str, str]], httpx2.Response]
WRITES: dict[str, Write] = {
    "sign-up": lambda client, _, __: client.post(f"{API}/auth/signup", json=NEW_USER),
    "POST": lambda client, _, headers: client.post(
        f"{API}/recipes", json={"label": "New"}, headers=headers
    ),
    "PUT": lambda client, path, headers: client.put(path, json={"label": "New"}, headers=headers),
    "PATCH": lambda client, path, headers: client.patch(
        path, json={"label": "New"}, headers=headers
    ),
    "DELETE": lambda client, path, headers: client.delete(path, headers=headers),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_commit_that_fails_is_an_error_to_the_client(
    client: TestClient, user: Account, backend: str, database_url: str, write: Write
) -> None:
    path = f"{API}/recipes/{create_recipe(client, user)['id']}"

    def state() -> object:
        stored = [rows(database_url, table) for table in TABLES]
        return stored, client.get(path).json(), client.get(f"{API}/recipes").json()

    before = state()
    assert client.get(path).is_success
    assert client.get(f"{API}/recipes").is_success
    for statement in REFUSE_COMMITS[backend]:
        execute(database_url, statement)
    refused = write(client, path, user.headers)
    assert refused.is_error, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert "refuse" not in refused.text
    assert state() == before

    # Neither a row nor an open transaction remains.
    for statement in ACCEPT_COMMITS[backend]:
        execute(database_url, statement)
    accepted = write(client, path, user.headers)
    assert accepted.is_success, accepted.text
    assert state() != before


def test_what_gave_way_in_a_deadlock_is_done_again(
    client: TestClient, user: Account, settings: Settings
) -> None:
    one, two = (create_recipe(client, user)["id"] for _ in range(2))
    both_hold_one = threading.Barrier(2)
    begun: Counter[str] = Counter()

    def work(session: Session, name: str, first: int, second: int) -> None:
        begun[name] += 1
        notes = func.coalesce(Recipe.notes, "") + name
        session.execute(update(Recipe).where(Recipe.id == first).values(notes=notes))
        if begun[name] == 1:
            # On SQLite the other has not begun, for there is one writer at a time.
            with suppress(threading.BrokenBarrierError):
                both_hold_one.wait(1 if settings.is_sqlite else 30)
        session.execute(update(Recipe).where(Recipe.id == second).values(notes=notes))

    transactions = make_transactions(settings)
    with closing(transactions), ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(transactions.run_now, work, "a", one, two),
            pool.submit(transactions.run_now, work, "b", two, one),
        ]
        for job in jobs:
            job.result()
    notes = [client.get(f"{API}/recipes/{recipe_id}").json()["notes"] for recipe_id in (one, two)]
    assert notes[0] == notes[1] in ("ab", "ba")
    assert settings.is_sqlite or sum(begun.values()) > 2


@pytest.mark.parametrize("table", TABLES)
def test_an_id_is_never_given_again(
    client: TestClient, user: Account, database_url: str, table: str
) -> None:
    def make() -> int:
        made = create_user(client).id if table == "user" else create_recipe(client, user)["id"]
        return int(made)

    last = make()
    execute(
        database_url,
        sqlalchemy.delete(sqlalchemy.table(table, sqlalchemy.column("id"))).where(
            sqlalchemy.column("id") == last
        ),
    )
    assert make() > last
