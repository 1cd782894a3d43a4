"""Conditional requests (RFC 9110 section 13).

An ETag is a digest of the representation, so it is strong, the same for every viewer, and changes
with a release that renders differently.
"""

import re
from hashlib import blake2b
from typing import Annotated

from fastapi import Depends, params
from starlette.requests import Request
from starlette.responses import Response

from app.api.rendering import render_entity
from app.core.errors import Fault, InvalidError, PreconditionFailedError
from app.models.recipe import Recipe
from app.schemas.recipe import RecipePublic

Header = tuple[bytes, bytes]

_ETAGS = re.compile(r'[ \t]*(?:(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)')


def etag_of(body: bytes) -> str:
    """The entity tag of a representation."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def parse_etags(header: str) -> list[tuple[bool, str]] | None:
    """The tags of a list of entity tags, each with whether it is weak; None where it is broken."""
    tags, position = [], 0
    while position < len(header):
        match = _ETAGS.match(header, position)
        if match is None:
            return None
        if match[2]:
            tags.append((match[1] is not None, match[2]))
        position = match.end()
    return tags


def is_unmodified(request: Request, etag: str) -> bool:
    """Whether a GET says in `If-None-Match` that it has this representation (weak comparison)."""
    header = request.headers.get("if-none-match")
    if header is None or request.method != "GET":
        return False
    return header.strip() == "*" or any(tag == etag for _, tag in parse_etags(header) or ())


class Representation(Response):
    """A body with its ETag, or 304 where the client has it already."""

    def __init__(
        self, request: Request, body: bytes, media_type: bytes, status: int = 200, *headers: Header
    ) -> None:
        # Starlette's own constructor would encode and look up what is known here.
        etag = etag_of(body)
        self.background = None
        self.raw_headers = [(b"etag", etag.encode()), *headers]
        if is_unmodified(request, etag):
            self.status_code, self.body = 304, b""
        else:
            self.status_code, self.body = status, body
            self.raw_headers += [
                (b"content-type", media_type),
                (b"content-length", str(len(body)).encode()),
            ]


async def if_match(
    header: Annotated[
        str | None,
        params.Header(
            alias="If-Match", description="The ETag of the recipe that you mean to change."
        ),
    ] = None,
) -> "IfMatch":
    """The precondition of a request that changes a recipe."""
    if header is None or header.strip() == "*":
        return IfMatch(None)
    tags = parse_etags(header)
    if tags is None:
        fault = Fault("is not a list of entity tags", "etag", parameter="If-Match")
        raise InvalidError("The header If-Match is broken.", [fault])
    return IfMatch(frozenset(tag for weak, tag in tags if not weak))


class IfMatch:
    """Raises PreconditionFailedError where a recipe is none of the expected (strong comparison)."""

    def __init__(self, expected: frozenset[str] | None) -> None:
        self.expected = expected

    def __call__(self, recipe: Recipe, version: int | None) -> None:
        """Compare with the ETag of the recipe's JSON, and with the version that the body names."""
        stale = version not in (None, recipe.version)
        if self.expected is None and not stale:
            return
        etag = etag_of(render_entity(recipe, RecipePublic))
        if stale or (self.expected is not None and etag not in self.expected):
            raise PreconditionFailedError("The recipe has changed since you read it.", etag)


IfMatchHeader = Annotated[IfMatch, Depends(if_match)]
