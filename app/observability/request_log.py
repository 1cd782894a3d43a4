"""The log lines of a request: an access line for each, and one for each slow SQL statement.

The standard logging module takes about 20 µs for a line, a quarter of a whole read. So access lines
are buffered here for at most 0.1 s, which is lost if a worker is killed. Server errors are written
at once.
"""

import asyncio
import logging
import os
import threading
import time
from typing import Any
from urllib.parse import quote

import orjson

from app.observability import metrics
from app.observability.logging import printable, request_id, request_route, timestamp, write

NAME = "app.access"
FLUSH_SECONDS = 0.1
_AT_ONCE = 32
_PIECE = 4096  # PIPE_BUF: larger writes of several processes to one pipe may be interleaved.
_MAX_PATH = 2048
_IN_PATHS = "/%:@!$&'()*+,;=~"

_Noted = tuple[float, str, str, str, str, int, float, str, int]


class AccessLog:
    """The access lines of this process."""

    def __init__(self) -> None:
        self._noted: list[_Noted] = []
        self._timer: asyncio.TimerHandle | None = None
        self._as_json = False
        self._least = logging.CRITICAL
        self._pid = 0

    def configure(self, level: str, as_json: bool) -> None:
        """Write lines of `level` and above, as JSON or text."""
        self._least = logging.getLevelNamesMapping()[level]
        self._as_json = as_json

    def note(
        self,
        method: str,
        path: str,
        route: str,
        status: int,
        seconds: float,
        client: str,
        user: int = 0,
    ) -> None:
        """Record a request. `path` is as sent, without its query; `user` 0 is anonymous.

        A server error is a warning.
        """
        is_fault = status >= 500
        if (logging.WARNING if is_fault else logging.INFO) < self._least:
            return
        now, current = time.time(), request_id.get()
        self._noted.append((now, current, method, path, route, status, seconds, client, user))
        if is_fault or len(self._noted) == _AT_ONCE:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write the buffered lines. Call it before the process ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        noted, self._noted = self._noted, []
        self._pid = os.getpid()  # Not earlier: workers are forked after the set-up.
        piece, line_of = "", self._object if self._as_json else self._line
        for each in noted:
            line = line_of(each)
            if len(piece) + len(line) > _PIECE:
                write(piece)
                piece = ""
            piece += line
        if piece:
            write(piece)

    def _line(self, noted: _Noted) -> str:
        now, current, method, path, _, status, seconds, client, user = noted
        who = f"{printable(client)} user={user}" if user else printable(client)
        return (
            f"{timestamp(now)} {_level(status)} {NAME} [{current}]"
            f" {method} {_shown(path)} {status} {seconds * 1000:.1f} ms {who}\n"
        )

    def _object(self, noted: _Noted) -> str:
        now, current, method, path, route, status, seconds, client, user = noted
        path = _shown(path)
        fields: dict[str, Any] = {
            "time": timestamp(now),
            "level": _level(status),
            "logger": NAME,
            "message": f"{method} {path} {status}",
            "pid": self._pid,
            "request_id": current,
            "method": method,
            "path": path,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "client": printable(client),
        }
        if user:
            fields["user"] = user
        return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE).decode()


def _level(status: int) -> str:
    return "WARNING" if status >= 500 else "INFO"


def _shown(path: str) -> str:
    if len(path) > _MAX_PATH or not path.isprintable() or not path.isascii():
        return quote(path[:_MAX_PATH], _IN_PATHS, errors="replace")
    return path


ACCESS = AccessLog()


# --- Slow SQL statements -------------------------------------------------------------------------

_slow = logging.getLogger("app.slow")

_MAX_SQL = 2000


class _Threshold:
    seconds = float("inf")


def note_slower_than(seconds: float) -> None:
    """Set the threshold. 0 logs every statement."""
    _Threshold.seconds = seconds


def note_statement(sql: str, seconds: float) -> None:
    """Log and count a statement if it was slow, with its route and without its bound values."""
    if seconds >= _Threshold.seconds:
        metrics.SLOW_STATEMENTS.add()
        text = " ".join(sql[: 2 * _MAX_SQL].split())[:_MAX_SQL]
        route, thread = request_route.get()(), threading.current_thread().name
        _slow.warning("%s: a statement took %.1f ms in %s: %s", route, seconds * 1000, thread, text)
