"""`recipes restore`: it asks before it replaces all data."""

import os
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from tests.factories import API, Account, create_recipe
from tests.ops.backup.contents import everything
from tests.ops.backup.programs import with_programs
from tests.ops.cli.commands import Recipes
from tests.processes import COMMAND_SECONDS, started


@pytest.fixture
def backup(
    recipes: Recipes,
    client: TestClient,
    user: Account,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    with_programs(monkeypatch)
    path = tmp_path / "backup.zip"
    assert recipes("backup", str(path)).status == 0
    create_recipe(client, user, label="Later")
    return path


def test_without_a_terminal_it_needs_yes(recipes: Recipes, backup: Path, database_url: str) -> None:
    before = everything(database_url)
    done = recipes("restore", str(backup), stdin=b"y\n")
    assert (done.status, done.out) == (1, "")
    assert done.err == "recipes: This replaces all data: confirm it with --yes.\n"
    assert everything(database_url) == before


@pytest.mark.parametrize(("answer", "status", "left"), [("n", 1, 1), ("y", 0, 0)])
def test_on_a_terminal_it_asks(
    answer: str, status: int, left: int, settings: Settings, backup: Path, client: TestClient
) -> None:
    keyboard, terminal = os.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    with (
        os.fdopen(terminal, "rb") as stdin,
        started(settings, "recipes", "restore", str(backup), stdin=stdin) as process,
    ):
        said, _ = process.communicate(timeout=COMMAND_SECONDS)
    os.close(keyboard)
    assert process.returncode == status, said
    assert "Replace all data by " in said
    assert ("Restored " in said) == (status == 0)
    assert len(client.get(f"{API}/recipes").json()["items"]) == left


def test_a_dry_run_reads_all_and_changes_nothing(
    recipes: Recipes, backup: Path, database_url: str
) -> None:
    before = everything(database_url)
    done = recipes("restore", str(backup), "--dry-run")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{backup} can be restored here: ")
    assert everything(database_url) == before
    backup.write_bytes(backup.read_bytes()[:-1])
    assert recipes("restore", str(backup), "--dry-run").status == 1
