"""Settings."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.config import ROOT, Settings
from tests.processes import make_settings

SECRET = "a secret of more than thirty-two bytes"


def settings(tmp_path: Path, **changes: Any) -> Settings:
    return make_settings(changes.pop("database_url", ""), tmp_path, **changes)


def test_the_environment_sets_what_it_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://cook@localhost/recipes")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SIGNUP", "closed")
    found = Settings()
    assert found.database_url == "postgresql://cook@localhost/recipes"
    assert found.data_dir == tmp_path
    assert found.signup == "closed"
    assert not found.is_sqlite


def test_without_a_database_it_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path}/recipes.db"
    assert found.is_sqlite


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("data", ROOT / "data"),
        ("a/b", ROOT / "a" / "b"),
        ("~/r", Path.home() / "r"),
        ("/r", Path("/r")),
    ],
)
def test_the_data_folder_does_not_depend_on_where_one_starts(given: str, used: Path) -> None:
    assert make_settings("", Path(given)).data_dir == used


@pytest.mark.parametrize(
    "changes",
    [
        {"database_url": "mysql://cook@localhost/recipes"},
        {"database_url": "recipes.db"},
        {"database_url": "sqlite:///:memory:"},
        {"database_url": "sqlite:///"},
        {"jwt_secret": "x" * 31},
        {"environment": "production"},
        {"environment": "staging"},
        {"signup": "perhaps"},
        {"log_level": "LOUD"},
        {"access_token_minutes": 0},
        {"database_wait_seconds": -1},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_at_start(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path, **changes)


def test_a_refusal_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "DATABASE_URL": "postgresql://cook:pw@localhost/recipes",
        "JWT_SECRET": "too-short",
        "FIRST_SUPERUSER_PASSWORD": "spoons",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match="JWT_SECRET") as refused:
        Settings()
    for value in secrets.values():
        assert value not in str(refused.value)


def test_the_settings_as_text_tell_no_secret(tmp_path: Path) -> None:
    found = settings(tmp_path, jwt_secret=SECRET, first_superuser_password="another-password")
    assert SECRET not in f"{found} {found!r}"
    assert "another-password" not in f"{found} {found!r}"


def test_settings_do_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path).signup = "closed"  # type: ignore[misc] # what is tried here


# --- Secrets -------------------------------------------------------------------------------------


def test_a_given_secret_signs_and_is_written_nowhere(tmp_path: Path) -> None:
    found = settings(tmp_path, environment="production", jwt_secret=SECRET)
    assert found.signing_secret() == SECRET
    assert list(tmp_path.iterdir()) == []


def test_development_makes_a_secret_and_keeps_it_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    made = make_settings("", folder).signing_secret()
    assert len(made.encode()) >= 32
    assert make_settings("", folder).signing_secret() == made
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert make_settings("", tmp_path / "elsewhere").signing_secret() != made


def test_those_who_make_a_secret_at_once_have_the_same(tmp_path: Path) -> None:
    found = settings(tmp_path)
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: found.kept_secret("name"), range(64)))
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["name"]


def test_each_secret_has_its_own_name(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.kept_secret("one") != found.kept_secret("two")
