"""Putting the data of a backup in the place of those that are there."""

from pathlib import Path
from typing import NamedTuple

from app.core.config import Settings
from app.core.errors import InvalidError
from app.db.locks import migration_lock
from app.ops.backup import archive, making, postgresql, revisions, sqlite
from app.ops.backup.archive import Manifest, Tell
from app.ops.backup.files import working_folder
from app.ops.backup.folder import UNDO_PREFIX, default_file
from app.ops.backup.refusals import told_in_one_line
from app.ops.reindex import reindex_if_needed

_LOCK_SECONDS = 10
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Restored(NamedTuple):
    """What a restore has done."""

    manifest: Manifest
    undo: Path | None
    """A backup of what was there before."""
    aside: Path | None
    """What was there before and could not be read."""


def look_at(file: Path, settings: Settings) -> Manifest:
    """The manifest of a backup that may be restored here. Raises InvalidError."""
    manifest = archive.read_manifest(file)
    here = "sqlite" if settings.is_sqlite else "postgresql"
    if manifest.kind != here:
        raise InvalidError(
            f"{file} is of {_NAMES[manifest.kind]}, and DATABASE_URL names {_NAMES[here]}."
        )
    revisions.require_known(manifest.revision, str(file))
    return manifest


def restore(file: Path, settings: Settings, tell: Tell, *, keep_undo: bool = True) -> Restored:
    """Restore a backup, while the server runs: all of it, or nothing has changed."""
    manifest = look_at(file, settings)
    undo = default_file(settings, UNDO_PREFIX) if keep_undo else None
    aside = None
    with told_in_one_line():
        if settings.is_sqlite:
            aside = _restore_sqlite(file, manifest, settings, undo, tell)
        else:
            _restore_postgresql(file, manifest, settings, undo, tell)
    return Restored(manifest, undo if undo and undo.exists() else None, aside)


def _restore_sqlite(
    file: Path, manifest: Manifest, settings: Settings, undo: Path | None, tell: Tell
) -> Path | None:
    database = making.database_file(settings)

    def keep(path: Path) -> None:
        if undo is not None and sqlite.has_tables(path):
            making.back_up(settings, undo, tell)

    with migration_lock(settings, _LOCK_SECONDS), working_folder(database.parent) as folder:
        ready = folder / archive.MEMBERS["sqlite"]
        archive.extract(file, manifest, ready, tell)
        making.check(file, manifest, ready)
        sqlite.bring_up_to_date(ready, manifest.revision, settings)
        return sqlite.replace(database, ready, keep, tell)


def _restore_postgresql(
    file: Path, manifest: Manifest, settings: Settings, undo: Path | None, tell: Tell
) -> None:
    def keep() -> None:
        if undo is not None:
            making.back_up(settings, undo, tell)

    with working_folder(settings.data_dir) as folder:
        dump = folder / archive.MEMBERS["postgresql"]
        archive.extract(file, manifest, dump, tell)
        making.check(file, manifest, dump)
        with migration_lock(settings, _LOCK_SECONDS):
            postgresql.replace(settings, dump, manifest, keep, tell)
    postgresql.analyze(settings)
    reindex_if_needed(settings)
