"""`recipes compact`, and a restore that leaves a file no larger than its content."""

import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from tests.databases import execute, sqlite_path
from tests.factories import API, Account, create_recipe
from tests.ops.cli.commands import Recipes

only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
LARGE = 5_000_000
FULL = shutil.disk_usage(Path.cwd())._replace(free=0)


def grow(settings: Settings) -> Path:
    """Insert and delete a large row, and return the file."""
    url = settings.database_url
    execute(url, "CREATE TABLE large (content BLOB)")
    execute(url, "INSERT INTO large VALUES (zeroblob(:size))", size=LARGE)
    execute(url, "DROP TABLE large")
    execute(url, "PRAGMA wal_checkpoint(TRUNCATE)")
    file = sqlite_path(url)
    assert file.stat().st_size > LARGE
    return file


@only_sqlite
def test_the_file_shrinks(recipes: Recipes, client: TestClient, user: Account) -> None:
    made = create_recipe(client, user)
    file = grow(recipes.settings)
    done = recipes("compact")
    assert (done.status, done.err) == (0, "")
    assert f"{file} took " in done.out
    assert file.stat().st_size < LARGE
    # The server still works.
    assert client.get(f"{API}/recipes/{made['id']}").json() == made
    create_recipe(client, user)


@only_sqlite
def test_a_full_disk_is_reported_first(recipes: Recipes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ops.backup.sqlite.disk_usage", lambda _: FULL)
    file = sqlite_path(recipes.settings.database_url)
    before = file.read_bytes()
    done = recipes("compact")
    assert (done.status, done.out) == (1, "")
    assert "make room" in done.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_postgresql_frees_space_for_new_rows(recipes: Recipes) -> None:
    done = recipes("compact")
    assert (done.status, done.err) == (0, "")
    assert "free for new ones" in done.out


@only_sqlite
def test_a_restored_file_is_small(recipes: Recipes, tmp_path: Path) -> None:
    backup = tmp_path / "backup.zip"
    assert recipes("backup", str(backup)).status == 0
    file = grow(recipes.settings)
    assert recipes("restore", str(backup), "--yes", "--no-undo").status == 0
    assert file.stat().st_size < LARGE


def test_the_version_is_printed(recipes: Recipes) -> None:
    done = recipes("--version")
    assert (done.status, done.err) == (0, "")
    assert done.out == "0.1.0\n"
