"""Representations: the ETag, rows as JSON, and the media types of a recipe.

An ETag is a digest of the representation, so it is strong, the same for every viewer, and changes
with a release that renders differently.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.links import absolute_url
from app.cooking.scaling import scale
from app.core.bounds import MAX_ACCEPT
from app.core.errors import Fault, InvalidError, PreconditionFailedError
from app.core.preconditions import CHANGED, etag_of, parse_etags
from app.core.threads import compute
from app.crud.base import PageOfRows, RowsOf, render_entity
from app.db.base import Base
from app.db.reader import Row
from app.db.types import dump_response
from app.exchange.schema_org.writing import to_schema_org
from app.exchange.writing.markdown import to_markdown

# --- Conditional requests (RFC 9110 section 13) --------------------------------------------------

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


# --- Rows as JSON --------------------------------------------------------------------------------
#
# Rows that were selected for a response model are sent as they are, their JSON columns as the
# stored text: parsing, validating and writing them again would take three times as long as all
# the rest of a read. Everything else goes through the model.


def render_rows(content: object, model: Any) -> bytes | None:
    """Return the JSON of rows, a page or an entity of `model`, or None for other content."""
    if type(content) is Row and content.model is model:
        return dump_response(content)
    if type(content) is PageOfRows and content.view in _views(model):
        return dump_response(_members(content))
    if type(content) is RowsOf and content.model is model:
        return dump_response(content.members)
    if isinstance(content, Base) and isinstance(model, type) and issubclass(model, BaseModel):
        return render_entity(content, model)
    return None


def _members(page: PageOfRows) -> dict[str, Any]:
    members = {"items": page.items, "next_cursor": page.next_cursor}
    extras = {name: getattr(page, name) for name in ("total", "corrected", "highlights", "facets")}
    return members | {name: value for name, value in extras.items() if value is not None}


def _views(model: Any) -> tuple[object, ...]:
    """Return the schemas of the items that pages of `model` may have."""
    metadata = getattr(model, "__pydantic_generic_metadata__", None)
    views: tuple[object, ...] = getattr(model, "views", metadata["args"] if metadata else ())
    return views


# --- Content negotiation -------------------------------------------------------------------------

Renderer = Callable[[Row, Request], bytes]

JSON = "application/json"
RENDERERS: dict[str, Renderer] = {
    JSON: lambda recipe, _: dump_response(recipe),
    "application/ld+json": lambda recipe, request: orjson.dumps(
        to_schema_org(recipe.parsed(), url=absolute_url(request, request.url.path))
    ),
    "text/markdown": lambda recipe, _: to_markdown(recipe.parsed()).encode(),
}
OFFERED = tuple(RENDERERS)
"""In our order of preference, for clients that prefer none."""

_CONTENT_TYPES = {
    media_type: media_type.encode()
    + (b"; charset=utf-8" if media_type.startswith("text/") else b"")
    for media_type in RENDERERS
}
_VALUE = re.compile(r"([\w!#$&^.+*/-]++)\s*+(;.*+)?", re.DOTALL | re.ASCII)
_QUALITY = re.compile(r";\s*+q\s*+=\s*+([0-9]++(?:\.[0-9]*+)?)\s*+(?:;|$)", re.IGNORECASE)


def preferred(header: str) -> str | None:
    """Return the preferred media type of `OFFERED` (RFC 9110 section 12.5.1), or None.

    It is None for a header of more than MAX_ACCEPT characters, too.
    """
    return _preferred(header) if len(header) <= MAX_ACCEPT else None


@lru_cache(256)
def _preferred(header: str) -> str | None:
    if not header.strip():
        return JSON
    ranges = {name: 1 if q is None else q for name, q in qualities(header).items()}

    def quality_of(media_type: str) -> float:
        main = media_type.partition("/")[0]
        # The most specific range counts.
        return next((ranges[r] for r in (media_type, f"{main}/*", "*/*") if r in ranges), 0.0)

    best = max(OFFERED, key=quality_of)
    return best if quality_of(best) > 0 else None


def qualities(header: str) -> dict[str, float | None]:
    """Return the values of an Accept or Accept-Encoding header with their quality.

    0 means not acceptable (RFC 9110 section 12.4.2), None that the quality is malformed.
    """
    found: dict[str, float | None] = {}
    for value in header.split(","):
        if match := _VALUE.fullmatch(value.strip()):
            quality = _QUALITY.search(match[2] or ";q=1")
            found[match[1].lower()] = min(float(quality[1]), 1) if quality else None
    return found


async def represent(request: Request, recipe: Row) -> Representation:
    """Return the recipe in the media type that the client prefers. Raises HTTPException 406."""
    media_type = preferred(",".join(request.headers.getlist("accept")))
    if media_type is None:
        raise HTTPException(
            406, f"Available media types: {', '.join(OFFERED)}.", {"Vary": "Accept"}
        )
    render = RENDERERS[media_type]
    # What is not stored as it is sent may take a second for the longest recipes.
    body = render(recipe, request) if media_type == JSON else await compute(render, recipe, request)
    return Representation(request, body, _CONTENT_TYPES[media_type], 200, (b"vary", b"Accept"))


async def scaled(recipe: Row, servings: float) -> Row:
    """Return the recipe for `servings`. Raises InvalidError if it cannot be scaled."""
    try:
        return Row(await compute(_scale, recipe, servings))
    except ValueError as error:
        fault = Fault(str(error), "servings", parameter="servings")
        raise InvalidError("This recipe cannot be scaled so.", [fault]) from None


def _scale(recipe: Row, servings: float) -> dict[str, Any]:
    return scale(recipe.parsed(), servings)
