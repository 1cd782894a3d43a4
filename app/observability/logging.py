"""One logging configuration for the servers, the application, prestart, Alembic and the scripts.

A record is one line: unprintable characters are escaped, so that input can neither forge a line nor
control a terminal. `app.observability.request_log` writes access lines, faster.

The gunicorn master imports this too, so it imports only the standard library.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.core.config import Settings

NO_REQUEST = "-"
request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)
"""The id of the current request, in its response, its problem document and its log lines."""

request_route: ContextVar[Callable[[], str]] = ContextVar("request_route", default=lambda: "-")
"""Returns the path template of the route that answers the request in hand."""

_NAME = "recipes"
_APPLICATION = ("app",)
_SERVERS_AND_TOOLS = ("alembic", "gunicorn", "gunicorn.error", "uvicorn", "uvicorn.error")
_REPLACED = ("gunicorn.access", "uvicorn.access")
"""`app.observability.request_log` writes these instead, faster and without the query."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def configure_logging(settings: "Settings") -> None:
    """Log as set. May be called repeatedly, and replaces the configuration of a server."""
    set_up_log(settings.log_level, settings.logs_json)


def set_up_log(level: str, as_json: bool) -> None:
    """Log to standard error: the application from `level`, servers from INFO, others warnings."""
    handler = _Handler()
    handler.set_name(_NAME)
    handler.setFormatter(_JsonFormatter() if as_json else _ConsoleFormatter())
    root = logging.getLogger()
    for each in [each for each in root.handlers if each.get_name() == _NAME]:
        root.removeHandler(each)
    root.addHandler(handler)
    least = logging.getLevelNamesMapping().get(level, logging.INFO)
    for name in _APPLICATION + _SERVERS_AND_TOOLS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(least if name in _APPLICATION else max(least, logging.INFO))
    for name in _REPLACED:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = False


def printable(text: str) -> str:
    """Return `text` with unprintable characters escaped, newlines included."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def timestamp(seconds: float) -> str:
    """Return a Unix time in RFC 3339 format, in UTC, with milliseconds."""
    whole = int(seconds)
    return f"{_moment(whole)}.{int((seconds - whole) * 1000):03d}Z"


@lru_cache(maxsize=1)
def _moment(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def write(text: str) -> None:
    """Write whole lines. If standard error is closed, no request fails."""
    with suppress(OSError, ValueError):  # A closed file is a ValueError.
        sys.stderr.write(text)
        sys.stderr.flush()


class _Handler(logging.Handler):
    """Write to the current standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
        else:
            write(text + "\n")


class _ConsoleFormatter(logging.Formatter):
    """A line for people. A traceback follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        text = (
            f"{timestamp(record.created)} {record.levelname} {record.name}"
            f" [{request_id.get()}] {printable(record.getMessage())}"
        )
        trace = _trace(self, record)
        if trace:
            text += "".join(f"\n  {line}" for line in trace)
        return text


class _JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        trace = _trace(self, record)
        return json_line(
            record.created,
            record.levelname,
            record.name,
            printable(record.getMessage()),
            {"exception": "\n".join(trace)} if trace else {},
            {name: value for name, value in vars(record).items() if name not in _STANDARD},
        )


def json_line(
    created: float, level: str, logger: str, message: str, *more: Mapping[str, Any]
) -> str:
    """Return one line of the JSON log, with the id of the current request."""
    line: dict[str, Any] = {
        "time": timestamp(created),
        "level": level,
        "logger": logger,
        "message": message,
        "pid": os.getpid(),
    }
    current = request_id.get()
    if current != NO_REQUEST:
        line["request_id"] = current
    for each in more:
        line |= {name: value for name, value in each.items() if name not in line}
    return json.dumps(line, default=_as_text, separators=(",", ":"))


def _as_text(value: object) -> str:
    return printable(str(value))


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    texts = []
    if record.exc_info:
        texts.append(formatter.formatException(record.exc_info))
    if record.stack_info:
        texts.append(formatter.formatStack(record.stack_info))
    return [printable(line) for text in texts for line in text.split("\n")]
