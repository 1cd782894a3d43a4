"""The home page, cached for anonymous visitors."""

import time
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import crud
from app.api.links import base_url
from app.core.policy import ANONYMOUS
from app.schemas.page import RecipeQuery
from app.schemas.tag import TagQuery
from app.web.list_filters import Filters, Link, tag_path
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


class _Rendered(NamedTuple):
    shown: list[tuple[Any, ...]]
    html: str
    until: float


class Home:
    """The latest recipes. The rendered page is reused until they change."""

    # Counting tags would slow each request, so they may be this old.
    SECONDS = 60
    MAX_PAGES = 8
    """Cached pages, one for each base URL. Without ALLOWED_HOSTS any Host header makes one."""

    def __init__(self) -> None:
        self.pages: dict[str, _Rendered] = {}

    async def __call__(self, request: Request) -> Response:
        """Send the page. It lists the same recipes for everyone."""
        if "cookie" in request.headers or request.scope["query_string"]:
            visit = Visit(request, await current_session(request))
            return visit.page("home.html", **await _context(visit, visit.query("cursor")))
        # One more than is shown, to know whether there are older ones.
        rows = await crud.recipe.latest(request.app.state.reader, LATEST + 1)
        shown = [(row["id"], row["version"], row["updated_at"]) for row in rows]
        url = base_url(request)
        kept = self.pages.get(url)
        if kept is None or shown != kept.shown or time.monotonic() > kept.until:
            visit = Visit(request, None)
            html = render("home.html", visit=visit, **await _context(visit))
            if len(self.pages) >= self.MAX_PAGES:
                self.pages.clear()
            kept = _Rendered(shown, html, time.monotonic() + self.SECONDS)
            self.pages[url] = kept
        return page(request, kept.html)


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


HOME = Home()
routes = [Route("/", HOME.__call__)]
"""Not in `Pages`, because the home page is requested most: visitors need no `Visit`."""
