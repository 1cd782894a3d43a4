"""Connections of psycopg whose every wait is bounded.

The kernel of a frozen server still acknowledges packets, so neither TCP nor the server's own
timeout ends a wait for its answer. Here each wait is bounded on our side, and a connection that
owes an answer is closed: a late answer would be taken for that of the next statement.
"""

import asyncio
import time
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.waiting import wait_async

from app.core import deadline

# The server ends a statement a second earlier, if it can.
ANSWER_SECONDS = deadline.STATEMENT_SECONDS + 1
_INTERVAL = 0.1


class NoAnswerError(psycopg.OperationalError):
    """The server did not answer in time. The statement may have run."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection for threads."""

    def wait(self, gen: PQGen[RV], interval: float = _INTERVAL, timeout: float | None = None) -> RV:
        """Return the answer of the server. Raises NoAnswerError if there is none in time."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        # Only the pool's pre-ping runs in autocommit.
        seconds = deadline.CONNECT_SECONDS if self.autocommit else ANSWER_SECONDS
        bound = deadline.at_most(seconds)
        end = time.monotonic() + bound
        try:
            return super().wait(gen, interval, bound)
        except psycopg.OperationalError as error:
            if time.monotonic() < end:
                raise
            self.pgconn.finish()
            raise NoAnswerError(f"No answer within {bound:.1f} s") from error


class BoundedAsyncConnection(psycopg.AsyncConnection[Any]):
    """A connection for the event loop."""

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = _INTERVAL,
        timeout: float | None = None,  # noqa: ASYNC109 - The method of psycopg has it.
    ) -> RV:
        """Return the answer of the server. Raises NoAnswerError if there is none in time."""
        bound = deadline.at_most(ANSWER_SECONDS) if timeout is None else timeout
        end = time.monotonic() + bound
        try:
            return await wait_async(gen, self.pgconn.socket, interval, bound)
        except asyncio.CancelledError:
            # Psycopg would ask the server over another connection to cancel, and wait for that.
            self.pgconn.finish()
            raise
        except psycopg.OperationalError as error:
            if timeout is not None or time.monotonic() < end:
                raise
            self.pgconn.finish()
            raise NoAnswerError(f"No answer within {bound:.1f} s") from error
