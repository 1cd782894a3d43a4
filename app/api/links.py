"""Absolute URLs, and links between pages (RFC 8288)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.core.config import Settings
from app.core.slugs import recipe_path


def base_url(request: Request) -> str:
    """Return scheme, host and path of this site, without a trailing slash.

    PUBLIC_URL if it is set; else what the request, or a trusted proxy, says that it was sent to.
    """
    settings: Settings = request.app.state.settings
    return settings.public_url or str(request.base_url).rstrip("/")


def absolute_url(request: Request, path: str) -> str:
    """Return the absolute URL of a path of the application."""
    return base_url(request) + path


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add `Link: <…>; rel="next"` with the same query and the next cursor, if there is one."""
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


def share_url(request: Request, recipe: Mapping[str, Any], key: str) -> str:
    """Return the absolute URL of a recipe's page with its key."""
    return absolute_url(request, f"{recipe_path(recipe['id'], recipe['label'])}?key={key}")
