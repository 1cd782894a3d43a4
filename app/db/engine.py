"""The engine for transactions: how SQLite and PostgreSQL are opened, and what is logged of them."""

import math
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.core import deadline
from app.core.config import Settings
from app.core.deadline import POOL_SECONDS, STATEMENT_SECONDS
from app.db.base import Base
from app.db.errors import hide_row, is_spent
from app.db.postgres import MAX_AGE_SECONDS, connect_options, postgres_url, share_of
from app.db.sqlite import (
    configure_sqlite,
    identity_of,
    make_private,
    open_sqlite,
    sqlite_path,
)
from app.db.types import dump_json, load_json
from app.observability.request_log import note_statement


def make_engine(settings: Settings) -> Engine:
    """Create the engine. Do it in the process that uses it, never before a fork."""
    if settings.is_sqlite:
        path = sqlite_path(settings)
        # One connection: SQLite has one writer at a time anyway.
        engine = create_engine(
            settings.database_url,
            pool_size=1,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            hide_parameters=True,
            connect_args={"timeout": STATEMENT_SECONDS, "isolation_level": None},
            json_serializer=dump_json,
            json_deserializer=load_json,
        )
        event.listen(engine, "connect", lambda *_: make_private(path))
        event.listen(engine, "connect", lambda connection, _: configure_sqlite(connection))
        event.listen(engine, "begin", _begin_immediate)
    else:
        url = postgres_url(settings)
        width = share_of(settings).writers
        engine = create_engine(
            url,
            # All of them stay open: to open one takes ten times as long as most transactions. The
            # one used last is given first, so that what is idle is renewed in time.
            pool_size=width,
            max_overflow=0,
            pool_use_lifo=True,
            pool_recycle=MAX_AGE_SECONDS,
            pool_timeout=POOL_SECONDS,
            pool_pre_ping=True,
            # What people write, and hashes of their passwords, have no place in a log.
            hide_parameters=True,
            isolation_level="READ COMMITTED",
            connect_args=connect_options(url),
            json_serializer=dump_json,
            json_deserializer=load_json,
        )
    event.listen(engine, "handle_error", _on_error)
    event.listen(engine, "before_cursor_execute", _begin_statement)
    event.listen(engine, "after_cursor_execute", _end_statement)
    return engine


def _begin_immediate(connection: Connection) -> None:
    # Only here does SQLite wait for others; whole seconds, so that few statements are kept.
    seconds = math.ceil(deadline.at_most(STATEMENT_SECONDS))
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout={seconds * 1000}")
    # The default deferred BEGIN takes the lock at the first write, too late: what was read before
    # may be stale, and SQLite then refuses at once with "database is locked".
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _on_error(context: ExceptionContext) -> None:
    if is_spent(context.original_exception):
        context.is_disconnect = True
        if context.execution_context is not None:
            # SQLite keeps its files open as long as there is a statement, and with them what it
            # knows of them.
            context.execution_context.cursor.close()
    hide_row(context.original_exception, context.sqlalchemy_exception)


def _begin_statement(
    connection: Connection, cursor: Any, sql: str, values: Any, context: Any, many: bool
) -> None:
    connection.info["began"] = time.perf_counter()


def _end_statement(
    connection: Connection, cursor: Any, sql: str, values: Any, context: Any, many: bool
) -> None:
    note_statement(sql, time.perf_counter() - connection.info["began"])


def make_serving_engine(settings: Settings) -> Engine:
    """Create an engine for serving: bounded waits, and never create a missing database file."""
    engine = make_engine(settings)
    if settings.is_sqlite:
        path = sqlite_path(settings)

        @event.listens_for(engine, "do_connect")
        def connect(_: Dialect, __: object, ___: object, options: dict[str, Any]) -> Any:
            return open_sqlite(path, **options)

        @event.listens_for(engine, "connect")
        def note_file(_: object, record: ConnectionPoolEntry) -> None:
            record.info["file"] = identity_of(path)

        @event.listens_for(engine, "checkout")
        def check_file(_: object, record: ConnectionPoolEntry, __: object) -> None:
            # What is written to a replaced file is lost.
            if record.info["file"] != identity_of(path):
                raise InvalidatePoolError

    else:

        @event.listens_for(engine, "do_connect")
        def connect_bounded(
            _: Dialect, __: object, arguments: Sequence[Any], options: dict[str, Any]
        ) -> Any:
            # Imported here, because a process that serves SQLite has no use for psycopg.
            from app.db.bounded import BoundedConnection

            return BoundedConnection.connect(*arguments, **options)

    return engine


def insert_into(model: type[Base], session: Session) -> Any:
    """Return the INSERT of this session's dialect, which knows ON CONFLICT."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[session.get_bind().dialect.name]
    return dialect.insert(model)
