"""Conditional requests (RFC 9110 section 13).

An ETag is a digest of the representation, so it is strong, the same for every viewer, and changes
with a release that renders differently.
"""

from typing import Annotated

from fastapi import Depends, params
from starlette.requests import Request
from starlette.responses import Response

from app.api.deps import AppSettings
from app.core.errors import PreconditionFailedError
from app.core.preconditions import CHANGED, Precondition, etag_of, parse_etags

Header = tuple[bytes, bytes]


def is_unmodified(request: Request, etag: str) -> bool:
    """Return whether `If-None-Match` of a GET has this representation (weak comparison)."""
    lines = request.headers.getlist("if-none-match")
    if not lines or request.method != "GET":
        return False
    header = ",".join(lines)
    return header.strip() == "*" or any(tag == etag for _, tag in parse_etags(header) or ())


def _check_match(header: str, etag: str) -> None:
    """Raise PreconditionFailedError if a GET asks for another representation."""
    tags = parse_etags(header)
    # A broken list is ignored.
    if tags and (False, etag) not in tags:
        raise PreconditionFailedError(CHANGED, etag)


class Representation(Response):
    """A body with its ETag, or 304 if the client has it already."""

    def __init__(
        self, request: Request, body: bytes, media_type: bytes, status: int = 200, *headers: Header
    ) -> None:
        # Starlette's constructor would encode and look up what is known here.
        etag = etag_of(body)
        self.background = None
        self.raw_headers = [(b"etag", etag.encode()), *headers]
        expected = request.headers.getlist("if-match")
        if expected and request.method == "GET":
            _check_match(",".join(expected), etag)
        if is_unmodified(request, etag):
            self.status_code, self.body = 304, b""
        else:
            self.status_code, self.body = status, body
            self.raw_headers += [
                (b"content-type", media_type),
                (b"content-length", str(len(body)).encode()),
            ]


# A list that comes in several lines is one list (RFC 9110 section 5.3).
IfMatchHeader = Annotated[
    list[str] | None,
    params.Header(alias="If-Match", description="The ETag that you mean to change."),
]
IfNoneMatchHeader = Annotated[
    list[str] | None,
    params.Header(alias="If-None-Match", description="ETags that it must not have, or `*`."),
]


async def precondition(
    settings: AppSettings, if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> Precondition:
    """Return the precondition of a request that changes what is stored."""
    return Precondition.from_headers(if_match, if_none_match, is_required=settings.require_if_match)


async def optional_precondition(
    if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> Precondition:
    """Return the precondition of a request that may leave it out under REQUIRE_IF_MATCH too."""
    return Precondition.from_headers(if_match, if_none_match, is_required=False)


RequestPrecondition = Annotated[Precondition, Depends(precondition)]
OptionalPrecondition = Annotated[Precondition, Depends(optional_precondition)]
