"""Threads for work on a database, as many as it has connections."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from app.core import deadline
from app.core.errors import UnavailableError
from app.db.errors import BUSY, UNANSWERED

T = TypeVar("T")

# What ends by its own bound at the deadline has this long to say so.
_GRACE_SECONDS = 0.5


class Turns:
    """Runs work in at most `width` threads; who gets no turn in time is told to come again."""

    def __init__(self, width: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(width, thread_name_prefix=name)
        self._free = asyncio.Semaphore(width)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns. Raises UnavailableError where it takes too long."""
        if self._free.locked():
            try:
                async with asyncio.timeout(deadline.at_most(deadline.POOL_SECONDS)):
                    await self._free.acquire()
            except TimeoutError:
                raise UnavailableError(BUSY) from None
        else:
            await self._free.acquire()
        run = contextvars.copy_context().run
        call = asyncio.get_running_loop().run_in_executor(self._threads, run, work)
        # The turn is over when the thread is free, also where nobody waits for it any more.
        call.add_done_callback(self._end_turn)
        rest = deadline.rest()
        timeout = None if rest is None else rest + _GRACE_SECONDS
        ended, _ = await asyncio.wait([call], timeout=timeout)
        if not ended:
            raise UnavailableError(UNANSWERED)
        return call.result()

    def _end_turn(self, call: "asyncio.Future[Any]") -> None:
        self._free.release()
        if not call.cancelled():
            call.exception()  # Where nobody waits any more, nobody asks for it.

    def close(self) -> None:
        """Finish what runs."""
        self._threads.shutdown()
