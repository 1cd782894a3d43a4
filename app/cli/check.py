"""`recipes check`: how the server would run with the settings of here and now."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import typer

from app import crud
from app.cli.database import open_database
from app.core.config import ROOT, Settings, get_settings
from app.core.errors import AppError
from app.initial_data import PASSWORD_FILE

FEW_CHARACTERS = 10
"""Random secrets of 32 characters have more different ones, even in hexadecimal."""


class Finding(NamedTuple):
    """One line of the report."""

    level: str
    text: str


ok, warning, error = (partial(Finding, level) for level in ("ok", "warning", "error"))


def check() -> None:
    """Tell what of the configuration is in order, unwise or wrong. Status 1: something is wrong."""
    findings = list(find())
    for level, text in findings:
        typer.echo(f"{level:<8} {text}")
    raise typer.Exit(any(level == "error" for level, _ in findings))


def find() -> Iterator[Finding]:
    """All there is to say; never a value that may be secret."""
    try:
        settings = get_settings()
    except SystemExit as refused:
        yield from (error(line.removeprefix("settings: ")) for line in str(refused).splitlines())
        return
    yield ok(f"The settings can be used; ENVIRONMENT is {settings.environment}.")
    yield from _in_settings(settings)
    yield from _in_files(settings)
    yield from _in_database(settings)


def _in_settings(settings: Settings) -> Iterator[Finding]:
    secret = settings.jwt_secret.get_secret_value()
    advice = [
        (
            settings.is_production and not settings.allowed_hosts,
            "ALLOWED_HOSTS is not set, so only requests to this machine by its loopback names are"
            " answered: name the hosts by which clients call the server.",
        ),
        (
            settings.is_production and not settings.trusted_proxies,
            "TRUSTED_PROXIES is not set, so all clients behind a proxy share the limits of its one"
            " address: name the proxy if there is one.",
        ),
        (
            settings.is_production and settings.signup == "open",
            "SIGNUP is open, so anyone may make an account: close it unless that is wanted.",
        ),
        (
            "*" in settings.cors_origins,
            "CORS_ORIGINS is *, so pages of any website may call the API: name those that should.",
        ),
        (
            0 < len(set(secret)) < FEW_CHARACTERS,
            "JWT_SECRET has few different characters and may be guessed: make one with"
            " `openssl rand -hex 32`.",
        ),
    ]
    yield from (warning(text) for applies, text in advice if applies)


def _in_files(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    for path in (folder, folder / "jwt-secret", folder / PASSWORD_FILE, ROOT / ".env"):
        if path.exists() and path.stat().st_mode & 0o077:
            yield warning(f"Other users of this machine have access to {path}: chmod go= {path}")


def _in_database(settings: Settings) -> Iterator[Finding]:
    try:
        with open_database(settings) as writer:
            has_superuser = writer.now(crud.user.has_superuser)
    except AppError as refused:
        yield error(str(refused))
        return
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    yield ok(f"The {kind} database answers and is at the newest revision.")
    if not has_superuser:
        yield warning("There is no superuser: `recipes user create EMAIL --superuser` makes one.")
        return
    yield ok("There is a superuser.")
    if settings.first_superuser_password.get_secret_value():
        yield warning("FIRST_SUPERUSER_PASSWORD is set and of no use any more: remove it.")
    if (settings.data_dir / PASSWORD_FILE).exists():
        yield warning(
            f"{settings.data_dir / PASSWORD_FILE} holds the first superuser's password: set"
            " another one with `recipes user set-password EMAIL` and delete the file."
        )
