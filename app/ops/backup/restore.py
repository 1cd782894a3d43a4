"""Replace all data by those of a backup."""

from pathlib import Path
from typing import NamedTuple

from app.core.config import Settings
from app.core.errors import InvalidError
from app.db.locks import migration_lock
from app.ops import revisions
from app.ops.backup import archive, create, postgresql, sqlite
from app.ops.backup.archive import Manifest, Progress
from app.ops.backup.errors import database_errors
from app.ops.backup.files import working_folder
from app.ops.backup.folder import UNDO_PREFIX, default_file
from app.ops.reindex import reindex_if_needed

_LOCK_SECONDS = 10
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Restored(NamedTuple):
    """The outcome of a restore."""

    manifest: Manifest
    undo: Path | None
    """A backup of the data that were replaced."""
    aside: Path | None
    """The replaced database, if it was too damaged to back up."""


def read_restorable(file: Path, settings: Settings) -> Manifest:
    """Return the manifest of a backup, or raise InvalidError if it cannot be restored here."""
    manifest = archive.read_manifest(file)
    here = "sqlite" if settings.is_sqlite else "postgresql"
    if manifest.kind != here:
        raise InvalidError(
            f"{file} is a backup of {_NAMES[manifest.kind]}, but DATABASE_URL names {_NAMES[here]}."
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
    with database_errors():
        if settings.is_sqlite:
            aside = _restore_sqlite(file, manifest, settings, undo, progress)
        else:
            _restore_postgresql(file, manifest, settings, undo, progress)
    return Restored(manifest, undo if undo and undo.exists() else None, aside)


def _restore_sqlite(
    file: Path, manifest: Manifest, settings: Settings, undo: Path | None, progress: Progress
) -> Path | None:
    database = create.database_file(settings)

    def keep(path: Path) -> None:
        if undo is not None and sqlite.has_tables(path):
            create.back_up(settings, undo, progress)

    with migration_lock(settings, _LOCK_SECONDS), working_folder(database.parent) as folder:
        ready = folder / archive.MEMBERS["sqlite"]
        archive.extract(file, manifest, ready, progress)
        create.check(file, manifest, ready)
        sqlite.bring_up_to_date(ready, manifest.revision, settings)
        return sqlite.replace(database, ready, keep, progress)


def _restore_postgresql(
    file: Path, manifest: Manifest, settings: Settings, undo: Path | None, progress: Progress
) -> None:
    def keep() -> None:
        if undo is not None:
            create.back_up(settings, undo, progress)

    with working_folder(settings.data_dir) as folder:
        dump = folder / archive.MEMBERS["postgresql"]
        archive.extract(file, manifest, dump, progress)
        create.check(file, manifest, dump)
        with migration_lock(settings, _LOCK_SECONDS):
            postgresql.replace(settings, dump, manifest, keep, progress)
    postgresql.analyze(settings)
    reindex_if_needed(settings)
