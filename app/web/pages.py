"""The pages: they call the same crud as the API."""

import re
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from app import crud
from app.api.problems import BY_SLUG
from app.core.errors import NotFoundError
from app.core.policy import ANONYMOUS
from app.schemas.types import MAX_ID
from app.schemas.user import UserPublic
from app.web.formats import slug
from app.web.rendering import FOLDER, Static, page, render

LATEST = 10
_REFERENCE = re.compile(r"([1-9][0-9]{0,18})(?:-.*)?")


class Home:
    """The home page: the latest recipes. What was rendered last is good while they are the same."""

    def __init__(self) -> None:
        self._shown: list[tuple[Any, ...]] | None = None
        self._html = ""

    async def __call__(self, request: Request) -> Response:
        """The page, for everybody the same."""
        rows = await crud.recipe.latest(request.app.state.reader, LATEST)
        shown: list[tuple[Any, ...]] = [
            (row["id"], row["version"], row["updated_at"]) for row in rows
        ]
        if shown != self._shown:
            self._html = render("home.html", recipes=[row.parsed() for row in rows])
            self._shown = shown
        return page(request, self._html)


async def recipe(request: Request) -> Response:
    """One recipe, at `/recipes/{id}-{slug}`; another slug leads to the current one."""
    reference = request.path_params["reference"]
    match = _REFERENCE.fullmatch(reference)
    if match is None or int(match[1]) > MAX_ID:
        raise NotFoundError("There is no such recipe.")
    db = request.app.state.reader
    found = await crud.recipe.get_visible(db, int(match[1]), ANONYMOUS)
    name = f"{found['id']}-{slug(found['label'])}"
    if reference != name:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/recipes/{quote(name)}{query}", 301)
    owner = found["submitter_id"]
    submitter = owner and await crud.user.get(db, owner, view=UserPublic)
    return page(request, render("recipe.html", recipe=found.parsed(), submitter=submitter))


async def problem_type(request: Request) -> Response:
    """What a type of problem means."""
    kind = BY_SLUG.get(request.path_params["slug"])
    if kind is None:
        raise NotFoundError("There is no such type of problem.")
    context = {"status": kind.status, "title": kind.title, "detail": kind.meaning}
    return page(request, render("error.html", **context, request_id=None))


routes = [
    Route("/", Home().__call__),
    Route("/recipes/{reference}", recipe),
    Route("/problems/{slug}", problem_type),
    Mount("/static", Static(directory=FOLDER / "static")),
]
