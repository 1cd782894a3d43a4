"""The pool of a worker that reads PostgreSQL: few connections, opened when needed.

docs/decisions/0014 says why this is not the pool of psycopg.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import TransactionStatus

from app.core import deadline
from app.core.errors import UnavailableError
from app.db.errors import BUSY, driver_error
from app.db.postgres import MAX_AGE_SECONDS

Connection = psycopg.AsyncConnection[Any]


class Pool:
    """At most `size` connections of one event loop, last in, first out."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._count = 0
        """Connections that are open or being opened."""
        self._opened_at: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection]] = deque()
        self._attempts: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def acquire(self) -> Connection:
        """Return a connection, to be returned by `release`.

        Raises UnavailableError as soon as the server refuses, or if none is free in time.
        """
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
            self._count -= 1
        turn: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._grow()
        try:
            async with asyncio.timeout(deadline.at_most(deadline.POOL_SECONDS)):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.release(turn.result())
            if isinstance(error, TimeoutError):
                raise UnavailableError(BUSY) from None
            raise

    def release(self, connection: Connection) -> None:
        """Return a connection, in any state."""
        is_good = connection.pgconn.transaction_status == TransactionStatus.IDLE
        is_old = time.monotonic() > self._opened_at.get(connection, 0.0) + MAX_AGE_SECONDS
        if not is_good or is_old or self._is_closed:
            connection.pgconn.finish()
            self._count -= 1
            self._grow()
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._idle.append(connection)

    def drop_idle(self) -> None:
        """Close idle connections: if one was cut, the others are too."""
        while self._idle:
            connection = self._idle.pop()
            connection.pgconn.finish()
            self._count -= 1

    async def close(self) -> None:
        """Close the connections, those in use when they are given back.

        Attempts to connect end by themselves, within their own bound. One that is cancelled keeps
        its socket until the garbage is collected, and in the meantime the server can neither create
        nor drop a database: a connection that authenticates holds up its barriers for a minute.
        """
        self._is_closed = True
        self.drop_idle()
        await asyncio.gather(*self._attempts, return_exceptions=True)

    def _grow(self) -> None:
        """Open a connection for each waiting request, up to `size`."""
        self._waiting = deque(turn for turn in self._waiting if not turn.done())
        most = 0 if self._is_closed else len(self._waiting)
        while self._count < self._size and len(self._attempts) < most:
            self._count += 1
            attempt = asyncio.create_task(self._attempt([*self._waiting]))
            self._attempts.add(attempt)

    async def _attempt(self, turns: list[asyncio.Future[Connection]]) -> None:
        """Open a connection for any request, since a slow one is useful to later requests.

        If it fails, and no connection is in use, the requests that already wait get the error.
        """
        this = asyncio.current_task()
        assert this is not None
        try:
            connection = await self._connect()
        except BaseException as error:
            self._attempts.discard(this)
            self._count -= 1
            if not isinstance(error, Exception):
                raise
            if self._count == len(self._attempts):
                for turn in turns:
                    if not turn.done():
                        turn.set_exception(_translated(error))
                self._grow()
        else:
            self._attempts.discard(this)
            self._opened_at[connection] = time.monotonic()
            self.release(connection)


def _translated(error: Exception) -> Exception:
    known = driver_error(error)
    if known is None:
        return error
    known.__cause__ = error
    return known
