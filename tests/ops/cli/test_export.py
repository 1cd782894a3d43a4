"""`recipes export`: files and standard output."""

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from tests.databases import execute
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe
from tests.ops.cli.commands import Recipes
from tests.processes import COMMAND_SECONDS, started

EXPORT = f"{API}/recipes/export"


@pytest.fixture(autouse=True)
def _recipes(client: TestClient, user: Account, other_user: Account) -> None:
    create_recipe(client, user, **WHOLE)
    create_recipe(client, user, label="Secret", visibility="private")
    create_recipe(client, other_user, label="Toast")
    path = f"{API}/recipes/{create_recipe(client, user, label='Gone')['id']}"
    assert client.delete(path, headers=user.headers).status_code == 204


@pytest.mark.parametrize("name", ["ndjson", "jsonld", "zip", "csv", "markdown"])
def test_a_file_contains_what_a_superuser_would_get(
    name: str, recipes: Recipes, client: TestClient, superuser: Account, tmp_path: Path
) -> None:
    file = tmp_path / "my recipes"
    done = recipes("export", str(file), "--format", name)
    assert (done.status, done.out, done.err) == (0, "", "")
    expected = client.get(EXPORT, params={"format": name}, headers=superuser.headers)
    assert file.read_bytes() == expected.content
    assert len(expected.content) > 100


def test_the_export_of_one_user(
    recipes: Recipes, client: TestClient, user: Account, tmp_path: Path
) -> None:
    file = tmp_path / "recipes.ndjson"
    assert recipes("export", str(file), "--user", user.email.upper()).status == 0
    expected = client.get(EXPORT, params={"submitter_id": "me"}, headers=user.headers)
    assert file.read_bytes() == expected.content
    assert expected.content.count(b"\n") == 2
    done = recipes("export", str(tmp_path / "other"), "--user", "unknown@example.com")
    assert (done.status, done.out) == (1, "")
    assert done.err == "recipes: There is no such user.\n"


def test_a_file_is_replaced_only_by_force(recipes: Recipes, tmp_path: Path) -> None:
    file = tmp_path / "recipes.zip"
    file.write_text("precious")
    done = recipes("export", str(file), "--format", "zip")
    assert (done.status, done.out) == (1, "")
    assert done.err == f"recipes: {file} already exists: --force replaces it.\n"
    assert file.read_text() == "precious"
    assert recipes("export", str(file), "--format", "zip", "--force").status == 0
    assert zipfile.ZipFile(io.BytesIO(file.read_bytes())).testzip() is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*recipes.zip*")) == [file]


def test_a_failed_export_leaves_no_file(
    recipes: Recipes, tmp_path: Path, database_url: str
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    # The stored document is damaged.
    execute(database_url, "UPDATE recipe SET tags = '1' WHERE label = 'Toast'")
    with pytest.raises(TypeError):
        recipes("export", str(folder / "recipes.csv"), "--format", "csv")
    assert list(folder.iterdir()) == []
    done = recipes("export", str(folder / "no" / "recipes.csv"))
    assert done.status == 1
    assert "No such file or directory" in done.err


def test_without_a_file_it_goes_to_standard_output(
    settings: Settings, client: TestClient, superuser: Account, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    with (
        output.open("wb") as file,
        started(settings, "recipes", "export", "--format", "zip", output=file) as process,
    ):
        assert process.wait(COMMAND_SECONDS) == 0
    expected = client.get(f"{EXPORT}?format=zip", headers=superuser.headers)
    assert output.read_bytes() == expected.content


def test_wrong_usage_has_status_2(recipes: Recipes) -> None:
    for arguments in (["--format", "xml"], ["a", "b"], ["--user"]):
        assert recipes("export", *arguments).status == 2


def test_a_terminal_shows_progress(settings: Settings, tmp_path: Path) -> None:
    screen, terminal = os.openpty()
    file = str(tmp_path / "recipes.ndjson")
    with started(settings, "recipes", "export", file, output=terminal) as process:
        assert process.wait(COMMAND_SECONDS) == 0
    os.close(terminal)
    shown = os.read(screen, 10_000).decode()
    os.close(screen)
    assert "Exporting" in shown
    assert "100%" in shown
