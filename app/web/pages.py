"""The pages: they call the same crud as the API."""

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from app import crud
from app.api.problems import BY_SLUG
from app.core.errors import NotFoundError
from app.core.security import ANONYMOUS
from app.schemas.types import MAX_ID
from app.schemas.user import UserPublic
from app.web.formats import slug
from app.web.rendering import FOLDER, Static, page

LATEST = 10
_REFERENCE = re.compile(r"([1-9][0-9]{0,18})(?:-.*)?")


async def home(request: Request) -> Response:
    """The latest recipes."""
    recipes = await crud.recipe.latest(request.app.state.reader, LATEST)
    return page(request, "home.html", recipes=recipes, canonical=None)


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
    return page(request, "recipe.html", recipe=found, submitter=submitter, canonical=None)


async def problem_type(request: Request) -> Response:
    """What a type of problem means."""
    kind = BY_SLUG.get(request.path_params["slug"])
    if kind is None:
        raise NotFoundError("There is no such type of problem.")
    return page(
        request,
        "error.html",
        status=kind.status,
        title=kind.title,
        detail=kind.meaning,
        request_id=None,
    )


routes = [
    Route("/", home),
    Route("/recipes/{reference}", recipe),
    Route("/problems/{slug}", problem_type),
    Mount("/static", Static(directory=FOLDER / "static")),
]
