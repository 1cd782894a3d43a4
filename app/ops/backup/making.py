"""Making a backup, and checking one."""

from datetime import UTC, datetime
from pathlib import Path

from app.core.config import Settings
from app.core.errors import InvalidError, UnavailableError
from app.db.sqlite import sqlite_path
from app.ops.backup import archive, dump, postgresql, sqlite
from app.ops.backup.archive import Manifest, Tell
from app.ops.backup.files import put, refuse_to_replace, working_folder
from app.ops.backup.refusals import told_in_one_line


def database_file(settings: Settings) -> Path:
    """The file of an SQLite database."""
    return Path(sqlite_path(settings))


def back_up(settings: Settings, file: Path, tell: Tell, *, force: bool = False) -> Manifest:
    """Write a backup of the database into `file`, while others write."""
    refuse_to_replace(file, force)
    with told_in_one_line(), working_folder(file.parent) as folder:
        draft = folder / "backup.zip"
        created_at = datetime.now(UTC)
        if settings.is_sqlite:
            manifest = _back_up_sqlite(settings, draft, created_at, tell)
        else:
            manifest = postgresql.back_up(settings, draft, created_at, tell)
        verify(draft, settings, tell, manifest)
        refuse_to_replace(file, force)
        put(draft, file)
    return manifest


def _back_up_sqlite(settings: Settings, draft: Path, created_at: datetime, tell: Tell) -> Manifest:
    database = database_file(settings)
    if not database.exists():
        raise UnavailableError(f"There is no database {database}.")
    copy = draft.with_name("copy.sqlite3")
    sqlite.copy(database, copy, tell)
    found = sqlite.contents(copy)
    if not found.tables:
        raise UnavailableError("The database has no tables yet, so there is nothing to back up.")
    with copy.open("rb") as content:
        size = copy.stat().st_size
        manifest = archive.write(draft, "sqlite", content, found, created_at, tell, size)
    copy.unlink()
    return manifest


def verify(file: Path, settings: Settings, tell: Tell, written: Manifest | None = None) -> Manifest:
    """Read a whole backup. Raises InvalidError or ToolError where it is not good."""
    manifest = archive.read_manifest(file)
    with (
        told_in_one_line(),
        working_folder(file.parent if written else settings.data_dir) as folder,
    ):
        database = folder / archive.MEMBERS[manifest.kind]
        archive.extract(file, manifest, database, tell)
        check(file, manifest, database)
    return manifest


def check(file: Path, manifest: Manifest, database: Path) -> None:
    """Raise InvalidError or ToolError where the extracted `database` is not what is promised."""
    if manifest.kind == "sqlite":
        sqlite.check(database, manifest, file)
    elif dump.count_rows(database) != manifest.tables:
        raise InvalidError(f"{file} does not hold what it says that it holds.")
