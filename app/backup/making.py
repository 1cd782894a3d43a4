"""Making a backup, and checking one."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from app.backup import archive, dump, postgresql, sqlite
from app.backup.archive import Manifest, Tell
from app.backup.files import put, refuse_to_replace, working_folder
from app.backup.refusals import told_in_one_line
from app.core.config import Settings
from app.core.errors import InvalidError, UnavailableError
from app.db.sqlite import sqlite_path

PREFIX = "recipes-"
UNDO_PREFIX = "before-restore-"
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(rf"{PREFIX}(\d{{8}}T\d{{6}}Z)\.zip")
_CLOCK_ERROR = timedelta(days=1)
"""By how much the clocks of two machines that write to one folder may differ."""


class Cleanup(NamedTuple):
    """What became of the files in the folder for backups."""

    removed: list[Path]
    unknown: list[Path]
    """Archives whose names are not ours; they are neither counted nor removed."""
    from_the_future: list[Path]
    """Backups whose names are later than now, which a wrong clock explains; treated likewise."""


def folder_of(settings: Settings) -> Path:
    """Where backups go by default."""
    return settings.data_dir / "backups"


def default_file(settings: Settings, prefix: str = PREFIX) -> Path:
    """The name of a backup that is made now."""
    return folder_of(settings) / f"{prefix}{datetime.now(UTC):{_TIME}}.zip"


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


def keep_newest(settings: Settings, count: int, written: Path) -> Cleanup:
    """Remove old backups from the default folder, so that `count` are left with `written`.

    A file is removed only if its name says that it is a backup of the past: with a clock that was
    set back the good ones seem to be of the future, and are worth more than the room they take.
    """
    done = Cleanup([], [], [])
    past = []
    for path in sorted(folder_of(settings).glob("*.zip")):
        made_at = _made_at(path)
        if path == written or path.name.startswith(UNDO_PREFIX):
            continue
        if made_at is None:
            done.unknown.append(path)
        elif made_at > datetime.now(UTC) + _CLOCK_ERROR:
            done.from_the_future.append(path)
        else:
            past.append(path)  # The names sort as their times do.
    for path in past[: max(0, len(past) - (count - 1))]:
        path.unlink()
        done.removed.append(path)
    return done


def _made_at(path: Path) -> datetime | None:
    """When a backup was made by its name; None if the name is not one that we give."""
    name = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(name[1], _TIME).replace(tzinfo=UTC) if name else None
    except ValueError:  # Such as the 31st of February.
        return None


def last_backup(settings: Settings) -> datetime | None:
    """When the newest good backup in the default folder was written; None if there is none.

    Only the end of a file is read, so it is quick; `verify` reads all of it.
    """
    now = datetime.now(UTC)
    times = {}
    for path in folder_of(settings).glob(f"{PREFIX}*.zip"):
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if _made_at(path) is not None and written <= now + _CLOCK_ERROR:
            times[path] = written
    newest_first = sorted(times, key=lambda path: times[path], reverse=True)
    return next((times[path] for path in newest_first if archive.is_sealed(path)), None)


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
