"""The page of a recipe."""

import re
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from app import crud
from app.core.errors import NotFoundError
from app.db.reader import Row
from app.schemas.types import MAX_ID
from app.schemas.user import UserPublic
from app.web.formats import slug
from app.web.visit import Pages, Visit

pages = Pages()

_REFERENCE = re.compile(r"([1-9][0-9]{0,18})(?:-.*)?")


def id_of(visit: Visit) -> int:
    """The id that the path begins with: `/recipes/{id}-{slug}`. Raises NotFoundError."""
    match = _REFERENCE.fullmatch(visit.request.path_params["reference"])
    if match is None or int(match[1]) > MAX_ID:
        raise NotFoundError("There is no such recipe.")
    return int(match[1])


def path_of(recipe: Row) -> str:
    """The address of a recipe's page."""
    return f"/recipes/{recipe['id']}-{quote(slug(recipe['label']))}"


@pages.get("/recipes/{reference}", does="read_recipe")
async def show_recipe(visit: Visit) -> Response:
    """One recipe, at `/recipes/{id}-{slug}`; another slug leads to the current one."""
    found = await crud.recipe.get_visible(visit.db, id_of(visit), visit.viewer)
    path = path_of(found)
    if quote(visit.path) != path:
        query = f"?{visit.request.url.query}" if visit.request.url.query else ""
        return visit.finish(RedirectResponse(f"{path}{query}", 301))
    owner = found["submitter_id"]
    submitter = owner and await crud.user.get(visit.db, owner, view=UserPublic)
    return visit.page("recipe.html", recipe=found.parsed(), submitter=submitter)
