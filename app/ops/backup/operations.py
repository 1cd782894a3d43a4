"""Create, verify and restore backups, of either kind of database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from app.core.config import Settings
from app.core.errors import InvalidError, UnavailableError
from app.db.locks import migration_lock
from app.ops import revisions
from app.ops.backup import archive, postgresql, sqlite, tools
from app.ops.backup.archive import Manifest, Progress
from app.ops.backup.files import (
    UNDO_PREFIX,
    default_file,
    put,
    refuse_to_replace,
    working_folder,
)
from app.ops.reindex import reindex_if_needed

LOCK_SECONDS = 10
"""How long to wait for the migration lock."""
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def database_errors() -> Iterator[None]:
    """Raise UnavailableError, with the first line of the message, for an error of the driver."""
    try:
        yield
    except Exception as error:
        # psycopg is installed only with the extra `postgres`.
        is_psycopg = type(error).__module__.startswith("psycopg")
        if not is_psycopg and not isinstance(error, DBAPIError | sqlite3.Error):
            raise
        cause = (isinstance(error, DBAPIError) and error.orig) or error
        first = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise UnavailableError(f"The database refused: {first}") from error


# --- Create and verify ---------------------------------------------------------------------------


def back_up(settings: Settings, file: Path, progress: Progress, *, force: bool = False) -> Manifest:
    """Write a backup of the live database to `file`."""
    refuse_to_replace(file, force)
    with database_errors(), working_folder(file.parent) as folder:
        draft = folder / "backup.zip"
        created_at = datetime.now(UTC)
        if settings.database_file is None:
            manifest = postgresql.back_up(settings, draft, created_at, progress)
        else:
            manifest = sqlite.back_up(settings.database_file, draft, created_at, progress)
        verify(draft, settings, progress, manifest)
        refuse_to_replace(file, force)
        put(draft, file)
    return manifest


def verify(
    file: Path, settings: Settings, progress: Progress, written: Manifest | None = None
) -> Manifest:
    """Read a whole backup. Raise InvalidError or ToolError if it is damaged."""
    manifest = archive.read_manifest(file)
    parent = file.parent if written else settings.data_dir
    with database_errors(), working_folder(parent) as folder:
        _extract(file, manifest, folder, progress)
    return manifest


def _extract(file: Path, manifest: Manifest, folder: Path, progress: Progress) -> Path:
    """Extract the database of a backup, and check that it matches the manifest."""
    database = folder / archive.MEMBERS[manifest.kind]
    archive.extract(file, manifest, database, progress)
    if manifest.kind == "sqlite":
        sqlite.check(database, manifest, file)
    elif tools.count_rows(database) != manifest.tables:
        raise InvalidError(f"The content of {file} does not match its manifest.")
    return database


# --- Restore -------------------------------------------------------------------------------------


class Restored(NamedTuple):
    """The outcome of a restore."""

    manifest: Manifest
    undo: Path | None
    """A backup of the replaced data."""
    aside: Path | None
    """The replaced database, if it was too damaged to back up."""


def read_restorable(file: Path, settings: Settings) -> Manifest:
    """Return the manifest of a backup, or raise InvalidError if it cannot be restored here."""
    manifest = archive.read_manifest(file)
    here = "sqlite" if settings.is_sqlite else "postgresql"
    if manifest.kind != here:
        raise InvalidError(
            f"{file} is a backup of {KINDS[manifest.kind]}, but DATABASE_URL names {KINDS[here]}."
        )
    revisions.require_known(manifest.revision, str(file))
    return manifest


def restore(
    file: Path, settings: Settings, progress: Progress, *, keep_undo: bool = True
) -> Restored:
    """Restore a backup while the server runs. If it fails, nothing has changed."""
    manifest = read_restorable(file, settings)
    undo = default_file(settings, UNDO_PREFIX) if keep_undo else None
    aside = None

    def keep() -> None:
        if undo is not None:
            back_up(settings, undo, progress)

    with database_errors():
        if (database := settings.database_file) is not None:
            with migration_lock(settings, LOCK_SECONDS), working_folder(database.parent) as folder:
                ready = _extract(file, manifest, folder, progress)
                sqlite.bring_up_to_date(ready, manifest.revision, settings)
                aside = sqlite.replace(database, ready, keep, progress)
        else:
            with working_folder(settings.data_dir) as folder:
                dump = _extract(file, manifest, folder, progress)
                with migration_lock(settings, LOCK_SECONDS):
                    postgresql.replace(settings, dump, manifest, keep, progress)
            postgresql.analyze(settings)
            reindex_if_needed(settings)
    return Restored(manifest, undo if undo and undo.exists() else None, aside)
