"""The home page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import crud
from app.web.rendering import page, render
from app.web.sessions import current_session
from app.web.visit import Visit

LATEST = 10


class Home:
    """The latest recipes. What was rendered last is good while they are the same."""

    def __init__(self) -> None:
        self._shown: tuple[Any, ...] = ()
        self._html = ""

    async def __call__(self, request: Request) -> Response:
        """The page: the same recipes for everybody, and for visitors the same page."""
        rows = await crud.recipe.latest(request.app.state.reader, LATEST)
        if "cookie" in request.headers:
            visit = Visit(request, await current_session(request))
            return visit.page("home.html", recipes=[row.parsed() for row in rows])
        versions = [(row["id"], row["version"], row["updated_at"]) for row in rows]
        shown = (str(request.base_url), *versions)
        if shown != self._shown or not self._html:
            visit = Visit(request, None)
            self._html = render("home.html", visit=visit, recipes=[row.parsed() for row in rows])
            self._shown = shown
        return page(request, self._html)


routes = [Route("/", Home().__call__)]
