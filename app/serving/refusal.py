"""What the server itself answers to a request that it refuses: a problem document, as elsewhere.

It does not pass the application, nor its middleware that adds headers, logs and counts.
"""

import secrets
from collections.abc import Iterable
from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.api.problems import problem
from app.core.root_path import without_root
from app.observability import metrics
from app.observability.access_log import ACCESS
from app.observability.logging import request_id

# What a browser may do with a refusal: it is only data, and not kept.
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
]


def refuse(
    status: int,
    path: bytes,
    default_headers: Iterable[tuple[bytes, bytes]],
    client: str,
    seconds: float | None,
) -> bytes:
    """Return the answer on the wire; log and count it with `seconds`, unless others do."""
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
        *_HEADERS,
        (b"x-request-id", number.encode()),
    ]
    lines = [name + b": " + value + b"\r\n" for name, value in fields]
    return b"".join([STATUS_LINE[status], *lines, b"\r\n", bytes(response.body)])
