"""The page of a recipe, and its cooking view."""

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app import crud
from app.api.links import share_url
from app.cooking.quantities import decimal, read
from app.cooking.scaling import scale
from app.core.errors import NotFoundError
from app.core.policy import FOUND_BY_ANYONE, OPENED_BY_KEY, may_open
from app.core.slugs import recipe_path
from app.core.threads import compute
from app.db.reader import Row
from app.schemas.types import MAX_ID
from app.web.static_files import asset
from app.web.structured_data import recipe_json_ld
from app.web.template_filters import full_name
from app.web.visit import Pages, Visit

pages = Pages()

_SHORT_NOTES = 2000
"""Characters that render within about a millisecond, too fast to need a thread."""
_REFERENCE = re.compile(r"([1-9][0-9]{0,18})(?:-.*)?")


def id_of(visit: Visit) -> int:
    """Return the id in the path `/recipes/{id}-{slug}`. Raise NotFoundError if it is invalid."""
    match = _REFERENCE.fullmatch(visit.request.path_params["reference"])
    if match is None or int(match[1]) > MAX_ID:
        raise NotFoundError("There is no such recipe.")
    return int(match[1])


def path_of(recipe: Row) -> str:
    """Return the path of a recipe's page."""
    return recipe_path(recipe["id"], recipe["label"])


@pages.get("/recipes/{reference}", does="read_recipe")
async def show_recipe(visit: Visit) -> Response:
    """Show a recipe at `/recipes/{id}-{slug}`. Another slug redirects to the current one."""
    return await _show(visit, "recipe.html")


@pages.get("/recipes/{reference}/cook", does="read_recipe")
async def cook_recipe(visit: Visit) -> Response:
    """Show the recipe in large type, with lines to tick off."""
    return await _show(visit, "cook.html", "/cook")


async def open_recipe(visit: Visit) -> Row:
    """Return the recipe of the path, opened by the visitor's rights or by the key of the link."""
    key = visit.query("key")
    recipe = await crud.recipe.get_visible(visit.db, id_of(visit), visit.viewer, key)
    if not may_open(visit.viewer, recipe["visibility"], recipe["submitter_id"]):
        visit.share_key = key
    return recipe


async def _show(visit: Visit, template: str, rest: str = "") -> Response:
    found = await open_recipe(visit)
    path = path_of(found)
    if quote(visit.path) != path + rest:
        return _moved(visit, path + rest)
    recipe = found.parsed()
    scaled = await _scaled(recipe, visit.query("servings"))
    owner = recipe["submitter_id"]
    submitter = owner and await crud.user.profile(visit.db, owner, visit.viewer)
    name = full_name(submitter) if submitter else None
    may_change = visit.viewer.may_change(owner)
    is_shared = may_change and recipe["visibility"] in OPENED_BY_KEY
    share_key = await crud.share_link.read_key(visit.db, recipe["id"]) if is_shared else None
    url, image = visit.base_url + path, visit.base_url + asset("card.png")
    return visit.page(
        template,
        scaled.status,
        recipe=scaled.recipe,
        scaled=scaled,
        path=path,
        url=url,
        image=image,
        is_public=recipe["visibility"] in FOUND_BY_ANYONE,
        may_change=may_change,
        is_shared=is_shared,
        share_url=share_key and share_url(visit.request, recipe, share_key),
        submitter=name,
        notes=await _notes(recipe["notes"]),
        # Structured data is never scaled.
        json_ld=recipe_json_ld(recipe, url, image, name),
    )


@pages.post("/recipes/{reference}/share-link", does="renew_share_link")
async def renew_share_link(visit: Visit) -> Response:
    """Make a new link to an unlisted recipe. The old one stops working."""
    await visit.form()
    recipe = await crud.recipe.get_own(visit.db, id_of(visit), visit.viewer)
    await visit.transactions.run(crud.recipe.renew_share_link, recipe["id"], visit.viewer)
    return visit.redirect(path_of(recipe), "relinked")


def _moved(visit: Visit, path: str) -> Response:
    query = f"?{visit.request.url.query}" if visit.request.url.query else ""
    # A recipe may return to an earlier label, so browsers must revalidate the redirect.
    headers = {"Cache-Control": "private, no-cache"}
    return visit.finish(RedirectResponse(f"{path}{query}", 301, headers))


# --- Servings ------------------------------------------------------------------------------------


class ScaledRecipe(NamedTuple):
    """A recipe scaled to the requested servings, or as written with the problem."""

    recipe: Mapping[str, Any]
    written_for: float | None
    problem: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return 422 if self.problem else 200

    @property
    def is_scaled(self) -> bool:
        """Whether the servings differ from those written."""
        return bool(self.recipe["servings"] != self.written_for)

    @property
    def asked(self) -> str:
        """The query value that keeps the servings in links. Empty if not scaled."""
        return decimal(self.recipe["servings"]) if self.is_scaled else ""

    @property
    def fewer(self) -> float:
        """The next lower whole number, or half if there is none."""
        servings: float = self.recipe["servings"]
        return math.ceil(servings) - 1 if servings > 1 else servings / 2

    @property
    def more(self) -> int:
        """The next higher whole number."""
        servings: float = self.recipe["servings"]
        return math.floor(servings) + 1


async def _scaled(recipe: Row, asked: str) -> ScaledRecipe:
    servings = recipe["servings"]
    if not asked:
        return ScaledRecipe(recipe, servings)
    if not servings:
        problem = "This recipe does not say how many it serves, so it cannot be scaled."
        return ScaledRecipe(recipe, servings, problem)
    amount = read(asked)
    if amount is None or amount.end != len(asked) or amount.high is not None:
        return ScaledRecipe(recipe, servings, "For how many? Give a number, such as 6 or 2.5.")
    try:
        return ScaledRecipe(await compute(scale, recipe, amount.low), servings)
    except ValueError as error:
        return ScaledRecipe(recipe, servings, f"It cannot be scaled so: {error}.")


# --- Parts ---------------------------------------------------------------------------------------


async def _notes(text: str | None) -> Markup | None:
    if not text:
        return None
    # Few recipes have notes, and the parser takes time to load.
    from app.web.notes import notes_html

    if len(text) <= _SHORT_NOTES:
        return notes_html(text)
    return await compute(notes_html, text)
