"""Slow SQL statements: a line in the log, and a count. A threshold of 0 logs every statement."""

import logging
import threading

from app.observability import metrics
from app.observability.logging import request_route

logger = logging.getLogger("app.slow")

_MAX_SQL = 2000


class _Threshold:
    seconds = float("inf")


def note_slower_than(seconds: float) -> None:
    """Set the threshold."""
    _Threshold.seconds = seconds


def note_statement(sql: str, seconds: float) -> None:
    """Log and count a statement if it was slow, with its route and without its bound values."""
    if seconds >= _Threshold.seconds:
        metrics.SLOW_STATEMENTS.add()
        text = " ".join(sql[: 2 * _MAX_SQL].split())[:_MAX_SQL]
        route, thread = request_route.get()(), threading.current_thread().name
        logger.warning(
            "%s: a statement took %.1f ms in %s: %s", route, seconds * 1000, thread, text
        )
