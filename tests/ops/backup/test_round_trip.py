"""A restore brings back what was backed up, while a server runs."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from app.ops.backup import postgresql
from tests.client import Client
from tests.databases import Databases, connected, execute, sqlite_path, table_names
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe, create_user, share_key, sign_in
from tests.migrations import head, revision_in
from tests.ops.backup.contents import data, everything, manifest_of
from tests.ops.cli.commands import Recipes
from tests.processes import make_settings, run_alembic

RECIPES = f"{API}/recipes"


@pytest.fixture
def backup(recipes: Recipes, client: TestClient, user: Account, tmp_path: Path) -> Path:
    """A backup of a database with one recipe, a version of it and one in the trash."""
    whole = create_recipe(client, user, **WHOLE | {"visibility": "public"})
    changed = client.patch(
        f"{RECIPES}/{whole['id']}", json={"notes": "Warm."}, headers=user.headers
    )
    assert changed.status_code == 200
    assert share_key(client, user, whole["id"])
    gone = create_recipe(client, user, label="Gone", tags=["old"])
    assert client.delete(f"{RECIPES}/{gone['id']}", headers=user.headers).status_code == 204
    assert recipes("reindex").status == 0
    path = tmp_path / "backup.zip"
    done = recipes("backup", str(path))
    assert (done.status, done.err) == (0, "")
    return path


def restore(recipes: Recipes, path: Path, *options: str) -> str:
    done = recipes("restore", str(path), "--yes", *options)
    assert done.status == 0, done.err
    return done.out


def found(client: TestClient, query: str) -> list[int]:
    answer = client.get(RECIPES, params={"q": query})
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_everything_is_restored(
    recipes: Recipes, client: TestClient, user: Account, backup: Path, database_url: str
) -> None:
    before = data(database_url)
    create_recipe(client, create_user(client), label="Zucchini")
    assert client.delete(f"{RECIPES}/1?permanent=true", headers=user.headers).status_code == 204
    assert data(database_url) != before
    assert len(found(client, "zucchini")) == 1

    assert restore(recipes, backup).startswith("Restored ")
    assert data(database_url) == before
    # The same processes, with the same connections.
    assert found(client, "zucchini") == []
    assert found(client, WHOLE["label"]) == [1]
    assert sign_in(client, user.email, user.password)
    assert client.get("/readyz").status_code == 200
    assert "Zucchini" not in client.get("/").text
    assert WHOLE["label"] in client.get("/").text


def test_the_replaced_data_can_be_restored(
    recipes: Recipes, client: TestClient, user: Account, backup: Path, database_url: str
) -> None:
    create_recipe(client, user, label="Later")
    later = data(database_url)
    output = restore(recipes, backup)
    (undo,) = (recipes.settings.data_dir / "backups").iterdir()
    assert undo.name.startswith("before-restore-")
    assert f"The replaced data are in {undo}." in output
    restore(recipes, undo, "--no-undo")
    assert data(database_url) == later
    assert [*undo.parent.iterdir()] == [undo]


def test_no_id_is_reused(
    recipes: Recipes, client: TestClient, user: Account, backup: Path, database_url: str
) -> None:
    later = create_recipe(client, user, label="Later", tags=["new"])
    newcomer = create_user(client)
    tag_ids = [row.id for row in execute(database_url, "SELECT id FROM tag")]
    restore(recipes, backup)
    assert create_recipe(client, user, tags=["newer"])["id"] > later["id"]
    assert create_user(client).id > newcomer.id
    (newest,) = execute(database_url, "SELECT max(id) AS id FROM tag")
    assert newest.id > max(tag_ids)
    # The token of an account that no longer exists is invalid.
    me = client.get(f"{API}/auth/me", headers=newcomer.headers)
    assert me.status_code == 401


def test_clients_that_sync_learn_of_the_restored_state(
    recipes: Recipes, client: TestClient, user: Account, backup: Path
) -> None:
    later = create_recipe(client, user, label="Later")
    purged = create_recipe(client, user, label="Purged")
    path = f"{RECIPES}/{purged['id']}?permanent=true"
    assert client.delete(path, headers=user.headers).status_code == 204
    patched = client.patch(f"{RECIPES}/1", json={"label": "Spoilt"}, headers=user.headers)
    since = client.get(f"{RECIPES}/changes").json()["next_since"]

    restore(recipes, backup)
    stale = {"If-None-Match": patched.headers["etag"]}
    assert client.get(f"{RECIPES}/1", headers=stale).status_code == 200
    changes = client.get(f"{RECIPES}/changes", params={"since": since}).json()
    changed = {item["id"]: item["deleted"] for item in changes["items"]}
    assert changed == {1: False, later["id"]: True, purged["id"]: True}
    (first,) = [item["recipe"] for item in changes["items"] if item["id"] == 1]
    assert first["label"] == WHOLE["label"]
    new = create_recipe(client, user)
    newer = client.get(f"{RECIPES}/changes", params={"since": changes["next_since"]}).json()
    assert [item["id"] for item in newer["items"]] == [new["id"]]


def test_search_finds_words_that_a_worker_has_cached(
    recipes: Recipes, client: TestClient, user: Account, backup: Path
) -> None:
    # The worker has cached that the word and the language are stored.
    members = {"label": "Kürbisse", "language": "de"}
    create_recipe(client, user, **members)
    restore(recipes, backup)
    again = create_recipe(client, user, **members)
    assert found(client, "Kürbis") == [again["id"]]
    assert found(client, "Kürbisze") == [again["id"]]


def test_an_older_backup_is_migrated(
    recipes: Recipes, databases: Databases, client: TestClient, user: Account, tmp_path: Path
) -> None:
    """A backup from before versions, changes and the search index."""
    url = databases.create(migrated=False)
    older = make_settings(url, tmp_path / "older")
    assert run_alembic(older, "upgrade", "d8c4a8521247").returncode == 0
    now = "2026-11-20T12:00:00.000000+00:00"
    execute(
        url,
        'INSERT INTO "user" (email, email_key, hashed_password, is_active, is_superuser,'
        " token_version, created_at, updated_at, version)"
        " VALUES ('a@b.example', 'a@b.example', '-', true, false, 7, :now, :now, 1)",
        now=now,
    )
    execute(
        url,
        "INSERT INTO recipe (label, label_key, tags, ingredients, steps, visibility, extras,"
        " submitter_id, created_at, updated_at, version)"
        " VALUES ('Marble cake', 'marble cake', '[]', '[]', '[]', 'public', '{}', 1, :now, :now,"
        " 1)",
        now=now,
    )
    path = tmp_path / "older.zip"
    assert recipes("backup", str(path), settings=older).status == 0
    assert manifest_of(path)["revision"] == "d8c4a8521247"
    databases.drop(url)

    create_recipe(client, user, label="Newer")
    restore(recipes, path)
    assert revision_in(recipes.settings.database_url) == head()
    assert found(client, "marble") == [1]
    assert found(client, "newer") == []
    assert client.get(f"{RECIPES}/1").json()["submitter_id"] == 1


def test_restore_into_an_unused_database(
    recipes: Recipes, databases: Databases, backup: Path, database_url: str, tmp_path: Path
) -> None:
    before = data(database_url)
    url = databases.create(migrated=False)
    fresh = make_settings(url, tmp_path / "fresh")
    if fresh.is_sqlite:
        shutil.rmtree(sqlite_path(url).parent)
    done = recipes("restore", str(backup), "--yes", settings=fresh)
    assert done.status == 0, done.err
    assert "before" not in done.out
    assert data(url) == before
    assert revision_in(url) == head()
    with Client(create_app(fresh)) as client:
        assert found(client, WHOLE["label"]) == [1]
    databases.drop(url)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_tables_missing_in_the_backup_are_dropped(
    recipes: Recipes, backup: Path, database_url: str
) -> None:
    """Tables of a newer version, which this one does not know."""
    before = table_names(database_url)
    execute(database_url, "CREATE TABLE feast (recipe_id bigint REFERENCES recipe)")
    execute(database_url, "UPDATE alembic_version SET version_num = 'newer'")
    restore(recipes, backup)
    assert table_names(database_url) == before
    assert revision_in(database_url) == head()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_an_open_transaction_of_another_session_is_reported(
    recipes: Recipes, backup: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 1)
    before = everything(database_url)
    with connected(database_url) as connection:
        connection.exec_driver_sql("SELECT 1 FROM recipe")
        done = recipes("restore", str(backup), "--yes")
    assert (done.status, done.out) == (1, "")
    assert "Other sessions hold the tables for too long" in done.err
    assert everything(database_url) == before


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("damage", ["header", "page"])
def test_a_damaged_file_is_moved_aside(
    damage: str, settings: Settings, recipes: Recipes, backup: Path, database_url: str
) -> None:
    before, file = data(database_url), sqlite_path(database_url)
    # No process has the file open.
    alone = file.with_name("alone.db")
    shutil.copyfile(file, alone)
    execute(f"sqlite:///{alone}", "PRAGMA journal_mode=DELETE")
    content = bytearray(alone.read_bytes())
    content[slice(0, 100) if damage == "header" else slice(8192, 60_000)] = bytes(
        100 if damage == "header" else 60_000 - 8192
    )
    alone.write_bytes(content)
    there = make_settings(f"sqlite:///{alone}", settings.data_dir)
    done = recipes("restore", str(backup), "--yes", settings=there)
    assert done.status == 0, done.err
    (aside,) = file.parent.glob("alone.db.damaged-*")
    # The header may have been written to.
    assert aside.read_bytes()[100:] == content[100:]
    assert f"it is now {aside}." in done.out
    assert "Restart the server" in done.out
    assert data(there.database_url) == before


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_with_another_page_size(recipes: Recipes, backup: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pages.db'}"
    there = make_settings(url, tmp_path / "pages")
    assert run_alembic(there, "upgrade", "head").returncode == 0
    with closing(sqlite3.connect(sqlite_path(url))) as connection:
        connection.executescript("PRAGMA journal_mode=DELETE; PRAGMA page_size=8192; VACUUM")
    done = recipes("restore", str(backup), "--yes", settings=there)
    assert done.status == 0, done.err
    assert data(url) == data(recipes.settings.database_url)
    ((size,),) = execute(url, "PRAGMA page_size")
    assert size == 8192


def test_files_of_killed_commands_are_removed_later(
    recipes: Recipes, settings: Settings, backup: Path
) -> None:
    folder = settings.data_dir / "backups"
    for name, age in ((".recipes-old", 2), (".recipes-new", 0)):
        (folder / name).mkdir(parents=True)
        (folder / name / "backup.zip").write_text("half")
        moment = time.time() - age * 24 * 60 * 60
        os.utime(folder / name, (moment, moment))
    assert recipes("backup").status == 0
    assert [path.name for path in folder.glob(".*")] == [".recipes-new"]
