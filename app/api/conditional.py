"""Conditional requests (RFC 9110 section 13).

An ETag is a digest of the representation, so it is strong, the same for every viewer, and changes
with a release that renders differently.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated

from fastapi import Depends, params
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.api.deps import AppSettings
from app.api.rendering import render_entity
from app.core.bounds import MAX_ETAGS
from app.core.errors import (
    Fault,
    InvalidError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from app.db.base import Base
from app.schemas.recipe import RecipePublic
from app.schemas.user import UserMe

Header = tuple[bytes, bytes]
Tags = list[tuple[bool, str]] | str | None

_ETAGS = re.compile(r'[ \t]*(?:(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)')


def etag_of(body: bytes) -> str:
    """The entity tag of a representation."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def parse_etags(header: str) -> list[tuple[bool, str]] | None:
    """Return the tags of a list and whether each is weak; None if it is broken or too long."""
    if header.count(",") >= MAX_ETAGS:
        return None
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
    lines = request.headers.getlist("if-none-match")
    if not lines or request.method != "GET":
        return False
    header = ",".join(lines)
    return header.strip() == "*" or any(tag == etag for _, tag in parse_etags(header) or ())


def _check_match(header: str, etag: str) -> None:
    """Raise PreconditionFailedError where a GET asks for a representation that is no more."""
    tags = parse_etags(header)
    # What is no list of tags asks for nothing.
    if tags and (False, etag) not in tags:
        raise PreconditionFailedError("It has changed since you read it.", etag)


class Representation(Response):
    """A body with its ETag, or 304 where the client has it already."""

    def __init__(
        self, request: Request, body: bytes, media_type: bytes, status: int = 200, *headers: Header
    ) -> None:
        # Starlette's own constructor would encode and look up what is known here.
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


def _tags(lines: Sequence[str] | None, name: str) -> Tags:
    """The tags of a precondition: None without it, and "*" for any."""
    if lines is None:
        return None
    header = ",".join(lines)
    if header.strip() == "*":
        return "*"
    tags = parse_etags(header)
    if tags is None:
        fault = Fault("is not a list of entity tags", "etag", parameter=name)
        raise InvalidError(f"The header {name} is broken.", [fault])
    return tags


class Preconditions:
    """Raises where what is stored is not what the caller means (RFC 9110 section 13.2.2).

    They are compared with the ETag of the JSON of `model`, inside the transaction of the change.
    """

    def __init__(
        self,
        if_match: Sequence[str] | None,
        if_none_match: Sequence[str] | None,
        model: type[BaseModel],
        required: bool,
    ) -> None:
        self._match = _tags(if_match, "If-Match")
        self._none_match = _tags(if_none_match, "If-None-Match")
        self._model = model
        self._required = required

    def __call__(self, entity: Base, version: int | None = None) -> None:
        """Judge `entity`; `version` is the one that the body names, if it does."""
        if self._match is None and self._required:
            raise PreconditionRequiredError("Send If-Match with the ETag of what you have read.")
        stale = version not in (None, getattr(entity, "version", None))
        if not stale and self._match in (None, "*") and self._none_match is None:
            return
        etag = etag_of(render_entity(entity, self._model))
        if (
            stale
            or (isinstance(self._match, list) and (False, etag) not in self._match)
            or self._none_match == "*"
            or (isinstance(self._none_match, list) and etag in [tag for _, tag in self._none_match])
        ):
            raise PreconditionFailedError("It has changed since you read it.", etag)


# A list that comes in several lines is one list (RFC 9110 section 5.3).
IfMatchHeader = Annotated[
    list[str] | None,
    params.Header(alias="If-Match", description="The ETag that you mean to change."),
]
IfNoneMatchHeader = Annotated[
    list[str] | None,
    params.Header(alias="If-None-Match", description="ETags that it must not have, or `*`."),
]


async def recipe_preconditions(
    settings: AppSettings, if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> Preconditions:
    """The preconditions of a request that changes a recipe."""
    return Preconditions(if_match, if_none_match, RecipePublic, settings.require_if_match)


async def restore_preconditions(
    if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> Preconditions:
    """The preconditions of a request that restores a version, which need not send any."""
    return Preconditions(if_match, if_none_match, RecipePublic, required=False)


async def account_preconditions(
    settings: AppSettings, if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> Preconditions:
    """The preconditions of a request that changes an account."""
    return Preconditions(if_match, if_none_match, UserMe, settings.require_if_match)


RecipePreconditions = Annotated[Preconditions, Depends(recipe_preconditions)]
RestorePreconditions = Annotated[Preconditions, Depends(restore_preconditions)]
AccountPreconditions = Annotated[Preconditions, Depends(account_preconditions)]
