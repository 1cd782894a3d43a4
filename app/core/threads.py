"""Thread pools with bounded size, bounded waits and fair turns."""

import asyncio
import contextvars
import os
import sys
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

from app.core import deadline
from app.core.errors import UnavailableError

P = ParamSpec("P")
T = TypeVar("T")

# Work that stops itself at the deadline may raise its own, better error within this time.
_GRACE_SECONDS = 0.5
_BUSY = "The server is busy. Please try again."


class FairSemaphore:
    """A number of places for work, which the accounts that wait for one get in turn.

    One account has at most half of the places. Work of no account, the application's own, may have
    all of them.
    """

    def __init__(self, width: int, *, busy: str) -> None:
        self._free = width
        self._share = max(1, width // 2)
        self._busy = busy
        self._working: Counter[Hashable] = Counter()
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    async def acquire(self, account: Hashable, seconds: float) -> None:
        """Take a place. Raises UnavailableError if none is free within `seconds`."""
        if self._is_free_for(account) and account not in self._waiting:
            self._give(account)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(account, deque()).append(turn)
        try:
            async with asyncio.timeout(deadline.at_most(seconds)):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.release(account)  # It came too late.
            else:
                self._forget(account, turn)
            if isinstance(error, TimeoutError):
                raise UnavailableError(self._busy) from None
            raise

    def release(self, account: Hashable) -> None:
        """Free a place for the longest wait of the account whose turn it is."""
        self._free += 1
        self._working[account] -= 1
        if not self._working[account]:
            del self._working[account]
        for each, turns in list(self._waiting.items()):
            while turns and self._is_free_for(each):
                turn = turns.popleft()
                if turn.cancelled():
                    continue
                turn.set_result(None)
                self._give(each)
                self._waiting.move_to_end(each)
                if not turns:
                    del self._waiting[each]
                return

    def _is_free_for(self, account: Hashable) -> bool:
        return self._free > 0 and (account is None or self._working[account] < self._share)

    def _give(self, account: Hashable) -> None:
        self._free -= 1
        self._working[account] += 1

    def _forget(self, account: Hashable, turn: "asyncio.Future[None]") -> None:
        turns = self._waiting.get(account, deque())
        with suppress(ValueError):
            turns.remove(turn)
        if not turns:
            self._waiting.pop(account, None)


class BoundedExecutor:
    """Run work in at most `width` threads, and refuse it if none is free in time.

    `busy` is the detail of the UnavailableError if the work never started, `unanswered` if it did
    not end before the deadline.
    """

    def __init__(self, width: int, name: str, *, busy: str, unanswered: str) -> None:
        self._threads = ThreadPoolExecutor(width, thread_name_prefix=name)
        self._turns = FairSemaphore(width, busy=busy)
        self._unanswered = unanswered

    async def run(self, work: Callable[[], T], account: Hashable = None) -> T:
        """Return `work()`. Raises UnavailableError if it waits or runs too long.

        The accounts that wait get the threads in turn: see `FairSemaphore`.
        """
        await self._turns.acquire(account, deadline.POOL_SECONDS)
        run = contextvars.copy_context().run
        call = asyncio.get_running_loop().run_in_executor(self._threads, run, work)
        # The thread is free only when its work ends, even if the request has given up.
        call.add_done_callback(partial(self._release, account))
        rest = deadline.rest()
        timeout = None if rest is None else rest + _GRACE_SECONDS
        ended, _ = await asyncio.wait([call], timeout=timeout)
        if not ended:
            raise UnavailableError(self._unanswered)
        return call.result()

    def _release(self, account: Hashable, call: "asyncio.Future[Any]") -> None:
        self._turns.release(account)
        if not call.cancelled():
            call.exception()  # Mark the exception as retrieved if the request has given up.

    def close(self) -> None:
        """Wait for the running work."""
        self._threads.shutdown()


def low_priority_threads(width: int, name: str) -> ThreadPoolExecutor:
    """Return a pool whose threads have the lowest scheduling priority that we use."""
    return ThreadPoolExecutor(width, thread_name_prefix=name, initializer=_lower_priority)


def _lower_priority() -> None:
    # On Linux each thread has its own priority, so the event loop runs first.
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


_computing = low_priority_threads(2, "compute")
_computations = 0

MAX_COMPUTATIONS = 64
"""Computations that run or wait in one process. More are refused."""


async def compute(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return `work(*args, **kwargs)`, run in a thread to keep the event loop responsive.

    For CPU work that takes more than about 1 ms. The work must be bounded by itself: a thread
    cannot be killed, and a regular expression holds the GIL. Raise UnavailableError if too many
    computations wait, or if this one does not end before the deadline.
    """
    global _computations
    if _computations >= MAX_COMPUTATIONS:
        raise UnavailableError(_BUSY)
    run = partial(contextvars.copy_context().run, work, *args, **kwargs)
    call = asyncio.get_running_loop().run_in_executor(_computing, run)
    _computations += 1
    call.add_done_callback(_count_down)
    try:
        ended, _ = await asyncio.wait([call], timeout=deadline.rest())
    except asyncio.CancelledError:
        call.cancel()
        raise
    if not ended:
        call.cancel()  # Effective only if it has not started.
        raise UnavailableError(_BUSY)
    return call.result()


def _count_down(call: "asyncio.Future[Any]") -> None:
    global _computations
    _computations -= 1
    if not call.cancelled():
        call.exception()  # Mark the exception as retrieved if the request has given up.
