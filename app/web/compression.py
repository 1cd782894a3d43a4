"""Compression, for what is text and holds no secret."""

import gzip
import re
from functools import lru_cache

from starlette.requests import Request

from app.api.conditional import Header

_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q\s*=\s*(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)")
_ENOUGH = 500
"""Bytes; what is smaller travels as quickly as it is."""


def encoded(request: Request, body: bytes, *vary: bytes) -> tuple[bytes, list[Header]]:
    """`body` in the encoding that the client takes, with the headers that say so.

    An ETag is then of what is sent, so each encoding has its own (RFC 9110 section 8.8.3.3).
    """
    headers = [(b"vary", b", ".join([b"Accept-Encoding", *vary]))]
    accepted = ",".join(request.headers.getlist("accept-encoding"))
    if len(body) < _ENOUGH or not _GZIP.search(accepted.lower()):
        return body, headers
    return _compressed(body), [*headers, (b"content-encoding", b"gzip")]


# The same pages and files are sent again and again, and to compress one takes longer than the rest.
@lru_cache(128)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)
