"""Whose files are: root is sent away from another user's, and what cannot be written is named."""

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
    """The data folder, of a user without a name, and what runs is root."""
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
def test_root_makes_no_files_among_those_of_another_user(
    recipes: Recipes, of_another: Path, arguments: tuple[str, ...]
) -> None:
    done = recipes(*arguments)
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert f"{of_another} belongs to another user" in done.err
    assert "sudo -u" in done.err
    assert [*of_another.iterdir()] == []


def test_root_is_sent_away_by_check(recipes: Recipes, of_another: Path) -> None:
    done = recipes("check")
    assert done.status == 1
    (error,) = findings(done, "error")
    assert error.startswith(f"{of_another} belongs to another user")


@only_sqlite
def test_root_does_not_make_another_users_database(
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


# --- Not root, but somebody else -----------------------------------------------------------------


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


def test_a_folder_that_cannot_be_entered_ends_no_command_with_a_trace(tmp_path: Path) -> None:
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


# --- What others may read ------------------------------------------------------------------------


@pytest.fixture
def generous_umask() -> Iterator[None]:
    """Files that are made without a thought may be read by all users."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return [
        str(path) for path in (*folder.rglob("*"),) if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


@pytest.mark.usefixtures("generous_umask")
def test_nobody_else_reads_what_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    settings = make_settings("", folder)
    assert run(settings, PRESTART).returncode == 0
    assert run(settings, "recipes", "backup").returncode == 0
    assert (folder / "recipes.db").exists()
    assert open_to_others(folder) == []
    # What an older version has made is taken back.
    for path in folder.glob("recipes.db*"):
        path.chmod(0o644)
    assert run(settings, PRESTART).returncode == 0
    assert open_to_others(folder) == []


@only_sqlite
def test_the_log_of_a_database_in_use_is_as_private(settings: Settings, user: Account) -> None:
    file = sqlite_path(settings.database_url)
    made = [file, *(file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm"))]
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == [0o600] * 3
