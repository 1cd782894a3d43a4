"""Reads: statements written once with SQLAlchemy, compiled once, run on the driver itself.

Running a prepared SELECT takes SQLite microseconds; the execution layer of the ORM takes
hundreds. So a `Statement` is compiled at its first use, its values are always bound parameters,
its rows pass through the result processors of the column types, and come back as dicts.

What a JSON column holds stays text, since most of it is sent on as it is; `Row.parsed()` reads it.
"""

import asyncio
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import orjson
from orjson import Fragment
from pydantic import BaseModel
from sqlalchemy import URL, CompoundSelect, Dialect, Select, make_url

from app.core.config import Settings
from app.db.errors import driver_error
from app.db.session import (
    CONNECT_SECONDS,
    POOL_SECONDS,
    POSTGRES_OPTIONS,
    configure_sqlite,
    json_text,
    postgres_url,
    sqlite_path,
)

if TYPE_CHECKING:
    from psycopg import AsyncConnection

NO_VALUES: Mapping[str, Any] = MappingProxyType({})


class Row(dict[str, Any]):
    """The columns of one row, in the order of the SELECT, made for rendering as `view`."""

    __slots__ = ("view",)

    view: type[BaseModel] | None

    def parsed(self) -> "Row":
        """A copy with Python values for its JSON."""
        row = Row(self)
        row.view = None
        for name, value in self.items():
            if type(value) is Fragment:
                row[name] = orjson.loads(orjson.dumps(value))
        return row


Processor = Callable[[Any], Any]
AnySelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]


class Statement:
    """A SELECT with named bind parameters, whose columns are the members of `view` in their order.

    `heavy` marks one that may take longer than a moment.
    """

    __slots__ = ("_compiled", "heavy", "select", "view")

    def __init__(
        self, select: AnySelect, *, view: type[BaseModel] | None = None, heavy: bool = False
    ) -> None:
        self.select = select
        self.view = view
        self.heavy = heavy
        self._compiled: Compiled | None = None

    def compiled(self, dialect: Dialect) -> "Compiled":
        """The text for `dialect`; kept, since a process talks to one database."""
        if self._compiled is None or self._compiled.dialect is not dialect:
            self._compiled = Compiled(self.select, dialect)
        return self._compiled


class Compiled:
    """The SQL of a statement, how its parameters go in and how its rows come out."""

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
        """The driver's parameters for `values`: a tuple for sqlite3, a dict for psycopg."""
        bound = dict(self._defaults)
        for name, value in values.items():
            processor = self._binders.get(name)
            bound[name] = processor(value) if processor else value
        return bound if self._order is None else tuple([bound[name] for name in self._order])

    def rows(self, records: Sequence[Sequence[Any]], view: type[BaseModel] | None) -> list[Row]:
        """The driver's `records` as rows of Python values, keyed by column."""
        keys, processors, rows = self._keys, self._processors, []
        for record in records:
            values = list(record)
            for index, process in processors:
                values[index] = process(values[index])
            row = Row(zip(keys, values, strict=True))
            row.view = view
            rows.append(row)
        return rows


class Reader(ABC):
    """The reading side of a database, on the event loop."""

    def __init__(self, url: URL) -> None:
        self.dialect = url.get_backend_name()
        """`sqlite` or `postgresql`."""
        make_dialect: Callable[..., Dialect] = url.get_dialect()
        self._dialect = make_dialect(json_deserializer=lambda value: Fragment(json_text(value)))

    async def all(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> list[Row]:
        """Every row of `statement`. Raises UnavailableError while the database is away."""
        compiled = statement.compiled(self._dialect)
        try:
            records = await self._run(compiled.sql, compiled.bind(values), statement.heavy)
        except Exception as error:
            known = driver_error(error)
            if known is None:
                raise
            raise known from error
        return compiled.rows(records, statement.view)

    async def first(
        self, statement: Statement, values: Mapping[str, Any] = NO_VALUES
    ) -> Row | None:
        """The first row of `statement`, or None."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    @abstractmethod
    async def _run(self, sql: str, parameters: Any, heavy: bool) -> Sequence[Sequence[Any]]: ...

    @abstractmethod
    async def open(self) -> None:
        """Make ready, in the process and on the loop that will read."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connections."""


class SqliteReader(Reader):
    """Reads on the event loop, which is quicker than any hand-over; heavy ones in threads."""

    HEAVY_THREADS = 2
    # A reader in WAL mode waits for nobody but a recovery or the last checkpoint; while it waits
    # on the loop, everybody waits, so it gives up soon.
    BUSY_SECONDS = 0.25

    def __init__(self, path: str) -> None:
        super().__init__(make_url("sqlite://"))
        self._path = path
        self._loop_connection: sqlite3.Connection | None = None
        self._threads = ThreadPoolExecutor(self.HEAVY_THREADS, thread_name_prefix="reader")
        self._of_thread = threading.local()
        self._opened: list[sqlite3.Connection] = []

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=self.BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        configure_sqlite(connection, read_only=True)
        self._opened.append(connection)
        return connection

    async def _run(self, sql: str, parameters: Any, heavy: bool) -> Sequence[Sequence[Any]]:
        if heavy:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._run_in_thread, sql, parameters)
        if self._loop_connection is None:
            self._loop_connection = self._connect()
        return self._loop_connection.execute(sql, parameters).fetchall()

    def _run_in_thread(self, sql: str, parameters: Any) -> Sequence[Sequence[Any]]:
        connection = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = self._connect()
        rows: list[Sequence[Any]] = connection.execute(sql, parameters).fetchall()
        return rows

    async def open(self) -> None:
        """Nothing to do: the connections are made at their first use."""

    async def close(self) -> None:
        """End the threads and close the connections."""
        self._threads.shutdown()
        while self._opened:
            self._opened.pop().close()


class PostgresReader(Reader):
    """Reads through a small pool of psycopg connections in autocommit; the server does the work."""

    POOL_SIZE = 4

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        # Imported here, because a process that serves SQLite has no use for psycopg.
        from psycopg.types.json import set_json_loads
        from psycopg_pool import AsyncConnectionPool

        async def configure(connection: "AsyncConnection[Any]") -> None:
            set_json_loads(Fragment, connection)

        positional, named = self._dialect.create_connect_args(url)
        options = {
            "autocommit": True,
            "connect_timeout": CONNECT_SECONDS,
            "options": f"{POSTGRES_OPTIONS} -c default_transaction_read_only=on",
        }
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            "".join(positional),
            kwargs={**named, **options},
            min_size=1,
            max_size=self.POOL_SIZE,
            timeout=POOL_SECONDS,
            configure=configure,
            open=False,
            name="reader",
        )

    async def _run(self, sql: str, parameters: Any, heavy: bool) -> Sequence[Sequence[Any]]:
        async with self._pool.connection() as connection:
            try:
                # A plan that is good for any value is bad for a heavy one, so it is never kept.
                prepare = False if heavy else None
                cursor = await connection.execute(sql, parameters, prepare=prepare)
                return await cursor.fetchall()
            except Exception:
                if not connection.broken:
                    raise
        # The server closed this connection, and after a restart probably all of them. A read may
        # be repeated, so the caller need not learn of it.
        await self._pool.check()
        async with self._pool.connection() as connection:
            cursor = await connection.execute(sql, parameters)
            return await cursor.fetchall()

    async def open(self) -> None:
        """Open the pool without waiting for the server: it may come later."""
        await self._pool.open()

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.close()


def make_reader(settings: Settings) -> Reader:
    """The reader for the database of `settings`."""
    if settings.is_sqlite:
        return SqliteReader(sqlite_path(settings))
    return PostgresReader(postgres_url(settings))
