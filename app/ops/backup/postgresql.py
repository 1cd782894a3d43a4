"""Dump a live PostgreSQL database, and restore one in one transaction."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.errors import InvalidError, UnavailableError
from app.crud import after_restore
from app.db.postgres import connect_options, postgres_url
from app.ops import revisions
from app.ops.backup import archive, tools
from app.ops.backup.archive import Contents, Manifest, Progress

if TYPE_CHECKING:
    import psycopg

LOCK_SECONDS = 30
"""How long a restore waits for the locks of others."""
_WATCH_SECONDS = 0.2

# Tables of an extension are not in a dump, and must not be dropped.
_TABLES = """
SELECT quote_ident(relname), relname FROM pg_class
WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p')
AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                AND objid = pg_class.oid AND deptype = 'e')
ORDER BY relname
"""
_SEQUENCES = """
SELECT sequencename, last_value FROM pg_sequences
WHERE schemaname = current_schema() AND last_value IS NOT NULL
"""
# In a deadlock with us, cancel the session that waits for us.
_CANCEL_DEADLOCKED = """
WITH RECURSIVE deadlock (pid) AS (
    SELECT unnest(pg_blocking_pids(:pid))
    UNION SELECT unnest(pg_blocking_pids(deadlock.pid)) FROM deadlock
)
SELECT pg_cancel_backend(pid) FROM deadlock JOIN pg_stat_activity USING (pid)
WHERE :pid = ANY (pg_blocking_pids(pid)) AND usename = current_user
"""


def make_engine(settings: Settings, **options: Any) -> Engine:
    """Create an engine without statement timeouts."""
    url = postgres_url(settings)
    return create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=connect_options(url, ours=""),
        **options,
    )


def driver_of(connection: Connection) -> "psycopg.Connection[Any]":
    """Return the psycopg connection of a SQLAlchemy connection."""
    driver: psycopg.Connection[Any] | None = connection.connection.driver_connection
    assert driver is not None
    return driver


@contextmanager
def transaction(settings: Settings, **options: Any) -> Iterator[Connection]:
    """Run a transaction without timeouts."""
    engine = make_engine(settings, **options)
    try:
        with engine.begin() as connection:
            for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"SET LOCAL {name} = 0"))
            yield connection
    finally:
        engine.dispose()


def server_version(connection: Connection) -> int:
    """Return the major version of the server."""
    return driver_of(connection).info.server_version // 10_000


def table_names(connection: Connection) -> dict[str, str]:
    """Return the tables of the schema: quoted name to name."""
    return {row[0]: row[1] for row in connection.execute(text(_TABLES))}


def contents(connection: Connection) -> Contents:
    """Return the content of the schema."""
    tables = {
        name: int(connection.scalar(text(f"SELECT count(*) FROM {quoted}")) or 0)  # noqa: S608 - It is quoted.
        for quoted, name in table_names(connection).items()
    }
    revision = None
    if tables.get("alembic_version"):
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return Contents(revision, tables, _sequences(connection))


def _sequences(connection: Connection) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(text(_SEQUENCES))}


# --- Back up -------------------------------------------------------------------------------------


def back_up(settings: Settings, path: Path, created_at: datetime, progress: Progress) -> Manifest:
    """Write a backup of one snapshot of the live database."""
    with transaction(settings) as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        found = contents(connection)
        if not found.tables:
            raise UnavailableError(archive.NO_TABLES)
        schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        version = server_version(connection)
        _, given = connection.dialect.create_connect_args(postgres_url(settings))
        arguments, variables = tools.connection_arguments(driver_of(connection), given)
        command = [
            tools.find("pg_dump", version),
            *("--format=custom", "--no-owner", "--no-privileges", "--no-comments"),
            *(f"--table={schema}.*", f"--snapshot={snapshot}", "--no-password", *arguments),
        ]
        with tools.running(command, variables=variables) as process:
            assert process.stdout is not None
            return archive.write(path, "postgresql", process.stdout, found, created_at, progress)


# --- Restore -------------------------------------------------------------------------------------


def replace(
    settings: Settings, path: Path, manifest: Manifest, keep: Callable[[], None], progress: Progress
) -> None:
    """Replace all tables by those of the dump at `path`, in one transaction.

    `keep` may back up the current data; no one else can write from that call on.
    """
    with transaction(settings) as connection:
        tables = table_names(connection)
        last, before = {}, None
        restore = tools.find("pg_restore", server_version(connection))
        if tables:
            with _winning_deadlocks(settings, driver_of(connection).info.backend_pid):
                _lock(connection, tables, "EXCLUSIVE")
                keep()
                _lock(connection, tables, "ACCESS EXCLUSIVE")
            last = _sequences(connection)
            if _is_current(connection, tables):
                with Session(connection) as session:
                    before = after_restore.state_before(session, tools.last_change(path, restore))
            connection.execute(text(f"DROP TABLE {', '.join(tables)} CASCADE"))
        _run(connection, path, restore, manifest.rows, progress)
        if contents(connection)[:2] != (manifest.revision, manifest.tables):
            raise InvalidError("The content of the backup does not match its manifest.")
        if manifest.revision != revisions.newest():
            revisions.upgrade(connection)
        _continue_sequences(connection, last)
        if before is not None:
            with Session(connection) as session:
                after_restore.carry_over(session, before)
                session.flush()


def _is_current(connection: Connection, tables: dict[str, str]) -> bool:
    if "alembic_version" not in tables.values():
        return False
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return bool(found == revisions.newest())


def _lock(connection: Connection, tables: Iterable[str], mode: str) -> None:
    """Lock `tables`. Raise UnavailableError if others hold them for too long."""
    from psycopg import errors

    driver = driver_of(connection)
    driver.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'".encode())
    try:
        driver.execute(f"LOCK TABLE {', '.join(tables)} IN {mode} MODE".encode())
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        raise UnavailableError(
            "Other sessions hold the tables for too long: stop the server."
        ) from None


@contextmanager
def _winning_deadlocks(settings: Settings, pid: int) -> Iterator[None]:
    """Resolve deadlocks in favour of `pid`. The server might cancel `pid` itself, after 1 s."""
    engine = make_engine(settings, isolation_level="AUTOCOMMIT")
    over = threading.Event()

    def watch() -> None:
        with suppress(DBAPIError):  # Then the server resolves it.
            while not over.wait(_WATCH_SECONDS):
                connection.execute(text(_CANCEL_DEADLOCKED), {"pid": pid})

    with engine.connect() as connection:
        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
    engine.dispose()


def _run(connection: Connection, path: Path, restore: str, rows: int, progress: Progress) -> None:
    """Run the SQL script of the dump at `path`."""
    driver = driver_of(connection)
    schemas = driver.execute("SHOW search_path").fetchone()
    done = 0
    with tools.read_dump(path, restore) as parts:
        for part in parts:
            if not isinstance(part, tools.TableRows):
                driver.execute(part)
                continue
            with driver.cursor().copy(part.copy) as copy:
                for lines in part.lines:
                    copy.write(b"".join(lines))
                    done += len(lines)
                    progress("Restoring", done, rows)
    driver.execute("SELECT set_config('search_path', %s, true)", schemas)


def _continue_sequences(connection: Connection, last: dict[str, int]) -> None:
    """Continue the sequences so that no id is reused."""
    now = _sequences(connection)
    exist = connection.scalars(
        text("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
    )
    for name in set(exist) & last.keys():
        value = max(last[name], now.get(name, 0))
        set_it = text("SELECT setval(CAST(quote_ident(:name) AS regclass), :value)")
        connection.execute(set_it, {"name": name, "value": value})


def vacuum(settings: Settings) -> None:
    """Vacuum and analyze while others write."""
    engine = make_engine(settings, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM (ANALYZE)"))
    engine.dispose()


def analyze(settings: Settings) -> None:
    """Update the statistics of the planner."""
    engine = make_engine(settings, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
