"""Log and count slow statements."""

import logging

from app.observability import metrics

logger = logging.getLogger("app.slow")

_MAX_SQL = 2000


class _Threshold:
    seconds = float("inf")


def note_slower_than(seconds: float) -> None:
    """Set the threshold."""
    _Threshold.seconds = seconds


def note_statement(sql: str, seconds: float) -> None:
    """Log a statement if it was slow. `sql` has placeholders, so no values are logged."""
    if seconds >= _Threshold.seconds:
        metrics.SLOW_STATEMENTS.add()
        text = " ".join(sql[: 2 * _MAX_SQL].split())[:_MAX_SQL]
        logger.warning("A statement took %.0f ms: %s", seconds * 1000, text)
