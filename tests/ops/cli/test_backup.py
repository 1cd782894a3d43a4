"""`recipes backup`: the file, its name, and the output."""

import hashlib
import os
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from tests.databases import execute, table_names
from tests.factories import Account, create_recipe
from tests.migrations import head
from tests.ops.backup.contents import manifest_of, member_of
from tests.ops.backup.programs import with_programs
from tests.ops.cli.commands import Recipes
from tests.postgres import free_port
from tests.processes import COMMAND_SECONDS, make_settings, started


@pytest.fixture(autouse=True)
def _recipe(client: TestClient, user: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with_programs(monkeypatch)
    create_recipe(client, user)


def test_it_writes_a_new_private_file(recipes: Recipes) -> None:
    done = recipes("backup")
    folder = recipes.settings.data_dir / "backups"
    (file,) = folder.iterdir()
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"Wrote {file}: ")
    made = datetime.strptime(file.name, "recipes-%Y%m%dT%H%M%SZ.zip").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=5)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_manifest_describes_the_content(
    recipes: Recipes, tmp_path: Path, database_url: str, backend: str
) -> None:
    file = tmp_path / "backup.zip"
    done = recipes("backup", str(file))
    manifest = manifest_of(file)
    name, content = member_of(file)
    assert zipfile.ZipFile(file).testzip() is None
    assert name == {"sqlite": "database.sqlite3", "postgresql": "database.dump"}[backend]
    assert (manifest["format"], manifest["kind"]) == (1, backend)
    assert manifest["revision"] == head()
    assert manifest["bytes"] == len(content)
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["tables"].keys() == table_names(database_url)
    assert (manifest["tables"]["recipe"], manifest["tables"]["user"]) == (1, 1)
    assert f"{sum(manifest['tables'].values())} rows in " in done.out
    # The secret that signs tokens is not in the database.
    assert len(zipfile.ZipFile(file).namelist()) == 2


def test_verify_changes_nothing(recipes: Recipes, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    assert recipes("backup", str(file)).status == 0
    before = file.read_bytes()
    done = recipes("backup", "--verify", str(file))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{file} is good: ")
    assert file.read_bytes() == before
    file.write_bytes(before[:-1] + b"!")
    done = recipes("backup", "--verify", str(file))
    assert (done.status, done.out) == (1, "")
    assert done.err == f"recipes: {file} is not a backup of this application, or is damaged.\n"


def test_a_file_is_replaced_only_by_force(recipes: Recipes, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_text("precious")
    done = recipes("backup", str(file))
    assert (done.status, done.out) == (1, "")
    assert done.err == f"recipes: {file} already exists: --force replaces it.\n"
    assert file.read_text() == "precious"
    assert recipes("backup", str(file), "--force").status == 0
    assert manifest_of(file)["format"] == 1
    assert [*tmp_path.glob(".recipes-*")] == []


OLD = [f"recipes-2020010{day}T000000Z.zip" for day in range(1, 6)]


@pytest.fixture
def backups(recipes: Recipes) -> Path:
    """The folder for backups, with old ones."""
    folder = recipes.settings.data_dir / "backups"
    folder.mkdir(parents=True)
    for name in OLD:
        (folder / name).write_text("")
    return folder


def test_the_newest_backups_are_kept(recipes: Recipes, backups: Path) -> None:
    undo = backups / "before-restore-20200101T000000Z.zip"
    undo.write_text("")
    done = recipes("backup", "--keep", "3")
    assert (done.status, done.err) == (0, "")
    left = {path.name for path in backups.iterdir()}
    (new,) = left - {undo.name} - set(OLD)
    assert left == {new, undo.name, *OLD[-2:]}
    assert f"Removed {backups / OLD[0]}." in done.out
    assert undo.name not in done.out


def test_files_with_other_names_are_not_counted(recipes: Recipes, backups: Path) -> None:
    others = {
        *("recipes-before-upgrade.zip", "recipes-2020-keep.zip", "recipes.zip", "a.zip"),
        *("recipes-20200231T000000Z.zip", "recipes-20200101T000000Z (1).zip"),
    }
    for name in others:
        (backups / name).write_text("")
    done = recipes("backup", "--keep", "2")
    left = {path.name for path in backups.iterdir()}
    (new,) = left - others - set(OLD)
    assert left == {new, *others, OLD[-1]}
    assert f"Wrote {backups / new}: " in done.out
    for name in others:
        assert f"{backups / name} is not counted" in done.out


@pytest.mark.parametrize("keep", [1, 2])
def test_a_clock_set_back_removes_no_good_backup(
    recipes: Recipes, backups: Path, keep: int
) -> None:
    """The new backup is kept, and so are backups dated in the future."""
    later = [backups / f"recipes-203{year}0101T000000Z.zip" for year in range(6, 9)]
    for path in later:
        path.write_text("")
    done = recipes("backup", "--keep", str(keep))
    assert done.status == 0
    left = {path.name for path in backups.iterdir()}
    (new,) = left - {path.name for path in later} - set(OLD)
    assert left == {new, *(path.name for path in later), *OLD[len(OLD) - keep + 1 :]}
    for path in later:
        assert f"{path} is not counted" in done.err


def test_quiet_prints_nothing_for_cron_to_mail(recipes: Recipes, backups: Path) -> None:
    done = recipes("backup", "--keep", "2", "--quiet")
    assert done == (0, "", "")
    assert len([*backups.iterdir()]) == 2


def test_a_failed_backup_removes_no_old_ones(recipes: Recipes, database_url: str) -> None:
    folder = recipes.settings.data_dir / "backups"
    folder.mkdir(parents=True)
    (folder / "recipes-20200101T000000Z.zip").write_text("")
    (folder / "recipes-20200102T000000Z.zip").write_text("")
    gone = make_settings(
        f"sqlite:///{folder / 'none.db'}"
        if recipes.settings.is_sqlite
        else f"postgresql://u:secret-word@127.0.0.1:{free_port()}/x",
        recipes.settings.data_dir,
    )
    done = recipes("backup", "--keep", "1", settings=gone)
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert "secret-word" not in done.err
    assert len([*folder.iterdir()]) == 2


def test_wrong_usage_has_status_2(recipes: Recipes, tmp_path: Path) -> None:
    for arguments in (["--verify"], ["--keep", "0"], [str(tmp_path / "x"), "--keep", "2"]):
        assert recipes("backup", *arguments).status == 2
    done = recipes("backup", str(tmp_path / "no" / "such" / "x.zip"), "--verify")
    assert done.status == 1
    assert "No such file" in done.err


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_damaged_database_is_not_backed_up(
    recipes: Recipes, database_url: str, tmp_path: Path
) -> None:
    execute(database_url, "UPDATE recipe SET submitter_id = 4711")
    done = recipes("backup", str(tmp_path / "backup.zip"))
    assert (done.status, done.out) == (1, "")
    assert "recipe 1 refers to no row of user" in done.err
    assert [*tmp_path.glob("*.zip")] == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_missing_program_is_named(
    recipes: Recipes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.ops.backup import tools

    monkeypatch.setattr(tools, "_FOLDERS", ())
    done = recipes("backup", str(tmp_path / "b.zip"), variables={"PATH": str(tmp_path)})
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert "pg_dump" in done.err
    assert "postgresql-client" in done.err
    # A program of an older version would refuse the server.
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho pg_dump 9.6.1\n")
    old.chmod(0o755)
    done = recipes("backup", str(tmp_path / "b.zip"), variables={"PATH": str(tmp_path)})
    assert "or newer is missing" in done.err
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_password_is_not_an_argument(
    recipes: Recipes, tmp_path: Path, database_url: str
) -> None:
    """All users of a machine can read command lines."""
    log = tmp_path / "arguments"
    wrapper = tmp_path / "pg_dump"
    from app.ops.backup import tools

    real = tools.find("pg_dump")
    wrapper.write_text(f'#!/bin/sh\n[ "$1" = --version ] || echo "$@" >> {log}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    path = {"PATH": str(tmp_path)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tools, "_FOLDERS", ())
        # The other program must be found too.
        (tmp_path / "pg_restore").symlink_to(Path(real).with_name("pg_restore"))
        done = recipes("backup", str(tmp_path / "b.zip"), variables=path)
    assert done.status == 0, done.err
    password = database_url.split(":")[2].partition("@")[0]
    assert "--snapshot=" in log.read_text()
    assert password not in log.read_text()


def test_a_terminal_shows_progress(settings: Settings, tmp_path: Path) -> None:
    screen, terminal = os.openpty()
    with started(
        settings, "recipes", "backup", str(tmp_path / "b.zip"), output=terminal
    ) as process:
        assert process.wait(COMMAND_SECONDS) == 0
    os.close(terminal)
    shown = os.read(screen, 10_000).decode()
    os.close(screen)
    assert "Reading" in shown
    assert "100%" in shown
