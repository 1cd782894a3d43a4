"""`recipes check`: check the settings, files, disks and the database."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import disk_usage
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs, urlsplit

import typer
from dotenv import dotenv_values

from app import crud
from app.core.config import LOOPBACK, ROOT, Settings, get_settings, misspelt_settings
from app.core.cores import default_workers
from app.core.disks import network_file_system
from app.core.errors import AppError, ForbiddenError, with_cause
from app.core.private_files import access_fault, is_open_to_others, refuse_foreign_files
from app.db.connections import connections_available, connections_needed
from app.db.locks import LOCK_SUFFIX
from app.db.transactions import Transactions
from app.ops.backup.files import folder_of, last_backup
from app.ops.cli.common import open_database
from app.ops.first_data import PASSWORD_FILE

FEW_CHARACTERS = 10
"""Random secrets of 32 characters have more distinct ones, even in hexadecimal."""
FREE_BYTES = 2**30
BACKUP_DAYS = 7

_ENCRYPTED = {"require", "verify-ca", "verify-full"}
_LOOPBACK = {*LOOPBACK, "::1"}


class Finding(NamedTuple):
    """One line of the report."""

    level: str
    text: str


ok, warning, error = (partial(Finding, level) for level in ("ok", "warning", "error"))


def check(
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Also exit with 1 if there is a warning.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list of objects with level and text.")
    ] = False,
    all_recipes: Annotated[
        bool,
        typer.Option("--all", help="Compare all recipes with the schema, not the newest."),
    ] = False,
) -> None:
    """Report what is fine, unwise or wrong. Exit with 1 if anything is wrong."""
    findings = list(find(all_recipes=all_recipes))
    if as_json:
        typer.echo(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False))
    else:
        for level, text in findings:
            typer.echo(f"{level:<8} {text}")
    failing = {"warning", "error"} if strict else {"error"}
    raise typer.Exit(any(level in failing for level, _ in findings))


def find(*, all_recipes: bool = False) -> Iterator[Finding]:
    """Yield all findings, without any secret."""
    try:
        settings = get_settings()
    except SystemExit as refused:
        yield from (error(line.removeprefix("settings: ")) for line in str(refused).splitlines())
        return
    yield ok(f"The settings can be used; ENVIRONMENT is {settings.environment}.")
    for name, meant in misspelt_settings().items():
        yield warning(f"{name} is not a setting, and ignored: did you mean {meant}?")
    port = _server_setting("PORT", "8001")
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        yield error("PORT must be a whole number from 1 to 65535")
    yield from _in_settings(settings)
    if settings.is_production:
        yield from unencrypted_connections(settings)
    try:
        refuse_foreign_files(settings.files)
    except ForbiddenError as refused:
        yield error(str(refused))
        return
    unusable = list(_unusable(settings))
    yield from unusable
    if not unusable:
        yield from _in_files(settings)
        yield from _on_disks(settings)
        yield from _in_database(settings, all_recipes)


def _in_settings(settings: Settings) -> Iterator[Finding]:
    secret = settings.jwt_secret.get_secret_value()
    advice = [
        (
            settings.is_production and not settings.allowed_hosts and not settings.public_url,
            "ALLOWED_HOSTS is not set, so only requests to this machine by its loopback names are"
            " answered: set PUBLIC_URL, or name the hosts by which clients call the server.",
        ),
        (
            settings.is_production and not settings.trusted_proxies,
            "TRUSTED_PROXIES is not set, so all clients behind a proxy share the limits of its one"
            " address: name the proxy if there is one.",
        ),
        (
            settings.is_production and settings.signup == "open",
            "SIGNUP is open, so anyone may create an account: close it unless you want that.",
        ),
        (
            settings.is_production and settings.log_level == "DEBUG",
            "LOG_LEVEL is DEBUG, which takes time and disk, and logs much about clients:"
            " make it INFO.",
        ),
        (
            "*" in settings.cors_origins,
            "CORS_ORIGINS is *, so pages of any site may call the API: name those that should.",
        ),
        (
            0 < len(set(secret)) < FEW_CHARACTERS,
            "JWT_SECRET has few distinct characters and may be guessed: generate one with"
            " `openssl rand -hex 32`.",
        ),
    ]
    yield from (warning(text) for applies, text in advice if applies)


# --- Encryption ----------------------------------------------------------------------------------


def unencrypted_connections(settings: Settings) -> Iterator[Finding]:
    """Yield where passwords are sent unencrypted."""
    host = _server_setting("HOST", "127.0.0.1").strip("[]")
    if host not in _LOOPBACK and not settings.trusted_proxies:
        yield warning(
            f"HOST is {host}, so clients may bypass a proxy and send passwords unencrypted:"
            " put a proxy with TLS in front, and name it in TRUSTED_PROXIES."
        )
    if settings.public_scheme == "http":
        yield warning(
            "PUBLIC_URL is http, so passwords are sent unencrypted, and no cookie is Secure: put a"
            " proxy with TLS in front, and set its https URL."
        )
    if not settings.is_sqlite and _is_unencrypted(settings.database_url):
        yield warning(
            "DATABASE_URL names a remote server and does not require encryption: add"
            " ?sslmode=verify-full, or at least ?sslmode=require."
        )


def _server_setting(name: str, default: str) -> str:
    """Return a setting that only the server reads, in the same way (`app.serving.address`)."""
    return os.environ.get(name) or dotenv_values(ROOT / ".env").get(name) or default


def _is_unencrypted(database_url: str) -> bool:
    url = urlsplit(database_url)
    options = {name: values[-1] for name, values in parse_qs(url.query).items()}
    hosts = (options.get("host") or url.netloc.rpartition("@")[2]).split(",")
    mode = options.get("sslmode") or os.environ.get("PGSSLMODE")
    return mode not in _ENCRYPTED and not all(map(_is_here, hosts))


def _is_here(host: str) -> bool:
    """Return whether a host, with or without port, is a loopback name or a socket."""
    name = host if host in _LOOPBACK else host.rpartition(":")[0] or host
    return name in _LOOPBACK or name.lower().startswith(("/", "%2f")) or not name


# --- Files and disks -----------------------------------------------------------------------------


def _unusable(settings: Settings) -> Iterator[Finding]:
    """Yield what this user, who should be the server's, cannot write."""
    folders = [settings.data_dir]
    if settings.database_file is not None:
        folders.append(settings.database_file.parent)
    # Without access to a folder its content is unknown.
    for paths in (dict.fromkeys(folders), _private_files(settings)):
        faults = list(filter(None, map(access_fault, paths)))
        for fault in faults:
            yield error(f"The server cannot write to {fault}: give it to the server's user.")
        if faults:
            return


def _private_files(settings: Settings) -> list[Path]:
    """Return the files and folders that the server and its commands create."""
    folder, file = settings.data_dir, settings.database_file
    paths = [folder / "jwt-secret", folder / PASSWORD_FILE, folder_of(settings)]
    if file is not None:
        paths += [file.with_name(file.name + end) for end in ("", "-wal", "-shm", LOCK_SUFFIX)]
    return paths


def _in_files(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    # Opening an SQLite database restricts its files.
    for path in (folder, folder / "jwt-secret", folder / PASSWORD_FILE, ROOT / ".env"):
        if is_open_to_others(path):
            yield warning(f"Other users of this machine have access to {path}: chmod go= {path}")
    if settings.is_production:
        yield from _in_backups(settings)


def _in_backups(settings: Settings) -> Iterator[Finding]:
    folder, last = folder_of(settings), last_backup(settings)
    advice = "let a timer run `recipes backup --keep 14`, unless you make backups in another way."
    if last is None:
        yield warning(f"There is no backup in {folder}: {advice}")
    elif datetime.now(UTC) - last > timedelta(days=BACKUP_DAYS):
        yield warning(f"The last backup in {folder} is older than {BACKUP_DAYS} days: {advice}")


def _on_disks(settings: Settings) -> Iterator[Finding]:
    folder, needed = settings.data_dir, FREE_BYTES
    if (file := settings.database_file) is not None:
        folder = file.parent
        if file.exists():
            # A backup, a migration and a restore each need the same space again.
            needed = max(needed, file.stat().st_size)
        kind = network_file_system(file)
        if kind is not None:
            yield warning(
                f"{file} is on a network file system ({kind}), where SQLite may lose data: keep it"
                " on a disk of this machine, or use PostgreSQL."
            )
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = disk_usage(existing).free
    if free < needed:
        yield warning(
            f"There are {free / 2**20:,.0f} MiB free at {folder}, and {needed / 2**20:,.0f} may be"
            " needed, for a backup or a migration: make room."
        )


# --- The database --------------------------------------------------------------------------------


def _in_database(settings: Settings, all_recipes: bool) -> Iterator[Finding]:
    try:
        with open_database(settings) as transactions:
            has_superuser = transactions.run_now(crud.user.has_superuser)
            findings = [] if settings.is_sqlite else list(_connections(settings, transactions))
            findings += _documents(transactions, all_recipes)
    except AppError as refused:
        yield error(with_cause(refused))
        return
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    yield ok(f"The {kind} database answers and is at the newest revision.")
    yield from findings
    if not has_superuser:
        yield warning("There is no superuser: run `recipes user create EMAIL --superuser`.")
        return
    yield ok("There is a superuser.")
    if settings.first_superuser_password.get_secret_value():
        yield warning("FIRST_SUPERUSER_PASSWORD is no longer used: remove it.")
    if (settings.data_dir / PASSWORD_FILE).exists():
        yield warning(
            f"{settings.data_dir / PASSWORD_FILE} holds the first superuser's password: set"
            " a new one with `recipes user set-password EMAIL` and delete the file."
        )


def _documents(transactions: Transactions, all_recipes: bool) -> Iterator[Finding]:
    page = transactions.run_now(crud.find_outdated)
    outdated = page.ids
    while all_recipes and page.before is not None:
        page = transactions.run_now(crud.find_outdated, page.before)
        outdated += page.ids
    if outdated:
        yield warning(
            f"The stored documents of {len(outdated)} recipes, such as {outdated[0]}, have other"
            " members than the schema: rewrite them in a migration (docs/add-a-member.md)."
        )


def _connections(settings: Settings, transactions: Transactions) -> Iterator[Finding]:
    if "web_concurrency" not in settings.model_fields_set:
        # The server sets it only for its workers.
        settings = settings.model_copy(update={"web_concurrency": default_workers()})
    needed, available = connections_needed(settings), transactions.run_now(connections_available)
    if needed > available:
        yield warning(
            f"{settings.web_concurrency} workers may open {needed} connections, but PostgreSQL"
            f" gives {available}: raise its max_connections, or lower WEB_CONCURRENCY."
        )
