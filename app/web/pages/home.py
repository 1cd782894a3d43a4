"""The home page."""

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import crud
from app.api.links import base_url
from app.core.policy import ANONYMOUS
from app.schemas.page import RecipeQuery
from app.schemas.tag import TagQuery
from app.web.filters import Filters, Link, tag_path
from app.web.pages.recipe import path_of
from app.web.rendering import page, render
from app.web.sessions import current_session
from app.web.structured_data import item_list_json_ld, website_json_ld
from app.web.visit import Visit

LATEST = 10
_LATEST = RecipeQuery(limit=LATEST)
_TAGS = TagQuery(limit=12)
_TIMES = [
    Link(f"{minutes} min", Filters([("max_total_minutes", str(minutes))]).path())
    for minutes in (15, 30, 60)
]


class Home:
    """The latest recipes. What was rendered last is good while they are the same."""

    # The tags are not the hot path's to count, so they may be as old as this.
    SECONDS = 60

    def __init__(self) -> None:
        self._shown: tuple[Any, ...] = ()
        self._html = ""
        self._until = 0.0

    async def __call__(self, request: Request) -> Response:
        """The page: the same recipes for everybody, and for visitors the same page."""
        if "cookie" in request.headers or request.scope["query_string"]:
            visit = Visit(request, await current_session(request))
            return visit.page("home.html", **await _context(visit, visit.query("cursor")))
        # One more than is shown tells whether there are older ones.
        rows = await crud.recipe.latest(request.app.state.reader, LATEST + 1)
        versions = [(row["id"], row["version"], row["updated_at"]) for row in rows]
        shown = (base_url(request), *versions)
        if shown != self._shown or time.monotonic() > self._until:
            visit = Visit(request, None)
            self._html = render("home.html", visit=visit, **await _context(visit))
            self._shown, self._until = shown, time.monotonic() + self.SECONDS
        return page(request, self._html)


async def _context(visit: Visit, cursor: str = "") -> dict[str, Any]:
    query = _LATEST.model_copy(update={"cursor": cursor or None})
    found = await crud.list_recipes(visit.db, query, ANONYMOUS)
    tags = await crud.tag.list_found(visit.db, _TAGS, ANONYMOUS)
    urls = [(visit.base_url + path_of(row), row["label"]) for row in found.items]
    return {
        "begins": not cursor,
        "recipes": [row.parsed() for row in found.items],
        "times": _TIMES if found.items else [],
        "tags": [Link(tag["name"], tag_path(tag)) for tag in tags.items],
        "following": found.next_cursor and f"/?cursor={found.next_cursor}",
        "json_lds": [website_json_ld(visit.base_url), item_list_json_ld(urls)],
    }


routes = [Route("/", Home().__call__)]
"""The home page is no page of `Pages`, since it is asked for more often than any other."""
