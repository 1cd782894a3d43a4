"""Compression of text that holds no secret."""

import gzip
from functools import lru_cache

from starlette.requests import Request

from app.api.representation import Header, qualities

_MIN_SIZE = 500
"""Bytes. A smaller body is not sent faster when compressed."""
_MAX_CACHED_SIZE = 100_000
"""Bytes. Larger bodies would fill the memory, and are rarely requested."""


def encoded(request: Request, body: bytes, *vary: bytes) -> tuple[bytes, list[Header]]:
    """Return `body` in an encoding that the client accepts, and the headers that name it.

    Make the ETag from the result: each encoding has its own (RFC 9110 section 8.8.3.3).
    """
    headers = [(b"vary", b", ".join([b"Accept-Encoding", *vary]))]
    accepted = ",".join(request.headers.getlist("accept-encoding"))
    if len(body) < _MIN_SIZE or not _accepts_gzip(accepted):
        return body, headers
    compress = _cached if len(body) < _MAX_CACHED_SIZE else _compress
    return compress(body), [*headers, (b"content-encoding", b"gzip")]


@lru_cache(128)
def _accepts_gzip(header: str) -> bool:
    """Return whether Accept-Encoding allows gzip (RFC 9110 section 12.5.3)."""
    accepted = qualities(header)
    return (accepted.get("gzip", accepted.get("*")) or 0) > 0


def _compress(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


# Compressing takes longer than the rest of a request, and the same pages are sent repeatedly.
_cached = lru_cache(128)(_compress)
