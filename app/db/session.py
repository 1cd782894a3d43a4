"""The engine that writes, and transactions: one call, one transaction.

A route hands its work to the `Writer`, which runs it in a thread of its own between BEGIN and
COMMIT and returns only after the commit:

    recipe = await write(crud.recipe.create, data, submitter_id=user.id)

So a refused commit is an error of the request, never a success that did not happen; and no
request holds a transaction while it waits for a thread, which is how a thread pool and a
connection pool lock each other up.
"""

import asyncio
import contextvars
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import orjson
from sqlalchemy import URL, Connection, Dialect, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker

from app.core.config import Settings
from app.core.errors import UnavailableError
from app.db.base import Base
from app.db.errors import BUSY, DeadlockError, translated

P = ParamSpec("P")
T = TypeVar("T")

# Each bound lies within the next: request 10 s > statement 8 s > pool 3 s > connect 2 s.
STATEMENT_SECONDS = 8
POOL_SECONDS = 3
CONNECT_SECONDS = 2
_AFTER_COMMIT = "after_commit"
DEADLOCKS = 2
"""How often a transaction is begun again."""

POSTGRES_WRITERS = 8
POSTGRES_OPTIONS = (
    f"-c timezone=UTC -c statement_timeout={STATEMENT_SECONDS}s"
    f" -c lock_timeout={STATEMENT_SECONDS - 1}s"
    f" -c idle_in_transaction_session_timeout={STATEMENT_SECONDS + 2}s"
    # What waits to be sorted into the search index is read by every search, so little may wait.
    " -c gin_pending_list_limit=256kB"
)


def dump_json(value: Any) -> str:
    """The JSON text of a column, exactly as it is sent to clients later."""
    return orjson.dumps(value).decode()


def json_text(value: Any) -> str | bytes:
    """The text of a JSON column, of which SQLite makes a number where it can."""
    return value if isinstance(value, str | bytes) else str(value)


def load_json(value: Any) -> Any:
    """The value of a JSON column."""
    return orjson.loads(json_text(value))


def configure_sqlite(connection: Any, *, read_only: bool = False) -> None:
    """Set the pragmas of a connection (https://www.sqlite.org/pragma.html)."""
    cursor = connection.cursor()
    if read_only:
        cursor.execute("PRAGMA query_only=ON")
    else:
        cursor.execute("PRAGMA journal_mode=WAL")
    # FULL, because an acknowledged write survives a power cut only if it was synced.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA trusted_schema=OFF")
    cursor.execute("PRAGMA journal_size_limit=67108864")
    cursor.close()


def sqlite_path(settings: Settings) -> str:
    """The file of an SQLite database; its folder is made if it is missing."""
    path = make_url(settings.database_url).database or ""
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def postgres_url(settings: Settings) -> URL:
    """The URL with its driver: psycopg, for reads, writes and migrations alike."""
    return make_url(settings.database_url).set(drivername="postgresql+psycopg")


def make_engine(settings: Settings) -> Engine:
    """The engine for transactions. Make it in the process that uses it, never before a fork."""
    if settings.is_sqlite:
        sqlite_path(settings)
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
        event.listen(engine, "connect", lambda connection, _: configure_sqlite(connection))
        event.listen(engine, "begin", _begin_immediate)
        return engine
    engine = create_engine(
        postgres_url(settings),
        pool_size=2,
        max_overflow=POSTGRES_WRITERS - 2,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        # What people write, and hashes of their passwords, have no place in a log.
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": POSTGRES_OPTIONS},
        json_serializer=dump_json,
        json_deserializer=load_json,
    )
    event.listen(engine, "handle_error", _drop_demoted)
    event.listen(engine, "handle_error", _hide_row)
    return engine


def _begin_immediate(connection: Connection) -> None:
    # The default deferred BEGIN takes the lock at the first write, too late: what was read before
    # may be stale, and SQLite then refuses at once with "database is locked".
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _is_demoted(error: BaseException) -> bool:
    # After a switchover a pooled connection may sit on the server that is now read-only (25006).
    return getattr(error, "sqlstate", None) == "25006"


def _drop_demoted(context: ExceptionContext) -> None:
    if _is_demoted(context.original_exception):
        context.is_disconnect = True


def _hide_row(context: ExceptionContext) -> None:
    _hide_row_of(context.original_exception, context.sqlalchemy_exception)


def _hide_row_of(error: BaseException, wrapper: BaseException | None = None) -> None:
    # PostgreSQL tells the whole row that a constraint refused, hashes of passwords among it. The
    # first line says which constraint.
    diagnosis = getattr(error, "diag", None)
    if diagnosis is not None and diagnosis.message_detail:
        for each in (error, wrapper):
            if each is not None and each.args:
                each.args = (str(each.args[0]).partition("\n")[0],)


def insert_into(model: type[Base], session: Session) -> Any:
    """An INSERT that knows ON CONFLICT: each of the two databases has its own, with one face."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[session.get_bind().dialect.name]
    return dialect.insert(model)


COPIED = 50
"""From how many rows on PostgreSQL gets them in a COPY: the driver parses none of it."""

_NEXT_IDS = {
    # AUTOINCREMENT: https://www.sqlite.org/autoinc.html
    "sqlite": ("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ? AND ? > 0"),
    "postgresql": ("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"),
}


class Driver:
    """The driver below a session: for statements so small that SQLAlchemy would be most of them.

    A statement is given by dialect.
    """

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()
        self.dialect = self._connection.dialect.name
        self._cursor: Any = self._connection.connection.cursor()

    def insert(self, table: Table, row: Mapping[str, Any]) -> int:
        """Insert a row in which each column but the id has its value; gives the id."""
        sql, bind = _insertion(table, self._connection.dialect)
        self._execute(self._cursor.execute, sql, bind(row))
        (row_id,) = self._cursor.fetchone()
        return int(row_id)

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """As `insert`, for many rows; gives their ids in the same order."""
        sql, bind = _insertion_of_many(table, self._connection.dialect)
        ids = self._next_ids(table, len(rows))
        self.run_many(sql, [(each, *bind(row)) for each, row in zip(ids, rows, strict=True)])
        return ids

    def _next_ids(self, table: Table, count: int) -> list[int]:
        """Ids that nobody else gets: others cannot write meanwhile, or have later ones."""
        found = self.run(_NEXT_IDS, (table.name, count))
        if self.dialect == "postgresql":
            return sorted(row_id for (row_id,) in found)
        ((last,),) = found
        return [*range(last + 1, last + 1 + count)]

    def run(self, sql: Mapping[str, str], values: Sequence[Any]) -> Sequence[Any]:
        """The rows of a statement that gives some."""
        self._execute(self._cursor.execute, sql[self.dialect], values)
        return [] if self._cursor.description is None else self._cursor.fetchall()

    def run_many(self, sql: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of `rows`; an INSERT of many as a COPY, where it has one."""
        if len(rows) == 1:
            self._execute(self._cursor.execute, sql[self.dialect], rows[0])
        elif len(rows) >= COPIED and self.dialect == "postgresql" and "copy" in sql:
            self._execute(self._copy, sql["copy"], rows)
        elif rows:
            self._execute(self._cursor.executemany, sql[self.dialect], rows)

    def _copy(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)

    def _execute(self, execute: Callable[[str, Any], object], sql: str, values: Any) -> None:
        try:
            execute(sql, values)
        except Exception as error:
            # What the engine's listeners do, who do not hear of this.
            if _is_demoted(error):
                self._connection.invalidate(error)
            _hide_row_of(error)
            raise


@lru_cache(32)
def _insertion(table: Table, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
    """The INSERT of a whole row, and what makes parameters of the driver of its values."""
    names = _names(table)
    compiled = table.insert().returning(table.c.id).compile(dialect=dialect, column_keys=names)
    order: Sequence[str] | None = getattr(compiled, "positiontup", None)
    types = {name: table.c[name].type.dialect_impl(dialect) for name in order or names}
    binders = [(name, kind.bind_processor(dialect)) for name, kind in types.items()]

    def bind(row: Mapping[str, Any]) -> Any:
        values = [process(row[name]) if process else row[name] for name, process in binders]
        return values if order else dict(zip(names, values, strict=True))

    return str(compiled), bind


@lru_cache(32)
def _insertion_of_many(
    table: Table, dialect: Dialect
) -> tuple[Mapping[str, str], Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    """The INSERT and the COPY of a whole row, and what makes parameters of its values."""
    types = {name: table.c[name].type.dialect_impl(dialect) for name in _names(table)}
    binders = [(name, kind.bind_processor(dialect)) for name, kind in types.items()]
    names = ["id", *types]
    written = f"{table.name} ({', '.join(names)})"
    values = ", ".join("%s" if dialect.name == "postgresql" else "?" for _ in names)
    insert = f"INSERT INTO {written} VALUES ({values})"  # noqa: S608 - Names of ours.

    def bind(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(process(row[name]) if process else row[name] for name, process in binders)

    return {dialect.name: insert, "copy": f"COPY {written} FROM STDIN"}, bind


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "id"]


def after_commit(session: Session, work: Callable[[], object]) -> None:
    """Do `work` once the transaction of `session` has committed, if it does."""
    session.info.setdefault(_AFTER_COMMIT, []).append(work)


class Writer:
    """Runs work in transactions: `await write(work, …)`, or in a script `write.now(work, …)`."""

    def __init__(self, engine: Engine, width: int) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._threads = ThreadPoolExecutor(width, thread_name_prefix="writer")
        self._turns = asyncio.Semaphore(width)

    async def __call__(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What `work(session, …)` returns, committed. Waits at most POOL_SECONDS for its turn."""
        try:
            async with asyncio.timeout(POOL_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise UnavailableError(BUSY) from None
        try:
            call = partial(self.now, work, *args, **kwargs)
            run = contextvars.copy_context().run
            return await asyncio.get_running_loop().run_in_executor(self._threads, run, call)
        finally:
            self._turns.release()

    def now(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As a call, in this thread. What was undone to end a deadlock is done again."""
        for _ in range(DEADLOCKS):
            with suppress(DeadlockError):
                return self._once(work, *args, **kwargs)
            # The other needs a moment to take what it has waited for, or both meet again.
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - Nobody gains by guessing it.
        return self._once(work, *args, **kwargs)

    def _once(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with translated(), self._sessions.begin() as session:
            result = work(session, *args, **kwargs)
        for each in session.info.get(_AFTER_COMMIT, ()):
            each()
        return result

    def close(self) -> None:
        """Finish what runs and close the connections."""
        self._threads.shutdown()
        self.engine.dispose()


def make_writer(settings: Settings) -> Writer:
    """The writer for the database of `settings`."""
    return Writer(make_engine(settings), 1 if settings.is_sqlite else POSTGRES_WRITERS)
