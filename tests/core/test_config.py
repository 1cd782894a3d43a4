"""Settings."""

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.config import LOOPBACK, ROOT, Settings, get_settings
from tests.postgres import free_port
from tests.processes import make_settings, run

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


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://cook:p%40%2F%3F%23w@localhost:5432/recipes",
        "postgresql+psycopg://cook@[::1]/recipes?connect_timeout=3",
        "postgresql://one:5432,two:5432/recipes?target_session_attrs=read-write",
        "postgresql:///recipes?host=/var/run/postgresql",
    ],
)
def test_every_url_of_postgresql_is_taken(tmp_path: Path, url: str) -> None:
    assert settings(tmp_path, database_url=url).database_url == url


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
        {"database_url": "postgresql://cook:p@w@localhost/recipes"},
        {"database_url": "postgresql://cook:p/w@localhost/recipes"},
        {"jwt_secret": "x" * 31},
        {"jwt_secret": "x" * 31 + " " * 32},
        {"environment": "production"},
        {"environment": "staging"},
        {"signup": "perhaps"},
        {"log_level": "LOUD"},
        {"log_format": "xml"},
        {"slow_statement_ms": -1},
        {"request_timeout_seconds": 0},
        {"request_timeout_seconds": "inf"},
        {"web_concurrency": 0},
        {"drain_seconds": -1},
        {"drain_seconds": 61},
        {"drain_seconds": "nan"},
        {"environment": "production", "jwt_secret": SECRET, "metrics_token": "x" * 15},
        {"access_token_minutes": 0},
        {"access_token_minutes": 10**9},
        {"database_wait_seconds": -1},
        {"allowed_hosts": "https://example.com"},
        {"allowed_hosts": "example.com:8001"},
        {"allowed_hosts": "example.com/recipes"},
        {"allowed_hosts": "bücher.example"},
        {"allowed_hosts": "a..example"},
        {"allowed_hosts": "*.*.example.com"},
        {"allowed_hosts": "www.*.com"},
        {"allowed_hosts": "example.com,*"},
        {"allowed_hosts": "[::1]:8001"},
        {"cors_origins": "example.com"},
        {"cors_origins": "null"},
        {"cors_origins": "https://example.com/"},
        {"cors_origins": "https://example.com/app"},
        {"cors_origins": "https://cook@example.com"},
        {"cors_origins": "https://*.example.com"},
        {"cors_origins": "https://example.com:443"},
        {"cors_origins": "http://example.com:80"},
        {"cors_origins": "*,https://example.com"},
        {"public_url": "recipes.example.com"},
        {"public_url": "ftp://example.com"},
        {"public_url": "https://"},
        {"public_url": "https://*.example.com"},
        {"public_url": "https://cook@example.com"},
        {"public_url": "https://a..example"},
        {"public_url": "https://example.com:99999"},
        {"public_url": "https://example.com:port"},
        {"public_url": "https://example.com/?a=b"},
        {"public_url": "https://example.com/#top"},
        {"public_url": "https://example.com//recipes"},
        {"public_url": "https://example.com/../recipes"},
        {"public_url": "https://example.com/a b"},
        {"public_url": "https://example.com/caf%C3%A9"},
        {"public_url": "https://example.com/;recipes"},
        {"trusted_proxies": "proxy.example.com"},
        {"trusted_proxies": "10.0.0.1/8"},
        {"trusted_proxies": "10.0.0.0/33"},
        {"trusted_proxies": "0.0.0.0/0"},
        {"trusted_proxies": "::/0"},
        {"trusted_proxies": "10.0.0.1:80"},
        {"trusted_proxies": "10.0.0.1,*"},
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_at_start(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path, **changes)


@pytest.mark.parametrize(
    ("given", "used", "path"),
    [
        ("", "", ""),
        ("https://recipes.example.com", "https://recipes.example.com", ""),
        ("HTTPS://Recipes.Example.com:443/", "https://recipes.example.com", ""),
        ("http://192.168.1.20:8001", "http://192.168.1.20:8001", ""),
        ("https://[FD00::20]:8443", "https://[fd00::20]:8443", ""),
        ("https://example.com/Recipes-app/", "https://example.com/Recipes-app", "/Recipes-app"),
        ("https://example.com/a/b_2.0~", "https://example.com/a/b_2.0~", "/a/b_2.0~"),
    ],
)
def test_the_public_url_has_one_form(tmp_path: Path, given: str, used: str, path: str) -> None:
    found = settings(tmp_path, public_url=given)
    assert (found.public_url, found.root_path) == (used, path)


@pytest.mark.parametrize(
    ("changes", "hosts"),
    [
        ({}, ("*",)),
        ({"allowed_hosts": "b.example"}, ("b.example", "a.example")),
        ({"environment": "production", "jwt_secret": SECRET}, (*LOOPBACK, "a.example")),
    ],
    ids=str,
)
def test_the_host_of_the_public_url_is_served(
    tmp_path: Path, changes: dict[str, Any], hosts: tuple[str, ...]
) -> None:
    assert (
        settings(tmp_path, public_url="https://a.example:8443/x", **changes).served_hosts == hosts
    )


def test_a_token_for_the_metrics_is_long_enough_in_production(tmp_path: Path) -> None:
    token = "x" * 16
    found = settings(tmp_path, environment="production", jwt_secret=SECRET, metrics_token=token)
    assert found.metrics_token.get_secret_value() == token
    assert settings(tmp_path, metrics_token="short").metrics_token


def test_a_refusal_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "DATABASE_URL": "postgresql://cook:pw@localhost/recipes",
        "JWT_SECRET": "too-short",
        "FIRST_SUPERUSER_PASSWORD": "spoons",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match="jwt_secret") as refused:
        Settings()
    for value in secrets.values():
        assert value not in str(refused.value)


def test_all_that_is_refused_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "ENVIRONMENT": "production",
        "DATABASE_URL": "mysql://cook:pw@localhost/recipes",
        "JWT_SECRET": "",
        "SIGNUP": "perhaps",
        "ALLOWED_HOSTS": "*",
        "CORS_ORIGINS": "example.com/a-path",
        "TRUSTED_PROXIES": "10.0.0.1/8",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    with pytest.raises(SystemExit) as refused:
        get_settings()
    lines = str(refused.value).splitlines()
    told = [line.split()[1] for line in lines if line.startswith("settings: ")]
    assert told == [name for name in given if name != "ENVIRONMENT"]
    assert all(len(line.split()) > 5 for line in lines)
    for value in ("mysql", "pw", "perhaps", "a-path", "10.0.0.1"):
        assert value not in str(refused.value)


def test_a_server_with_wrong_settings_ends_and_says_why(tmp_path: Path) -> None:
    app = ("--config", "gunicorn.conf.py", "app.main:create_app()")
    variables = {"SIGNUP": "perhaps", "PORT": str(free_port())}
    done = run(settings(tmp_path), sys.executable, "-m", "gunicorn", *app, variables=variables)
    assert done.returncode == 1
    assert "settings: SIGNUP" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_settings_as_text_tell_no_secret(tmp_path: Path) -> None:
    found = settings(tmp_path, jwt_secret=SECRET, first_superuser_password="another-password")
    assert SECRET not in f"{found} {found!r}"
    assert "another-password" not in f"{found} {found!r}"


def test_settings_do_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path).signup = "closed"  # type: ignore[misc] # what is tried here


# --- Who may call from where ---------------------------------------------------------------------


def test_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "ALLOWED_HOSTS", "Recipes.example.com., *.example.org,10.0.0.1, ::1,[FD00::1]"
    )
    monkeypatch.setenv("CORS_ORIGINS", " https://App.example.com ,http://localhost:3000,")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1,::1,fd00::/8")
    found = Settings()
    hosts = ("recipes.example.com", "*.example.org", "10.0.0.1", "[::1]", "[fd00::1]")
    assert found.allowed_hosts == found.served_hosts == hosts
    assert found.cors_origins == ("https://app.example.com", "http://localhost:3000")
    assert found.trusted_proxies == ("10.0.0.0/8", "127.0.0.1", "::1", "fd00::/8")


def test_without_a_name_production_answers_to_its_own_machine(tmp_path: Path) -> None:
    assert settings(tmp_path).served_hosts == ("*",)
    production = settings(tmp_path, environment="production", jwt_secret=SECRET)
    assert production.served_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert production.cors_origins == production.trusted_proxies == ()


@pytest.mark.parametrize("name", ["allowed_hosts", "cors_origins", "trusted_proxies"])
def test_all_is_for_development(tmp_path: Path, name: str) -> None:
    assert getattr(settings(tmp_path, **{name: "*"}), name) == ("*",)
    with pytest.raises(ValidationError, match=rf"(?s){name}.*name each"):
        settings(tmp_path, environment="production", jwt_secret=SECRET, **{name: "*"})


# --- Secrets -------------------------------------------------------------------------------------


def test_a_given_secret_signs_and_is_written_nowhere(tmp_path: Path) -> None:
    found = settings(tmp_path, environment="production", jwt_secret=SECRET)
    assert found.signing_secret() == SECRET
    assert list(tmp_path.iterdir()) == []


KNOWN_TO_ALL = [
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "a-string-secret-at-least-256-bits-long",
    "your-256-bit-secret-your-256-bit-secret",
    "changethis" * 4,
    "CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME",
    "please change this to something that is secret",
    "please-change-in-production-please",
    "your-secret-key-here-at-least-32-bytes",
    "YourSuperSecretKeyYourSuperSecretKey",
    "your_very_long_and_secure_jwt_secret_key",
    "replace-with-32-random-bytes-or-more",
    "<replace me>........................",
    "jwt-secret-placeholder-jwt-secret-placeholder",
    "django-insecure-4f#b0w_0b9k1q!e3r7z@t6y2",
]


@pytest.mark.parametrize("secret", KNOWN_TO_ALL)
def test_production_refuses_a_secret_that_everybody_knows(tmp_path: Path, secret: str) -> None:
    assert settings(tmp_path, jwt_secret=secret).signing_secret() == secret
    with pytest.raises(ValidationError, match=r"(?s)jwt_secret.*make one"):
        settings(tmp_path, environment="production", jwt_secret=secret)


@pytest.mark.parametrize(
    "secret",
    [
        "x" * 32,
        "a test of a secret that only we know",
        "your cookies in the monkey house, exchanged",
        "the weather will change in November, as ever",
        token_hex(32),
        token_urlsafe(32),
    ],
    ids=["x", "test", "your", "change", "hex", "base64"],
)
def test_production_takes_a_secret_of_its_own(tmp_path: Path, secret: str) -> None:
    found = settings(tmp_path, environment="production", jwt_secret=secret)
    assert found.signing_secret() == secret


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
