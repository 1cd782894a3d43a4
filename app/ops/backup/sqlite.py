"""Copy a live SQLite database, and replace one by another."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from shutil import disk_usage
from typing import Any
from urllib.parse import quote

from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from app.core.config import ROOT, Settings
from app.core.errors import DamagedError, InvalidError, UnavailableError
from app.core.private_files import file_exists
from app.crud import after_restore
from app.db.base import Base
from app.ops import revisions
from app.ops.backup import archive
from app.ops.backup.archive import Contents, Manifest, Progress
from app.ops.backup.files import put
from app.ops.reindex import reindex_if_needed

_PAGES = 1_000
"""Pages copied in one step, which takes some milliseconds."""
LOCK_SECONDS = 30
"""How long a restore waits for the write lock."""


def connect(path: Path) -> sqlite3.Connection:
    """Connect to an existing file, with explicit transactions."""
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, timeout=1
    )


def url_of(path: Path) -> str:
    """Return the database URL of a file."""
    return f"sqlite:///{path}"


# --- Copy ----------------------------------------------------------------------------------------


def copy(path: Path, target: Path, progress: Progress) -> None:
    """Copy one snapshot of a live database."""
    with (
        _damage_errors(path),
        closing(connect(path)) as source,
        closing(sqlite3.connect(target)) as result,
    ):
        result.execute("PRAGMA synchronous=OFF")
        # Outside of a read transaction, each write of others would restart the copy.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_schema").fetchall()
        source.backup(
            result,
            pages=_PAGES,
            progress=lambda _, left, total: progress("Copying", total - left, total),
        )
        # A WAL would be a second file.
        result.execute("PRAGMA journal_mode=DELETE")


def contents(path: Path) -> Contents:
    """Return the content of a database that no one writes to. Raise DamagedError."""
    with closing(connect(path)) as connection, _damage_errors(path):
        check_connection(connection, path)
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%'"
            " ESCAPE '^'"
        ).fetchall()
        tables = {
            name: _only(connection, f"SELECT count(*) FROM {_quoted(name)}")  # noqa: S608 - It is quoted.
            for (name,) in names
        }
        revision = None
        if tables.get("alembic_version"):
            revision = _only(connection, "SELECT version_num FROM alembic_version")
        return Contents(revision, tables, sequences(connection))


def has_tables(path: Path) -> bool:
    """Return whether a database has any table."""
    with closing(connect(path)) as connection:
        return bool(_only(connection, "SELECT count(*) FROM sqlite_schema"))


def check_connection(connection: sqlite3.Connection, path: Path) -> None:
    """Raise DamagedError if an integrity check fails."""
    found = _only(connection, "PRAGMA integrity_check(1)")
    if found != "ok":
        raise DamagedError(f"{path} is damaged: {' '.join(str(found).split())}")
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        table, row_id, parent, _ = broken
        row = f"{table} {row_id}" if row_id is not None else f"a row of {table}"
        raise DamagedError(f"{path} is damaged: {row} refers to no row of {parent}.")


@contextmanager
def _damage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise DamagedError(f"{path} is damaged: {error}.") from None
        raise


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error means that the file is damaged or no SQLite database."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def sequences(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the last id of each table."""
    has_any = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'"
    if not connection.execute(has_any).fetchone():
        return {}
    return dict(connection.execute("SELECT name, max(seq) FROM sqlite_sequence GROUP BY name"))


def _only(connection: sqlite3.Connection, statement: str) -> Any:
    return connection.execute(statement).fetchone()[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- Back up -------------------------------------------------------------------------------------


def back_up(path: Path, draft: Path, created_at: datetime, progress: Progress) -> Manifest:
    """Write a backup of the live database at `path` to `draft`."""
    if not file_exists(path):
        raise UnavailableError(f"There is no database {path}.")
    copied = draft.with_name("copy.sqlite3")
    copy(path, copied, progress)
    found = contents(copied)
    if not found.tables:
        raise UnavailableError(archive.NO_TABLES)
    with copied.open("rb") as content:
        size = copied.stat().st_size
        manifest = archive.write(draft, "sqlite", content, found, created_at, progress, size)
    copied.unlink()
    return manifest


def check(path: Path, manifest: Manifest, backup: Path) -> None:
    """Raise InvalidError if the database of a backup does not match its manifest."""
    found = contents(path)
    if found != Contents(manifest.revision, manifest.tables, manifest.sequences):
        raise InvalidError(f"The content of {backup} does not match its manifest.")


def bring_up_to_date(path: Path, revision: str | None, settings: Settings) -> None:
    """Migrate an unused database, and rebuild its search index if its rules have changed."""
    of_copy = settings.model_copy(update={"database_url": url_of(path)})
    if revision != revisions.newest():
        _migrate(of_copy)
    reindex_if_needed(of_copy)
    with closing(connect(path)) as connection:
        # A WAL would be a second file.
        connection.execute("PRAGMA journal_mode=DELETE")


def _migrate(settings: Settings) -> None:
    # In a new process, since our settings name the database that is being replaced.
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": settings.database_url},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.strip() or "it ended").splitlines()[-1]
        raise InvalidError(f"The backup could not be migrated: {last}")


# --- Replace -------------------------------------------------------------------------------------


def replace(path: Path, ready: Path, keep: Callable[[], None], progress: Progress) -> Path | None:
    """Replace the content of `path` by the database `ready`, in one transaction.

    Others can read in the meantime. `keep` may back up the current data; no one else can write
    from that call on. A damaged database is renamed, and its new path returned.
    """
    if not file_exists(path):
        set_aside(path)
        put(ready, path)
        return None
    try:
        _swap(path, ready, keep, progress)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    except DamagedError:
        pass
    else:
        return None
    refuse_if_used(path)
    aside = set_aside(path)
    put(ready, path)
    return aside


def _swap(path: Path, ready: Path, keep: Callable[[], None], progress: Progress) -> None:
    began = time.monotonic()
    is_locked = False

    def step(status: int, left: int, total: int) -> None:
        nonlocal is_locked
        if status == sqlite3.SQLITE_OK and not is_locked:
            # The first pages are written, so we hold the write lock.
            is_locked = True
            if has_tables(path):
                keep()
            # This changes the source, so the copy restarts, under the same lock.
            _carry_over(path, ready)
        elif not is_locked and time.monotonic() > began + LOCK_SECONDS:
            raise UnavailableError("Another process has been writing to the database for too long.")
        progress("Restoring", total - left, total)

    with closing(connect(path)) as live, closing(connect(ready)) as source:
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("PRAGMA synchronous=FULL")
        _adopt_page_size(source, live)
        # At least two steps, since `progress` is not called before the last one.
        pages = min(_PAGES, _only(source, "PRAGMA page_count") // 2)
        source.backup(live, pages=pages, progress=step, sleep=0.01)
        shrink_wal(live)


def shrink_wal(connection: sqlite3.Connection) -> None:
    """Write the WAL back and truncate it, unless others read the old pages for too long."""
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def compact(path: Path) -> None:
    """Give the space of deleted rows back to the disk. Others can read in the meantime.

    Raise UnavailableError if the disk has no space for two copies, or others write for too long.
    """
    size = path.stat().st_size
    free = disk_usage(path.parent).free
    if free < 2 * size:
        raise UnavailableError(
            f"This may need {2 * size / 2**20:,.0f} MiB at {path.parent}, but only"
            f" {free / 2**20:,.0f} are free: make room."
        )
    # The copy goes to the same disk, and not to /tmp, which may be in memory.
    os.environ["SQLITE_TMPDIR"] = str(path.parent)
    with _damage_errors(path), closing(connect(path)) as connection:
        connection.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}")
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise UnavailableError(
                "Another process has been writing to the database for too long."
            ) from None
        shrink_wal(connection)


def _adopt_page_size(source: sqlite3.Connection, live: sqlite3.Connection) -> None:
    """Rewrite `source` with the page size of `live`, which is fixed in WAL mode."""
    wanted = _only(live, "PRAGMA page_size")
    if _only(live, "PRAGMA page_count") and _only(source, "PRAGMA page_size") != wanted:
        source.execute(f"PRAGMA page_size={wanted}")
        source.execute("VACUUM")


def _carry_over(path: Path, ready: Path) -> None:
    with closing(connect(path)) as live:
        last = sequences(live)
    engines = [create_engine(url_of(each), poolclass=NullPool) for each in (path, ready)]
    with Session(engines[0]) as live_session, Session(engines[1]) as session, session.begin():
        if _is_current(path):
            before = after_restore.state_before(live_session, after_restore.last_change(session))
            after_restore.carry_over(session, before)
    with closing(connect(ready)) as restored:
        restored.execute("BEGIN")
        now = sequences(restored)
        for name in last.keys() & Base.metadata.tables.keys():
            restored.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            seq = max(last[name], now.get(name, 0))
            restored.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, seq))
        restored.execute("COMMIT")


def _is_current(path: Path) -> bool:
    with closing(connect(path)) as connection:
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return False
    return bool(found == (revisions.newest(),))


def refuse_if_used(path: Path) -> None:
    """Raise UnavailableError if another process has the file open."""
    with closing(connect(path)) as connection:
        try:
            lock_alone(connection)
        except sqlite3.DatabaseError as error:
            # A file that is no database is not in use.
            if not is_damage(error):
                raise


def lock_alone(connection: sqlite3.Connection) -> None:
    """Take an exclusive lock, which fails while any other process has the file open."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise UnavailableError(
                "The database is in use: stop the server first, and all other commands."
            ) from None
        raise


def set_aside(path: Path) -> Path | None:
    """Rename a damaged database with its WAL, and return its new path."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    # The WAL must go along: applied to the new database it would destroy it.
    for suffix in ("-wal", "-shm", ""):
        file = Path(f"{path}{suffix}")
        if file.exists():
            file.rename(f"{aside}{suffix}")
    return aside if aside.exists() else None
