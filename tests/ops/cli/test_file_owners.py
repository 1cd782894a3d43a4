"""Owners of files: root is refused on the files of another user, and unwritable files are named."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from app.core.config import ROOT, Settings, get_settings
from app.ops.prestart import prestart
from tests.databases import sqlite_path
from tests.factories import Account
from tests.ops.cli.commands import Recipes
from tests.ops.cli.test_check import findings
from tests.processes import AS_ONE_OF_MANY, environment, make_settings, run

PRESTART = "./prestart.sh"
only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def of_another(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder belongs to another user, and the process seems to be root."""
    folder = settings.data_dir
    folder.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, 54321, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup",),
        ("restore", "backup.zip", "--yes"),
        ("reindex",),
        ("seed", "--count", "1"),
        ("import", "pyproject.toml"),
        ("user", "disable", "cook@example.com"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_root_creates_no_files_in_the_folder_of_another_user(
    recipes: Recipes, of_another: Path, arguments: tuple[str, ...]
) -> None:
    done = recipes(*arguments)
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert f"{of_another} belongs to another user" in done.err
    assert "sudo -u" in done.err
    assert [*of_another.iterdir()] == []


def test_check_refuses_root(recipes: Recipes, of_another: Path) -> None:
    done = recipes("check")
    assert done.status == 1
    (error,) = findings(done, "error")
    assert error.startswith(f"{of_another} belongs to another user")


@only_sqlite
def test_root_does_not_create_the_database_of_another_user(
    of_another: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(make_settings("", of_another)).items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    assert prestart() == 1
    with pytest.raises(CommandError, match="belongs to another user"):
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
    get_settings.cache_clear()
    assert [*of_another.iterdir()] == []
    (line,) = capfd.readouterr().err.splitlines()
    assert f"{of_another} belongs to another user" in line
    assert "sudo -u" in line


# --- Another user --------------------------------------------------------------------------------


def checked(settings: Settings) -> str:
    return run(settings, *AS_ONE_OF_MANY, "recipes", "check").stdout


def test_check_tries_to_write_each_file(tmp_path: Path) -> None:
    settings = make_settings("", tmp_path / "data")
    assert run(settings, PRESTART).returncode == 0
    (settings.data_dir / "backups").mkdir(mode=0o500)
    files = [settings.data_dir / f"recipes.db{end}" for end in ("", "-wal", ".migration-lock")]
    for path in files:
        path.touch()
        path.chmod(0o400)
    lines = [line for line in checked(settings).splitlines() if line.startswith("error")]
    assert len(lines) == 4
    for path in (settings.data_dir / "backups", *files):
        assert any(f"{path}: Permission denied" in line for line in lines)
        path.chmod(0o700)
    settings.data_dir.chmod(0o500)
    lines = [line for line in checked(settings).splitlines() if line.startswith("error")]
    settings.data_dir.chmod(0o700)
    assert len(lines) == 1
    assert f"{settings.data_dir}: Permission denied" in lines[0]


def test_a_folder_without_access_causes_no_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    settings = make_settings("", folder / "data")
    assert run(settings, PRESTART).returncode == 0
    folder.chmod(0o600)
    commands = [(PRESTART,), *(("recipes", name) for name in ("check", "backup", "reindex"))]
    outputs = [run(settings, *AS_ONE_OF_MANY, *command).stdout for command in commands]
    folder.chmod(0o700)
    for output in outputs:
        lines = [line for line in output.splitlines() if "Permission denied" in line]
        assert len(lines) == 1
        assert str(folder) in lines[0]
        assert "Traceback" not in output


# --- Privacy of files ----------------------------------------------------------------------------


@pytest.fixture
def generous_umask() -> Iterator[None]:
    """A umask that lets all users read new files."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return [
        str(path) for path in (*folder.rglob("*"),) if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


@pytest.mark.usefixtures("generous_umask")
def test_created_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    settings = make_settings("", folder)
    assert run(settings, PRESTART).returncode == 0
    assert run(settings, "recipes", "backup").returncode == 0
    assert (folder / "recipes.db").exists()
    assert open_to_others(folder) == []
    # The access to files of an older version is removed.
    for path in folder.glob("recipes.db*"):
        path.chmod(0o644)
    assert run(settings, PRESTART).returncode == 0
    assert open_to_others(folder) == []


@only_sqlite
def test_the_wal_of_a_database_in_use_is_private(settings: Settings, user: Account) -> None:
    file = sqlite_path(settings.database_url)
    made = [file, *(file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm"))]
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == [0o600] * 3
