"""Reads: queries written once with SQLAlchemy, compiled once, run on the driver itself.

Running a prepared SELECT takes SQLite microseconds; the execution layer of the ORM takes
hundreds. So a `CompiledQuery` is compiled at its first use, its values are always bound parameters,
its rows pass through the result processors of the column types, and come back as dicts. JSON
columns stay text, since most of it is sent as it is; `Row.parsed()` parses them.
"""

import asyncio
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import orjson
from orjson import Fragment
from pydantic import BaseModel
from sqlalchemy import URL, BindParameter, CompoundSelect, Dialect, Select, make_url
from sqlalchemy.sql.visitors import iterate

from app.core import deadline
from app.core.config import Settings
from app.core.errors import UnavailableError
from app.core.threads import BoundedExecutor
from app.db.errors import BUSY, UNANSWERED, driver_error, is_spent
from app.db.postgres import connect_options, postgres_url, share_of
from app.db.sqlite import Identity, configure_sqlite, identity_of, open_sqlite, sqlite_path
from app.db.types import json_text
from app.observability.request_log import note_statement

if TYPE_CHECKING:
    from psycopg import AsyncConnection

# --- Queries --------------------------------------------------------------------------------------

NO_VALUES: Mapping[str, Any] = MappingProxyType({})


class Row(dict[str, Any]):
    """The columns of one row, in the order of the SELECT, which are the members of `model`."""

    __slots__ = ("model",)

    model: type[BaseModel] | None

    def parsed(self) -> "Row":
        """Return a copy with its JSON parsed."""
        row = Row(self)
        row.model = None
        for name, value in self.items():
            if type(value) is Fragment:
                row[name] = orjson.loads(orjson.dumps(value))
        return row


Processor = Callable[[Any], Any]
AnySelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]


class CompiledQuery:
    """A SELECT with named parameters, whose columns are the members of `model` in their order.

    `heavy` marks one that is too slow for the event loop.
    """

    __slots__ = ("_compiled", "heavy", "model", "select")

    def __init__(
        self, select: AnySelect, *, model: type[BaseModel] | None = None, heavy: bool = False
    ) -> None:
        for each in iterate(select):
            if isinstance(each, BindParameter) and each.expanding:
                raise TypeError("IN with a list is written out as it is executed: use InArray.")
        self.select = select
        self.model = model
        self.heavy = heavy
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> "Compiled":
        """Return the SQL for `dialect`. It is cached, since a process uses one database."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None or compiled.dialect is not dialect:
            compiled = self._compiled[dialect.name] = Compiled(self.select, dialect)
        return compiled


class Compiled:
    """The SQL of a query, with the processors of its parameters and columns."""

    __slots__ = ("_binders", "_defaults", "_keys", "_order", "_processors", "dialect", "sql")

    def __init__(self, select: AnySelect, dialect: Dialect) -> None:
        compiled = select.compile(dialect=dialect)
        self.dialect = dialect
        self.sql = str(compiled)
        self._order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._binders: dict[str, Processor] = {}
        self._defaults: dict[str, Any] = {}
        for name, bind in compiled.binds.items():
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if processor is not None:
                self._binders[name] = processor
            if not bind.required:
                self._defaults[name] = processor(bind.value) if processor else bind.value
        columns = list(select.selected_columns)
        self._keys = tuple(str(column.key) for column in columns)
        types = (column.type.dialect_impl(dialect) for column in columns)
        found = [each.result_processor(dialect, None) for each in types]
        self._processors = tuple((i, process) for i, process in enumerate(found) if process)

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return parameters for the driver: a tuple for sqlite3, a dict for psycopg."""
        bound = dict(self._defaults)
        for name, value in values.items():
            processor = self._binders.get(name)
            bound[name] = processor(value) if processor else value
        return bound if self._order is None else tuple([bound[name] for name in self._order])

    def rows(self, records: Sequence[Sequence[Any]], model: type[BaseModel] | None) -> list[Row]:
        """Turn records of the driver into rows of Python values."""
        keys, processors, rows = self._keys, self._processors, []
        for record in records:
            values = list(record)
            for index, process in processors:
                values[index] = process(values[index])
            row = Row(zip(keys, values, strict=True))
            row.model = model
            rows.append(row)
        return rows


# --- Readers --------------------------------------------------------------------------------------


@cache
def _dialect(driver: str) -> Dialect:
    """Return the dialect of all readers, for which a query is compiled once."""
    make_dialect: Callable[..., Dialect] = URL.create(driver).get_dialect()
    return make_dialect(json_deserializer=lambda value: Fragment(json_text(value)))


class Reader(ABC):
    """The reading side of a database, on the event loop."""

    def __init__(self, url: URL) -> None:
        self.dialect = url.get_backend_name()
        """`sqlite` or `postgresql`."""
        self._dialect = _dialect(url.drivername)

    async def all(
        self, statement: CompiledQuery, values: Mapping[str, Any] = NO_VALUES
    ) -> list[Row]:
        """Return all rows. Raises UnavailableError while the database is away."""
        compiled = statement.compiled(self._dialect)
        began = time.perf_counter()
        try:
            records = await self._run(compiled.sql, compiled.bind(values), statement.heavy)
        except Exception as error:
            known = driver_error(error)
            if known is None:
                raise
            raise known from error
        finally:
            note_statement(compiled.sql, time.perf_counter() - began)
        return compiled.rows(records, statement.model)

    async def first(
        self, statement: CompiledQuery, values: Mapping[str, Any] = NO_VALUES
    ) -> Row | None:
        """Return the first row, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    @abstractmethod
    async def _run(self, sql: str, parameters: Any, heavy: bool) -> Sequence[Sequence[Any]]: ...

    @abstractmethod
    async def open(self) -> None:
        """Prepare, in the process and on the loop that will read."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connections."""


class ReadConnection:
    """A connection that reads, opened at its first use."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self.driver: sqlite3.Connection | None = None

    def rows(self, sql: str, parameters: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a statement."""
        if self.driver is None:
            self._open()
        assert self.driver is not None
        try:
            return self.driver.execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            if is_spent(error):
                self.close()
            raise

    def _open(self) -> None:
        driver = open_sqlite(
            self._path,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            configure_sqlite(driver, read_only=True)
        except BaseException:
            driver.close()
            raise
        self.driver = driver

    def close(self) -> None:
        """Close it; the next use opens it again."""
        if self.driver is not None:
            self.driver.close()
            self.driver = None


class SqliteReader(Reader):
    """Reads on the event loop, which is faster than a thread, and heavy queries in threads."""

    HEAVY_THREADS = 2
    # A reader in WAL mode only waits for a recovery or the last checkpoint. All requests
    # wait while it waits on the loop, so it gives up soon.
    BUSY_SECONDS = 0.25
    # How soon a replaced file is noticed.
    LOOK_SECONDS = 1

    def __init__(self, path: str) -> None:
        super().__init__(make_url("sqlite://"))
        self._path = path
        self._on_loop = ReadConnection(path, self.BUSY_SECONDS)
        self._threads = BoundedExecutor(
            self.HEAVY_THREADS, "reader", busy=BUSY, unanswered=UNANSWERED
        )
        self._idle: list[ReadConnection] = []
        self._identity: Identity | None = None
        self._looks_at = 0.0

    async def _run(self, sql: str, parameters: Any, heavy: bool) -> Sequence[Sequence[Any]]:
        now = time.monotonic()
        if now >= self._looks_at:
            self._looks_at = now + self.LOOK_SECONDS
            self._look()
        if heavy:
            return await self._threads.run(partial(self._run_in_thread, sql, parameters))
        return self._on_loop.rows(sql, parameters)

    def _run_in_thread(self, sql: str, parameters: Any) -> Sequence[Sequence[Any]]:
        identity = self._identity
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = ReadConnection(self._path, self.BUSY_SECONDS)
        try:
            return connection.rows(sql, parameters)
        finally:
            if identity == self._identity:
                self._idle.append(connection)
            else:
                connection.close()

    def _look(self) -> None:
        """Open the connections again where they would read a file that is not there any more.

        All of them: SQLite shares within a process what it knows of a file, such as that it may
        only be read.
        """
        identity = identity_of(self._path)
        if identity != self._identity:
            self._identity = identity
            self._close_idle()

    def _close_idle(self) -> None:
        self._on_loop.close()
        while self._idle:
            self._idle.pop().close()

    async def open(self) -> None:
        """Do nothing: connections open at their first use."""

    async def close(self) -> None:
        """End the threads and close the connections."""
        self._threads.close()
        self._close_idle()


class PostgresReader(Reader):
    """Reads through a small pool of psycopg connections in autocommit; the server does the work."""

    def __init__(self, url: URL, size: int) -> None:
        super().__init__(url)
        # Imported here, because a process that serves SQLite has no use for psycopg.
        from psycopg.types.json import set_json_loads

        from app.db.bounded import BoundedAsyncConnection, NoAnswerError
        from app.db.pool import Pool

        positional, named = self._dialect.create_connect_args(url)
        options = {**named, **connect_options(url, "-c default_transaction_read_only=on")}

        async def connect() -> "AsyncConnection[Any]":
            conninfo = "".join(positional)
            connection = await BoundedAsyncConnection.connect(conninfo, autocommit=True, **options)
            set_json_loads(Fragment, connection)
            return connection

        self._no_answer = NoAnswerError
        self._pool = Pool(connect, size)
        # One connection is always left for light reads.
        self._heavy = asyncio.Semaphore(max(1, size - 1))

    async def _run(self, sql: str, parameters: Any, heavy: bool) -> Sequence[Sequence[Any]]:
        if not heavy:
            return await self._read(sql, parameters, heavy)
        try:
            async with asyncio.timeout(deadline.at_most(deadline.POOL_SECONDS)):
                await self._heavy.acquire()
        except TimeoutError:
            raise UnavailableError(BUSY) from None
        try:
            return await self._read(sql, parameters, heavy)
        finally:
            self._heavy.release()

    async def _read(self, sql: str, parameters: Any, heavy: bool) -> Sequence[Sequence[Any]]:
        connection = await self._pool.acquire()
        try:
            return await self._rows(connection, sql, parameters, heavy)
        except Exception as error:
            # Without an answer, the statement or the server is slow; the other connections may be
            # good.
            if not connection.closed or isinstance(error, self._no_answer):
                raise
            self._pool.drop_idle()
        finally:
            self._pool.release(connection)
        # The server closed this connection, and after a restart probably all of them. A read can
        # be repeated.
        connection = await self._pool.acquire()
        try:
            return await self._rows(connection, sql, parameters, heavy)
        finally:
            self._pool.release(connection)

    async def _rows(
        self, connection: "AsyncConnection[Any]", sql: str, parameters: Any, heavy: bool
    ) -> Sequence[Sequence[Any]]:
        # A generic plan is bad for heavy queries, so they are never prepared.
        cursor = await connection.execute(sql, parameters, prepare=False if heavy else None)
        return await cursor.fetchall()

    async def open(self) -> None:
        """Do nothing: connections open at their first use, as the server may be away."""

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


def make_reader(settings: Settings) -> Reader:
    """Return the reader of the database of `settings`."""
    if settings.is_sqlite:
        return SqliteReader(sqlite_path(settings))
    return PostgresReader(postgres_url(settings), share_of(settings).readers)
