"""Compression, for what is text and holds no secret."""

import gzip
from functools import lru_cache

from starlette.requests import Request

from app.api.conditional import Header
from app.api.negotiation import qualities

_ENOUGH = 500
"""Bytes; what is smaller travels as quickly as it is."""
_LARGE = 100_000
"""Bytes; what is larger would fill the memory, and is seldom asked for."""


def encoded(request: Request, body: bytes, *vary: bytes) -> tuple[bytes, list[Header]]:
    """`body` in the encoding that the client takes, with the headers that say so.

    An ETag is then of what is sent, so each encoding has its own (RFC 9110 section 8.8.3.3).
    """
    headers = [(b"vary", b", ".join([b"Accept-Encoding", *vary]))]
    accepted = ",".join(request.headers.getlist("accept-encoding"))
    if len(body) < _ENOUGH or not _takes_gzip(accepted):
        return body, headers
    compressed = _kept if len(body) < _LARGE else _compressed
    return compressed(body), [*headers, (b"content-encoding", b"gzip")]


@lru_cache(128)
def _takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding names it, or any (RFC 9110 section 12.5.3)."""
    accepted = qualities(header)
    return (accepted.get("gzip", accepted.get("*")) or 0) > 0


def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


# The same pages and files are sent again and again, and to compress one takes longer than the rest.
_kept = lru_cache(128)(_compressed)
