"""Create and verify backups."""

from datetime import UTC, datetime
from pathlib import Path

from app.core.config import Settings
from app.core.errors import InvalidError, UnavailableError
from app.db.sqlite import sqlite_path
from app.ops.backup import archive, dump, postgresql, sqlite
from app.ops.backup.archive import Manifest, Progress
from app.ops.backup.errors import database_errors
from app.ops.backup.files import put, refuse_to_replace, working_folder


def database_file(settings: Settings) -> Path:
    """Return the path of the SQLite database."""
    return Path(sqlite_path(settings))


def back_up(settings: Settings, file: Path, progress: Progress, *, force: bool = False) -> Manifest:
    """Write a backup of the live database to `file`."""
    refuse_to_replace(file, force)
    with database_errors(), working_folder(file.parent) as folder:
        draft = folder / "backup.zip"
        created_at = datetime.now(UTC)
        if settings.is_sqlite:
            manifest = _back_up_sqlite(settings, draft, created_at, progress)
        else:
            manifest = postgresql.back_up(settings, draft, created_at, progress)
        verify(draft, settings, progress, manifest)
        refuse_to_replace(file, force)
        put(draft, file)
    return manifest


def _back_up_sqlite(
    settings: Settings, draft: Path, created_at: datetime, progress: Progress
) -> Manifest:
    database = database_file(settings)
    if not database.exists():
        raise UnavailableError(f"There is no database {database}.")
    copy = draft.with_name("copy.sqlite3")
    sqlite.copy(database, copy, progress)
    found = sqlite.contents(copy)
    if not found.tables:
        raise UnavailableError("The database has no tables yet, so there is nothing to back up.")
    with copy.open("rb") as content:
        size = copy.stat().st_size
        manifest = archive.write(draft, "sqlite", content, found, created_at, progress, size)
    copy.unlink()
    return manifest


def verify(
    file: Path, settings: Settings, progress: Progress, written: Manifest | None = None
) -> Manifest:
    """Read a whole backup. Raise InvalidError or ToolError if it is damaged."""
    manifest = archive.read_manifest(file)
    with (
        database_errors(),
        working_folder(file.parent if written else settings.data_dir) as folder,
    ):
        database = folder / archive.MEMBERS[manifest.kind]
        archive.extract(file, manifest, database, progress)
        check(file, manifest, database)
    return manifest


def check(file: Path, manifest: Manifest, database: Path) -> None:
    """Raise InvalidError or ToolError if the extracted `database` does not match the manifest."""
    if manifest.kind == "sqlite":
        sqlite.check(database, manifest, file)
    elif dump.count_rows(database) != manifest.tables:
        raise InvalidError(f"The content of {file} does not match its manifest.")
