"""How long anybody waits. What waits for a request waits no longer than what is left of it.

Only what waits looks: at the database, for a connection, for a thread. A timer for each request
would cost more than most reads do, and could not end a thread anyway; each of these can.
"""

import time
from contextvars import ContextVar

# Each bound lies within the one before.
REQUEST_SECONDS = 10
STATEMENT_SECONDS = 8
POOL_SECONDS = 3
CONNECT_SECONDS = 2

_end: ContextVar[float | None] = ContextVar("deadline", default=None)


def start(seconds: float = REQUEST_SECONDS) -> None:
    """From now on what runs in this context has so long."""
    _end.set(time.monotonic() + seconds)


def lift() -> None:
    """What runs in this context may take as long as it needs."""
    _end.set(None)


def rest() -> float | None:
    """The seconds that are left; None without a deadline."""
    end = _end.get()
    return None if end is None else max(0.0, end - time.monotonic())


def at_most(seconds: float) -> float:
    """How long to wait for something that may take `seconds`, or what is left of the deadline."""
    end = _end.get()
    return seconds if end is None else max(0.0, min(seconds, end - time.monotonic()))


def is_over() -> bool:
    """Whether nobody waits any more."""
    end = _end.get()
    return end is not None and time.monotonic() > end
