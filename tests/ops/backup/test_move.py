"""`recipes move`: everything is copied from SQLite to PostgreSQL."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Column, String, Table

from app.core.config import Settings
from app.db.base import Base, BigKey
from app.db.types import JsonDocument, Number, UtcDateTime
from app.main import create_app
from tests.client import Client
from tests.databases import PostgresDatabases, SqliteDatabases, execute, sqlite_path
from tests.documents import WHOLE
from tests.factories import API, PASSWORD, create_recipe, create_user, sign_in
from tests.log_secrets import JWT_SECRET
from tests.ops.backup.contents import everything
from tests.ops.cli.commands import Done, Recipes
from tests.processes import make_settings
from tests.recipe_corpus import RecipeCorpus
from tests.server import uvicorn

RECIPES = f"{API}/recipes"
QUERIES = [
    *(
        "tomato",
        "tomatos",
        "apfel",
        "-basil tomato",
        "tag:soup",
        '"red curry"',
        "creme",
        "cuisine:thai",
    ),
]


@pytest.fixture
def source(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Settings]:
    url = sqlite_databases.create()
    yield make_settings(url, tmp_path / "source", jwt_secret=JWT_SECRET)
    sqlite_databases.drop(url)


@pytest.fixture
def target_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    url = postgres_databases.create(migrated=False)
    yield url
    postgres_databases.drop(url)


@pytest.fixture
def refused(source: Settings, target_url: str) -> Callable[[], str]:
    """Return a function that fails unless a move is refused and changes neither side."""

    def refuse() -> str:
        before = everything(source.database_url), everything(target_url)
        done = Recipes(source)("move", "--to", target_url)
        assert (done.status, done.out) == (1, ""), done
        assert len(output_of(done)) == 1, done
        assert (everything(source.database_url), everything(target_url)) == before
        return done.err

    return refuse


def output_of(done: Done) -> list[str]:
    """Return the lines of the command, without those of the log."""
    return [line for line in done.err.splitlines() if " INFO " not in line]


def answers(client: TestClient, headers: dict[str, str], ids: range) -> dict[str, Any]:
    """Return the responses for all recipes, their versions and searches."""
    paths = [
        *(f"{RECIPES}/{each}{part}" for each in ids for part in ("", "/versions")),
        *(f"{RECIPES}?sort={sort}&limit=100" for sort in ("label", "-created_at", "total_minutes")),
        *(f"{RECIPES}?q={query}&limit=100" for query in QUERIES),
        *(f"{RECIPES}?deleted=true", f"{RECIPES}/changes", f"{API}/tags", f"{API}/auth/me"),
        *(f"{API}/auth/tokens", f"{RECIPES}/export"),
    ]
    found = {path: client.get(path, headers=headers) for path in paths}
    return {
        path: (each.status_code, each.headers.get("etag"), without_request_id(each.text))
        for path, each in found.items()
    }


def without_request_id(body: str) -> str:
    return re.sub(r'"request_id":"\w+"', "", body)


def test_everything_is_moved_and_ids_continue(source: Settings, target_url: str) -> None:
    with Client(create_app(source)) as client:
        cook, other = create_user(client, first_name="Ann"), create_user(client)
        RecipeCorpus(client, cook, other)
        create_recipe(client, cook, **WHOLE)
        last = create_recipe(client, cook, label="Last")["id"]
        path = f"{RECIPES}/{last}?permanent=true"
        assert client.delete(path, headers=cook.headers).status_code == 204
        token = client.post(
            f"{API}/auth/tokens", json={"name": "phone", "scopes": ["read"]}, headers=cook.headers
        ).json()
        newest_user = create_user(client)
        gone = client.delete(f"{API}/auth/me", headers=newest_user.headers)
        assert gone.status_code in (204, 422), gone.text
        ids = range(1, last + 1)
        expected = answers(client, cook.headers, ids)
    before = everything(source.database_url)

    done = Recipes(source)("move", "--to", target_url)
    assert (done.status, output_of(done)) == (0, [])
    assert "Now set DATABASE_URL" in done.out
    assert everything(source.database_url) == before

    target = make_settings(target_url, source.data_dir, jwt_secret=JWT_SECRET)
    assert Recipes(target)("check").status == 0
    with Client(create_app(target)) as client:
        found = answers(client, cook.headers, ids)
        assert found.keys() == expected.keys()
        for path, answer in expected.items():
            assert found[path] == answer, path
        assert sign_in(client, cook.email, PASSWORD)
        api_token = {"Authorization": f"Bearer {token['token']}"}
        assert client.get(f"{API}/auth/me", headers=api_token).status_code in (200, 403)
        assert create_recipe(client, cook, tags=["brand new"])["id"] == last + 1
        assert create_user(client).id == newest_user.id + 1
        since = found[f"{RECIPES}/changes"][2]
        number = re.search(r'"next_since":(\d+)', since)
        assert number
        newer = client.get(f"{RECIPES}/changes?since={number[1]}", headers=cook.headers).json()
        assert [item["id"] for item in newer["items"]] == [last + 1]


def test_new_tables_and_columns_are_moved(source: Settings, target_url: str) -> None:
    """The code names no tables: whatever is in the metadata is moved."""
    table = Table(
        "feast",
        Base.metadata,
        Column("id", BigKey, primary_key=True),
        Column("Name with space", String(10)),
        Column("price", Number()),
        Column("at", UtcDateTime()),
        Column("courses", JsonDocument()),
        sqlite_autoincrement=True,
    )
    try:
        execute(
            source.database_url,
            "CREATE TABLE feast (id INTEGER PRIMARY KEY AUTOINCREMENT,"
            ' "Name with space" VARCHAR(10),'
            " price FLOAT, at DATETIME, courses JSON)",
        )
        at = "2026-11-20T12:00:00.123456+00:00"
        courses = '{"b":1.0,"a":[null,"\\u00e9\\t"]}'
        insert = "INSERT INTO feast VALUES (:id, :name, :price, :at, :courses)"
        rows: list[dict[str, Any]] = [
            {"id": 3, "name": "a\tb\\N\n", "price": 0.1, "at": at, "courses": courses},
            {"id": 9, "name": None, "price": 4.0, "at": None, "courses": None},
            {"id": 11, "name": "", "price": -1e-300, "at": at, "courses": "7"},
        ]
        for row in rows:
            execute(source.database_url, insert, **row)
        execute(source.database_url, "DELETE FROM feast WHERE id = 11")
        # As a later migration would create it.
        execute(
            target_url,
            'CREATE TABLE feast (id bigserial PRIMARY KEY, "Name with space" varchar(10),'
            " price float8, at timestamptz, courses json)",
        )
        execute(target_url, "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)")
        done = Recipes(source)("move", "--to", target_url)
        assert (done.status, output_of(done)) == (0, [])
        moved = execute(
            target_url,
            "SELECT id, \"Name with space\" AS name, price, CAST(at AT TIME ZONE 'UTC' AS text),"
            " CAST(courses AS text) FROM feast ORDER BY id",
        )
        assert [tuple(row) for row in moved] == [
            (3, "a\tb\\N\n", 0.1, "2026-11-20 12:00:00.123456", courses),
            (9, None, 4.0, None, None),
        ]
        ((following,),) = execute(target_url, "SELECT nextval('feast_id_seq')")
        assert following == 12
    finally:
        Base.metadata.remove(table)


def test_a_running_server_prevents_the_move(
    source: Settings, refused: Callable[[], str], tmp_path: Path
) -> None:
    with uvicorn(source, tmp_path):
        assert "stop the server first" in refused()


def test_a_target_that_is_not_empty_is_refused(
    source: Settings, target_url: str, refused: Callable[[], str]
) -> None:
    execute(target_url, "CREATE TABLE orders (id int)")
    assert "has tables of another application: orders" in refused()
    execute(target_url, "DROP TABLE orders")
    target = make_settings(target_url, source.data_dir)
    assert Recipes(source)("move", "--to", target_url).status == 0
    with Client(create_app(target)) as client:
        create_user(client)
    assert "The target is not empty: its table " in refused()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param("label = 'x' || char(0)", "recipe, id 2: .*NUL", id="NUL"),
        pytest.param(
            "label = printf('%.300c', 'x')", "recipe, id 2 .label.: .*too long", id="long"
        ),
        pytest.param("prep_minutes = 'soon'", "recipe, id 2 .prep_minutes.: .*integer", id="kind"),
        pytest.param("prep_minutes = 3000000000", "recipe, id 2 .*out of range", id="range"),
        pytest.param("created_at = 'never'", "recipe, id 2: ", id="time"),
        pytest.param("created_at = '2026-01-01T00:00:00'", "recipe, id 2: .*zone", id="zone"),
        pytest.param("steps = '[}'", "recipe, id 2 .steps.: .*json", id="JSON"),
        pytest.param("notes = CAST(x'ff' AS TEXT)", "recipe, id 2: .*UTF-8", id="UTF-8"),
        pytest.param("submitter_id = 4711", "recipe 2 refers to no row of user", id="key"),
        pytest.param("label = NULL", "recipe, id 2: null value", id="null"),
    ],
)
def test_a_row_that_postgresql_refuses_is_named(
    change: str, reason: str, source: Settings, target_url: str
) -> None:
    with Client(create_app(source)) as client:
        cook = create_user(client)
        for label in ("One", "Two", "Three"):
            create_recipe(client, cook, label=label)
    with closing(sqlite3.connect(sqlite_path(source.database_url))) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        if "NULL" in change:
            connection.execute("PRAGMA writable_schema=ON")
            connection.execute(
                "UPDATE sqlite_schema SET sql = replace(sql, 'label VARCHAR(256) NOT NULL',"
                " 'label VARCHAR(256)') WHERE name = 'recipe'"
            )
            connection.commit()
            connection.execute("PRAGMA writable_schema=RESET")
        connection.execute(f"UPDATE recipe SET {change} WHERE id = 2")  # noqa: S608 - Of this file.
        connection.commit()
    with closing(sqlite3.connect(sqlite_path(source.database_url))) as connection:
        connection.text_factory = bytes
        before = connection.execute("SELECT * FROM recipe").fetchall()
    said = Recipes(source)("move", "--to", target_url)
    assert (said.status, said.out) == (1, ""), said
    (line,) = output_of(said)
    assert re.search(reason, line), line
    assert everything(target_url) == {}
    with closing(sqlite3.connect(sqlite_path(source.database_url))) as connection:
        connection.text_factory = bytes
        assert connection.execute("SELECT * FROM recipe").fetchall() == before


def test_the_target_may_be_set_by_a_variable(source: Settings, target_url: str) -> None:
    done = Recipes(source)("move", variables={"MOVE_TO": target_url})
    assert (done.status, output_of(done)) == (0, [])


def test_only_from_sqlite_to_postgresql(source: Settings, target_url: str, tmp_path: Path) -> None:
    recipes = Recipes(source)
    for url in ("sqlite:///x.db", "mysql://x/y"):
        done = recipes("move", "--to", url)
        assert (done.status, done.out) == (1, "")
        assert "only be moved to postgresql://…" in done.err
    there = make_settings(target_url, tmp_path)
    done = recipes("move", "--to", target_url, settings=there)
    assert "already names PostgreSQL" in done.err
    nowhere = "postgresql://u:secret-word@127.0.0.1:1/x"
    done = recipes("move", "--to", nowhere)
    assert (done.status, len(output_of(done))) == (1, 1)
    assert "secret-word" not in done.err
    assert recipes("move").status == 2
    none = make_settings(f"sqlite:///{tmp_path / 'none.db'}", tmp_path)
    assert "There is no database" in recipes("move", "--to", target_url, settings=none).err
    assert not (tmp_path / "none.db").exists()
