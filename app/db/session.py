"""The engine that writes, and transactions: one call, one transaction.

A route hands its work to the `Writer`, which runs it in a thread of its own between BEGIN and
COMMIT and returns only after the commit:

    recipe = await write(crud.recipe.create, data, submitter_id=user.id)

So a refused commit is an error of the request, never a success that did not happen; and no
request holds a transaction while it waits for a thread, which is how a thread pool and a
connection pool lock each other up.
"""

import copy
import math
import random
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

import orjson
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.core import deadline
from app.core.config import Settings
from app.core.deadline import POOL_SECONDS, STATEMENT_SECONDS
from app.core.errors import UnavailableError
from app.core.threads import BoundedExecutor, Turns, compute
from app.db.base import Base
from app.db.errors import BUSY, UNANSWERED, DeadlockError, hide_row, is_spent, translated
from app.db.postgres import MAX_AGE_SECONDS, connect_options, postgres_url, share_of
from app.db.sqlite import (
    configure_sqlite,
    identity_of,
    make_private,
    open_sqlite,
    sqlite_path,
)
from app.observability.slow_queries import note_statement

P = ParamSpec("P")
T = TypeVar("T")

_AFTER_COMMIT = "after_commit"
_COMPUTED = "computed"
DEADLOCKS = 2
"""How often a transaction is begun again."""
MAX_COMPUTING = 4
"""Transactions for which something is computed at once."""
COMPUTE_WAIT_SECONDS = 60
"""How long others wait for that, if they have no deadline before."""
MAX_RERUNS = 100
"""How often a transaction is undone to compute something first."""


def dump_json(value: Any) -> str:
    """The JSON text of a column, exactly as it is sent to clients later."""
    return orjson.dumps(value).decode()


def json_text(value: Any) -> str | bytes:
    """The text of a JSON column, of which SQLite makes a number where it can."""
    return value if isinstance(value, str | bytes) else str(value)


def load_json(value: Any) -> Any:
    """The value of a JSON column."""
    return orjson.loads(json_text(value))


def make_engine(settings: Settings) -> Engine:
    """The engine for transactions. Make it in the process that uses it, never before a fork."""
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


def _serving(engine: Engine, settings: Settings) -> Engine:
    """The engine of those who wait for no one without end, and make no database by accident."""
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
            # What is written to a file that was replaced is lost.
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
    """An INSERT that knows ON CONFLICT: each of the two databases has its own, with one face."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[session.get_bind().dialect.name]
    return dialect.insert(model)


class ComputeFirst(Exception):  # noqa: N818 - It is no error: the Writer runs the work again.
    """A transaction needs what takes the processor long, and is undone until that is computed."""

    def __init__(self, works: Mapping[Hashable, Callable[[], Any]]) -> None:
        super().__init__("computed before the transaction")
        self._works = works

    def run(self) -> dict[Hashable, Any]:
        """The results."""
        return {key: work() for key, work in self._works.items()}


def compute_first(session: Session, works: Mapping[Hashable, Callable[[], Any]]) -> None:
    """Have each of `works` computed while no transaction is open, for `computed` to return.

    Others wait for the locks of a transaction. So the Writer undoes the one of a request, does the
    work in a thread for it, and runs the transaction again. Call this before anything is changed.
    Scripts are not run again.
    """
    if (results := session.info.get(_COMPUTED)) is not None:
        missing = {key: work for key, work in works.items() if key not in results}
        if missing:
            raise ComputeFirst(missing)


def computed(session: Session) -> Mapping[Hashable, Any]:
    """What was computed before this transaction, by the keys of `compute_first`."""
    return session.info.get(_COMPUTED) or {}


def after_commit(session: Session, work: Callable[[], object]) -> None:
    """Do `work` once the transaction of `session` has committed, if it does."""
    session.info.setdefault(_AFTER_COMMIT, []).append(work)


class Writer:
    """Runs work in transactions: `await write(work, …)`, or in a script `write.now(work, …)`."""

    def __init__(self, engine: Engine, width: int) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._threads = BoundedExecutor(width, "writer", busy=BUSY, unanswered=UNANSWERED)
        self._computing = Turns(MAX_COMPUTING, busy=BUSY)
        self._check: Callable[[Session], object] | None = None
        self._account: int | None = None

    def on_behalf_of(self, account: int, check: Callable[[Session], object]) -> "Writer":
        """The same transactions for one account, which call `check(session)` before their work."""
        bound = copy.copy(self)
        bound._account, bound._check = account, check
        return bound

    async def __call__(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What `work(session, …)` returns, committed. Waits at most POOL_SECONDS for its turn.

        If the work calls `compute_first`, it is run again with what has been computed.
        """

        def call(session: Session) -> T:
            return work(session, *args, **kwargs)

        computed: dict[Hashable, Any] = {}
        for _ in range(MAX_RERUNS):
            try:
                return await self._threads.run(partial(self._run, call, computed), self._account)
            except ComputeFirst as first:
                await self._computing.take(self._account, COMPUTE_WAIT_SECONDS)
                try:
                    computed |= await compute(first.run)
                finally:
                    self._computing.give_back(self._account)
        return await self._threads.run(partial(self._run, call), self._account)

    def now(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As a call, in this thread."""
        return self._run(lambda session: work(session, *args, **kwargs))

    def _run(
        self, work: Callable[[Session], T], computed: Mapping[Hashable, Any] | None = None
    ) -> T:
        """Run one transaction. What was undone to end a deadlock is done again."""
        for _ in range(DEADLOCKS):
            with suppress(DeadlockError):
                return self._once(work, computed)
            # The other needs a moment to take what it has waited for, or both meet again.
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - Nobody gains by guessing it.
        return self._once(work, computed)

    def _once(self, work: Callable[[Session], T], computed: Mapping[Hashable, Any] | None) -> T:
        with translated(), self._sessions.begin() as session:
            session.info[_COMPUTED] = computed
            if self._check is not None:
                self._check(session)
            result = work(session)
            if deadline.is_over():
                # As long as nothing is committed it is certain that nothing was done.
                raise UnavailableError(BUSY)
        for each in session.info.get(_AFTER_COMMIT, ()):
            each()
        return result

    def close(self) -> None:
        """Finish what runs and close the connections."""
        self._threads.close()
        self.engine.dispose()


def make_writer(settings: Settings) -> Writer:
    """The writer for the database of `settings`."""
    engine = _serving(make_engine(settings), settings)
    return Writer(engine, 1 if settings.is_sqlite else share_of(settings).writers)
