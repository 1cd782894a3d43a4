"""The deadline of a request. Whatever it waits for waits no longer than the time left.

Only blocking waits check it: for the database, a connection, a thread. A timer for each request
would cost more than most reads, and could not stop a thread.
"""

import time
from contextvars import ContextVar

# Each bound is within the previous one, and the first within REQUEST_TIMEOUT_SECONDS (10 s).
STATEMENT_SECONDS = 8
POOL_SECONDS = 3
CONNECT_SECONDS = 2

_end: ContextVar[float | None] = ContextVar("deadline", default=None)


def start(seconds: float) -> None:
    """Set the deadline of the current context."""
    _end.set(time.monotonic() + seconds)


def rest() -> float | None:
    """Return the seconds left, or None without a deadline."""
    end = _end.get()
    return None if end is None else max(0.0, end - time.monotonic())


def at_most(seconds: float) -> float:
    """Return `seconds`, or the time left if that is less."""
    end = _end.get()
    return seconds if end is None else max(0.0, min(seconds, end - time.monotonic()))


def is_over() -> bool:
    """Return whether the deadline has passed."""
    end = _end.get()
    return end is not None and time.monotonic() > end
