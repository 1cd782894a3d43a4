"""`recipes check`: lines for what is fine, unwise or wrong."""

import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import ROOT, Settings
from app.core.cores import default_workers
from app.ops.cli.check import unencrypted_connections
from tests.databases import execute, sqlite_path
from tests.factories import PASSWORD, Account
from tests.ops.backup.programs import with_programs
from tests.ops.cli.commands import Done, Recipes
from tests.postgres import free_port
from tests.processes import make_settings, run

SECRET = "6Zk4tq1vWb8xYc2nRm5pLd9sGf3hJe7u"
PRODUCTION = {
    "environment": "production",
    "jwt_secret": SECRET,
    "signup": "closed",
    "allowed_hosts": ("recipes.example.com",),
    "cors_origins": ("https://cook.example.com",),
    "trusted_proxies": ("192.0.2.1",),
}


def findings(done: Done, level: str) -> list[str]:
    """Return the texts of a level, without those about the `.env` of the developer."""
    lines = [line for line in done.out.splitlines() if str(ROOT / ".env") not in line]
    found = [re.fullmatch(r"(ok|warning|error) +(\S.+)", line) for line in lines]
    assert all(found), done
    assert done.err == ""
    return [match[2] for match in found if match and match[1] == level]


@pytest.fixture
def production(settings: Settings, superuser: Account, monkeypatch: pytest.MonkeyPatch) -> Recipes:
    """The command with good settings for production, a superuser and a backup."""
    with_programs(monkeypatch)
    production = Recipes(make_settings(settings.database_url, settings.data_dir, **PRODUCTION))
    assert production("backup").status == 0
    return production


def test_a_good_configuration_has_only_ok_lines(production: Recipes) -> None:
    done = run(production.settings, "recipes", "check")
    assert done.returncode == 0, done.stdout
    lines = [line for line in done.stdout.splitlines() if str(ROOT / ".env") not in line]
    assert len(lines) == 3
    assert all(line.startswith("ok ") for line in lines), done.stdout
    assert "production" in lines[0]


def test_strict_fails_for_a_warning_and_json_is_for_programs(production: Recipes) -> None:
    well = run(production.settings, "recipes", "check", "--strict", "--json")
    found = [each for each in json.loads(well.stdout) if str(ROOT / ".env") not in each["text"]]
    assert [each["level"] for each in found] == ["ok"] * 3
    unwise = Settings.model_validate(dict(production.settings) | {"signup": "open"})
    strict = production("check", "--strict", settings=unwise)
    assert strict.status == 1
    assert findings(strict, "error") == []
    assert production("check", settings=unwise).status == 0
    as_json = json.loads(production("check", "--json", settings=unwise).out)
    assert any(each["level"] == "warning" and "SIGNUP" in each["text"] for each in as_json)


def test_each_unwise_setting_is_one_warning(production: Recipes, subtests: pytest.Subtests) -> None:
    repeated = "secret" * 6
    cases: dict[str, dict[str, object]] = {
        "ALLOWED_HOSTS": {"allowed_hosts": ()},
        "TRUSTED_PROXIES": {"trusted_proxies": ()},
        "SIGNUP": {"signup": "open"},
        "CORS_ORIGINS": {"environment": "development", "cors_origins": ("*",)},
        "JWT_SECRET": {"jwt_secret": repeated},
        "FIRST_SUPERUSER_PASSWORD": {"first_superuser_password": PASSWORD},
        "LOG_LEVEL": {"log_level": "DEBUG"},
        "PUBLIC_URL": {"public_url": "http://recipes.example.com"},
    }
    for name, changes in cases.items():
        with subtests.test(name):
            unwise = dict(production.settings) | changes
            done = production("check", settings=Settings.model_validate(unwise))
            (warning,) = findings(done, "warning")
            assert warning.startswith(name)
            assert done.status == 0
            assert repeated not in done.out
            assert PASSWORD not in done.out


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_development_on_localhost_has_no_warnings(recipes: Recipes, superuser: Account) -> None:
    done = recipes("check")
    assert findings(done, "warning") == []
    assert done.status == 0


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_files_open_to_others_are_named_with_the_command(
    recipes: Recipes, client: TestClient, superuser: Account
) -> None:
    folder = recipes.settings.data_dir
    secret = folder / "jwt-secret"
    assert recipes.settings.kept_secret(secret.name)
    for path in (folder, secret):
        mode = path.stat().st_mode
        path.chmod(mode | 0o044)
        (warning,) = findings(recipes("check"), "warning")
        assert warning.endswith(f"chmod go= {path}")
        path.chmod(mode)


def test_the_file_with_the_first_password_is_a_warning(
    production: Recipes, client: TestClient
) -> None:
    file = production.settings.data_dir / "first-superuser-password"
    production.settings.kept_secret(file.name)
    done = production("check")
    (warning,) = findings(done, "warning")
    assert str(file) in warning
    assert "recipes user set-password" in warning
    assert file.read_text().strip() not in done.out


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_connections_that_bypass_a_proxy_are_a_warning(production: Recipes) -> None:
    alone = production.settings.model_copy(update={"trusted_proxies": ()})
    for host, warned in [("0.0.0.0", True), ("::", True), ("127.0.0.1", False), ("", False)]:  # noqa: S104 - No server is started.
        done = production("check", settings=alone, variables={"HOST": host})
        assert any(each.startswith("HOST is") for each in findings(done, "warning")) == warned
        done = production("check", variables={"HOST": host})
        assert findings(done, "warning") == []


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("//cook:pw@db.example.com/recipes", True),
        ("//cook:pw@192.0.2.7:5433/recipes?sslmode=prefer", True),
        ("//cook:pw@localhost,db.example.com/recipes", True),
        ("//cook@/recipes?host=db.example.com", True),
        ("//cook:pw@db.example.com/recipes?sslmode=require", False),
        ("//cook:pw@db.example.com/recipes?application_name=x&sslmode=verify-full", False),
        ("//cook:pw@localhost:5433/recipes", False),
        ("//cook:pw@[::1]:5433/recipes", False),
        ("//cook@%2Fvar%2Frun%2Fpostgresql/recipes", False),
        ("//cook@/recipes?host=/var/run/postgresql", False),
        ("///recipes", False),
    ],
)
def test_a_remote_database_needs_encryption(url: str, warned: bool, tmp_path: Path) -> None:
    # The database need not exist: settings are checked first.
    settings = make_settings(f"postgresql:{url}", tmp_path, **PRODUCTION)
    assert (
        any(each.text.startswith("DATABASE_URL") for each in unencrypted_connections(settings))
        == warned
    )


def test_missing_backups_are_a_warning_only_in_production(
    recipes: Recipes, production: Recipes
) -> None:
    (backup,) = (production.settings.data_dir / "backups").iterdir()
    week_ago = time.time() - 7 * 86_400 - 60
    os.utime(backup, (week_ago, week_ago))
    (warning,) = findings(production("check"), "warning")
    assert "older than 7 days" in warning
    content = backup.read_bytes()
    backup.unlink()
    (warning,) = findings(production("check"), "warning")
    assert warning.startswith("There is no backup")
    assert findings(recipes("check"), "warning") == []
    # A backup needs both the name and the content.
    for name, made in {backup.name: b"", f"{backup.name}.old.zip": content}.items():
        (backup.parent / name).write_bytes(made)
        (warning,) = findings(production("check"), "warning")
        assert warning.startswith("There is no backup")
    backup.write_bytes(content[:-1])
    (warning,) = findings(production("check"), "warning")
    assert warning.startswith("There is no backup")
    backup.write_bytes(content)
    assert findings(production("check"), "warning") == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_too_little_free_space_is_a_warning(production: Recipes, database_url: str) -> None:
    file = sqlite_path(database_url)
    size = file.stat().st_size
    os.truncate(file, shutil.disk_usage(file.parent).free + 2**30)  # A hole, which takes no room.
    try:
        done = production("check")
    finally:
        os.truncate(file, size)
    (warning,) = findings(done, "warning")
    assert "make room" in warning
    assert done.status == 0


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_more_connections_than_the_server_allows(production: Recipes) -> None:
    many = production.settings.model_copy(update={"web_concurrency": 10_000})
    (warning,) = findings(production("check", settings=many), "warning")
    assert warning.startswith("10000 workers may open")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_without_a_setting_the_workers_are_those_that_the_server_starts(
    production: Recipes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(3)))
    workers = default_workers()
    assert 1 <= workers <= 3
    url = production.settings.database_url
    execute(url, f'ALTER DATABASE "{url.rpartition("/")[2]}" CONNECTION LIMIT 11')
    done = production("check", variables={"WEB_CONCURRENCY": ""})
    (warning,) = findings(done, "warning")
    assert warning.startswith(f"{workers} workers may open {12 * workers} connections")


def test_the_public_url_is_enough_as_a_host(production: Recipes) -> None:
    given = {"allowed_hosts": (), "public_url": "https://recipes.example.com"}
    done = production("check", settings=production.settings.model_copy(update=given))
    assert findings(done, "warning") == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_name_that_is_nearly_a_setting_is_a_warning(recipes: Recipes, superuser: Account) -> None:
    wrong = {"ALLOWED_HOST": "a.example", "TRUSTED_PROXY": "::1", "SIGN_UP": "closed"}
    warnings = findings(recipes("check", variables=wrong), "warning")
    assert len(warnings) == len(wrong)
    for name, meant in zip(wrong, ("ALLOWED_HOSTS", "TRUSTED_PROXIES", "SIGNUP"), strict=True):
        text = f"{name} is not a setting, and ignored: did you mean {meant}?"
        assert text in warnings


@pytest.mark.parametrize("port", ["99999", "0", "-1", "http"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_wrong_port_is_an_error(recipes: Recipes, superuser: Account, port: str) -> None:
    (error,) = findings(recipes("check", variables={"PORT": port}), "error")
    assert error.startswith("PORT must be")


def test_a_missing_superuser_is_a_warning(recipes: Recipes) -> None:
    done = recipes("check")
    (warning,) = findings(done, "warning")
    assert "recipes user create" in warning
    assert done.status == 0


# --- Wrong ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_all_invalid_settings_are_listed_without_values(recipes: Recipes) -> None:
    refused = {
        "DATABASE_URL": "mysql://cook:pw@localhost/recipes",
        "JWT_SECRET": "too-short",
        "ALLOWED_HOSTS": "https://example.com",
        "LOG_LEVEL": "LOUD",
    }
    done = recipes("check", variables=refused)
    assert done.status == 1
    errors = findings(done, "error")
    assert {line.partition(" ")[0] for line in errors} == refused.keys()
    assert len(errors) == len(done.out.splitlines())
    for value in refused.values():
        assert value not in done.out


def test_a_database_of_another_version_is_an_error(recipes: Recipes, database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = 'older'")
    done = recipes("check")
    (error,) = findings(done, "error")
    assert error.startswith("The database is at revision older")
    assert "The database is of a newer version of the application: install that, or" in error
    assert done.status == 1


def test_an_older_database_needs_prestart(recipes: Recipes, database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = 'db407088c7b8'")
    (error,) = findings(recipes("check"), "error")
    assert error.endswith("run ./prestart.sh first.")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_an_unreachable_server_is_an_error_without_the_password(
    recipes: Recipes, database_url: str
) -> None:
    url = re.sub(r"//.*/", f"//cook:{PASSWORD}@127.0.0.1:{free_port()}/", database_url)
    away = make_settings(url, recipes.settings.data_dir)
    done = recipes("check", settings=away)
    (error,) = findings(done, "error")
    assert error.startswith("The database did not answer")
    assert done.status == 1
    assert PASSWORD not in done.out


def test_check_creates_no_database(tmp_path: Path) -> None:
    settings = make_settings("", tmp_path / "data")
    done = Recipes(settings)("check")
    (error,) = findings(done, "error")
    assert error.startswith("There is no database")
    assert error.endswith("restore a backup, or, for a new installation, run ./prestart.sh.")
    assert done.status == 1
    assert not sqlite_path(settings.database_url).parent.exists()
