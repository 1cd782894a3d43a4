"""The problem documents of requests that the server refuses before the application sees them.

They do not pass the middleware, so headers, log line and metrics are added here.
"""

import secrets
from collections.abc import Iterable
from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.api.middleware import SECURITY_HEADERS
from app.api.problems import problem
from app.core.root_path import without_root
from app.observability import metrics
from app.observability.logging import request_id
from app.observability.request_log import ACCESS


def refuse(
    status: int,
    path: bytes,
    default_headers: Iterable[tuple[bytes, bytes]],
    client: str,
    seconds: float | None,
) -> bytes:
    """Return the answer on the wire. Log and count it if `seconds` is given."""
    number = secrets.token_hex(8)
    token = request_id.set(number)
    response = problem(status, without_root(unquote(path.decode("latin-1"))))
    if seconds is not None:
        metrics.note_request(metrics.OTHER_METHOD, metrics.UNMATCHED, status, seconds)
        line = ("-", path.decode("latin-1"), metrics.UNMATCHED, status, seconds, client)
        ACCESS.note(*line)
    request_id.reset(token)
    fields = [
        *default_headers,
        *response.raw_headers,
        *SECURITY_HEADERS,
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        (b"x-request-id", number.encode()),
    ]
    lines = [name + b": " + value + b"\r\n" for name, value in fields]
    return b"".join([STATUS_LINE[status], *lines, b"\r\n", bytes(response.body)])
