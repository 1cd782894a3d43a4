"""Statements that take long are told in the log, and counted."""

import logging

from app.observability import metrics

logger = logging.getLogger("app.slow")

_MAX_SQL = 2000


class _Threshold:
    seconds = float("inf")


def note_slower_than(seconds: float) -> None:
    """From now on note statements that take at least so long."""
    _Threshold.seconds = seconds


def note_statement(sql: str, seconds: float) -> None:
    """Note that a statement took so long. Its text has no values in it, and none are told."""
    if seconds >= _Threshold.seconds:
        metrics.SLOW_STATEMENTS.add()
        text = " ".join(sql[: 2 * _MAX_SQL].split())[:_MAX_SQL]
        logger.warning("A statement took %.0f ms: %s", seconds * 1000, text)
