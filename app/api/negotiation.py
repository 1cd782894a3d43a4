"""Content negotiation: the representations of a recipe."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.api.conditional import Representation
from app.api.links import absolute_url
from app.api.rendering import render_row
from app.cooking.scaling import scale
from app.core.bounds import MAX_ACCEPT
from app.core.errors import Fault, InvalidError
from app.core.threads import compute
from app.db.reader import Row
from app.exchange.schema_org.writing import to_schema_org
from app.exchange.writing.markdown import to_markdown

Renderer = Callable[[Row, Request], bytes]

JSON = "application/json"
RENDERERS: dict[str, Renderer] = {
    JSON: lambda recipe, _: render_row(recipe),
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
