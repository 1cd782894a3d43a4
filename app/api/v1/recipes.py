"""Recipes."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app import crud
from app.api.deps import CurrentViewer, DbReader, DbTransactions, RequestPrecondition
from app.api.idempotency import DbIdempotentTransactions
from app.api.links import link_next, share_url
from app.api.problems import responses
from app.api.representation import JSON, OFFERED, represent, scaled
from app.api.route import Route
from app.core.policy import Scope, Who, allow
from app.crud.base import PageOfRows, RowsOf
from app.db.reader import Row
from app.models.recipe import Recipe
from app.schemas.document import Servings
from app.schemas.page import RecipeQuery
from app.schemas.recipe import (
    RecipeChanges,
    RecipeCreate,
    RecipePage,
    RecipePublic,
    RecipeReplace,
    RecipeResults,
    RecipeUpdate,
    ShareLinkPublic,
)
from app.schemas.types import MAX_ID, PathId, ShareKey, Text

router = APIRouter(
    prefix="/api/v1/recipes",
    tags=["recipes"],
    route_class=Route,
    responses=responses(400, 422, 503),
)

# FastAPI takes any JSON media type, and documents the plain one.
MERGE_PATCH = {
    "requestBody": {
        "content": {
            "application/merge-patch+json": {
                "schema": {"$ref": "#/components/schemas/RecipeUpdate"}
            }
        }
    }
}

Since = Annotated[int, Query(ge=0, le=MAX_ID, description="`next_since` of the answer before.")]
ChangesLimit = Annotated[int, Query(ge=1, le=1000, description="Changes at most.")]
ForServings = Annotated[
    Servings | None, Query(description="Scale the quantities to this number of servings.")
]
Permanent = Annotated[
    bool, Query(description="Remove it with its history; nothing brings it back.")
]
REPRESENTATIONS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {} for media_type in OFFERED if media_type != JSON}}
}
MaxResults = Annotated[int, Query(ge=1, le=100, description="Results at most.")]


@router.get("", response_model=RecipePage)
@allow(Who.ANYONE, Scope.READ)
async def list_recipes(
    query: Annotated[RecipeQuery, Query()],
    viewer: CurrentViewer,
    db: DbReader,
    request: Request,
    response: Response,
) -> PageOfRows:
    """The recipes that you can find, in pages. With `q` the most relevant come first.

    A recipe is the more relevant the more telling the field is that has all the words: the label,
    the tags, the ingredients, the rest; of those that are alike the latest comes first.
    """
    page = await crud.list_recipes(db, query, viewer)
    link_next(request, response, page.next_cursor)
    return page


@router.get("/search", response_model=RecipeResults)
@allow(Who.ANYONE, Scope.READ)
async def search_recipes(
    keyword: Annotated[str, Text(1000, 3)],
    viewer: CurrentViewer,
    db: DbReader,
    max_results: MaxResults = 10,
) -> RowsOf:
    """The most relevant recipes for `keyword`, as `q` of the list finds them.

    Fewer if all of them together are larger than 4 MiB.
    """
    query = RecipeQuery(q=keyword, limit=max_results, view="full")
    page = await crud.list_recipes(db, query, viewer)
    return RowsOf(RecipeResults, {"results": page.items})


@router.get("/my-recipes", response_model=RecipeResults)
@allow(Who.USER, Scope.READ)
async def read_my_recipes(
    viewer: CurrentViewer, db: DbReader, max_results: MaxResults = 100
) -> RowsOf:
    """Your latest recipes. Fewer than `max_results` if they exceed 4 MiB."""
    query = RecipeQuery(submitter_id="me", limit=max_results, view="full")
    page = await crud.list_recipes(db, query, viewer)
    return RowsOf(RecipeResults, {"results": page.items})


@router.get("/changes", response_model=RecipeChanges)
@allow(Who.ANYONE, Scope.READ)
async def list_changes(
    viewer: CurrentViewer, db: DbReader, since: Since = 0, limit: ChangesLimit = 100
) -> RowsOf:
    """The changes since `next_since` of your last response, in order.

    For those who keep a copy: begin at 0, repeat until `items` is empty. Of what has left your
    lists, or was removed, only the id and that it is deleted. An answer ends early if its recipes
    are larger than 4 MiB.
    """
    return await crud.changes_since(db, viewer, since, limit)


@router.get(
    "/{recipe_id}",
    response_model=RecipePublic,
    responses={**REPRESENTATIONS, **responses(404, 406)},
)
@allow(Who.ANYONE, Scope.READ)
async def read_recipe(
    recipe_id: PathId,
    viewer: CurrentViewer,
    db: DbReader,
    request: Request,
    servings: ForServings = None,
    key: ShareKey = "",
) -> Response:
    """One recipe, as JSON, schema.org JSON-LD or Markdown, depending on Accept."""
    recipe = await crud.recipe.get_visible(db, recipe_id, viewer, key)
    if servings is not None:
        recipe = await scaled(recipe, servings)
    return await represent(request, recipe)


@router.post("", response_model=RecipePublic, status_code=201, responses=responses(404, 409, 415))
@allow(Who.USER, Scope.WRITE)
async def create_recipe(
    data: RecipeCreate,
    viewer: CurrentViewer,
    transactions: DbIdempotentTransactions,
    response: Response,
) -> Recipe:
    """Create a recipe."""
    recipe = await transactions.run(crud.recipe.submit, data, viewer)
    response.headers["Location"] = f"{router.prefix}/{recipe.id}"
    return recipe


@router.put(
    "/{recipe_id}",
    response_model=RecipePublic,
    responses=responses(404, 412, 415, 428),
)
@allow(Who.OWNER, Scope.WRITE)
async def replace_recipe(
    recipe_id: PathId,
    data: RecipeReplace,
    viewer: CurrentViewer,
    transactions: DbTransactions,
    precondition: RequestPrecondition,
) -> Recipe:
    """Replace a recipe of yours."""
    return await transactions.run(crud.recipe.replace, recipe_id, viewer, data, precondition)


@router.patch(
    "/{recipe_id}",
    response_model=RecipePublic,
    responses=responses(404, 412, 415, 428),
    openapi_extra=MERGE_PATCH,
)
@allow(Who.OWNER, Scope.WRITE)
async def update_recipe(
    recipe_id: PathId,
    changes: RecipeUpdate,
    viewer: CurrentViewer,
    transactions: DbTransactions,
    precondition: RequestPrecondition,
) -> Recipe:
    """Change members of a recipe of yours, by a JSON Merge Patch (RFC 7396)."""
    return await transactions.run(crud.recipe.patch, recipe_id, viewer, changes, precondition)


@router.delete("/{recipe_id}", status_code=204, responses=responses(404, 412, 428))
@allow(Who.OWNER, Scope.WRITE)
async def delete_recipe(
    recipe_id: PathId,
    viewer: CurrentViewer,
    transactions: DbTransactions,
    precondition: RequestPrecondition,
    permanent: Permanent = False,
) -> None:
    """Move a recipe of yours to the trash, or delete it permanently."""
    work = crud.recipe.remove_for_good if permanent else crud.recipe.trash
    await transactions.run(work, recipe_id, viewer, precondition)


@router.post("/{recipe_id}/restore", response_model=RecipePublic, responses=responses(404))
@allow(Who.OWNER, Scope.WRITE)
async def restore_recipe(
    recipe_id: PathId, viewer: CurrentViewer, transactions: DbIdempotentTransactions
) -> Recipe:
    """Restore a recipe of yours from the trash."""
    return await transactions.run(crud.recipe.restore, recipe_id, viewer)


@router.get("/{recipe_id}/share-link", response_model=ShareLinkPublic, responses=responses(404))
@allow(Who.OWNER, Scope.READ)
async def read_share_link(
    recipe_id: PathId,
    viewer: CurrentViewer,
    db: DbReader,
    transactions: DbTransactions,
    request: Request,
    response: Response,
) -> ShareLinkPublic:
    """The share link, which opens a recipe of yours for others while it is unlisted."""
    recipe = await crud.recipe.get_own(db, recipe_id, viewer)
    key = await crud.share_link.read_key(db, recipe_id)
    if key is None:  # It has never been unlisted.
        key = await transactions.run(crud.recipe.share, recipe_id, viewer)
    return _share_link(request, response, recipe, key)


@router.post(
    "/{recipe_id}/share-link",
    response_model=ShareLinkPublic,
    status_code=201,
    responses=responses(404),
)
@allow(Who.OWNER, Scope.WRITE)
async def renew_share_link(
    recipe_id: PathId,
    viewer: CurrentViewer,
    db: DbReader,
    transactions: DbTransactions,
    request: Request,
    response: Response,
) -> ShareLinkPublic:
    """Replace the share link of a recipe of yours. The old link stops working."""
    recipe = await crud.recipe.get_own(db, recipe_id, viewer)
    key = await transactions.run(crud.recipe.renew_share_link, recipe_id, viewer)
    response.headers["Location"] = f"{router.prefix}/{recipe_id}/share-link"
    return _share_link(request, response, recipe, key)


def _share_link(request: Request, response: Response, recipe: Row, key: str) -> ShareLinkPublic:
    response.headers["Cache-Control"] = "no-store"
    return ShareLinkPublic(url=share_url(request, recipe, key), key=key)
