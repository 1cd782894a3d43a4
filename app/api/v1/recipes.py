"""Recipes."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app import crud
from app.api.conditional import IfMatchHeader
from app.api.deps import CurrentViewer, DbReader, DbWriter
from app.api.links import link_next
from app.api.problems import responses
from app.api.route import Route
from app.crud.base import PageOfRows
from app.db.reader import Row
from app.models.recipe import Recipe
from app.schemas.page import Page, RecipeQuery
from app.schemas.recipe import (
    RecipeCreate,
    RecipePublic,
    RecipeReplace,
    RecipeResults,
    RecipeSummary,
    RecipeUpdate,
)
from app.schemas.types import PathId, Text

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

MaxResults = Annotated[int, Query(ge=1, le=100, description="Results at most.")]


@router.get("", response_model=Page[RecipeSummary])
async def list_recipes(
    query: Annotated[RecipeQuery, Query()],
    viewer: CurrentViewer,
    db: DbReader,
    request: Request,
    response: Response,
) -> PageOfRows:
    """The recipes that you may see, a page at a time."""
    page = await crud.recipe.list_visible(db, query, viewer)
    link_next(request, response, page.next_cursor)
    return page


@router.get("/search", response_model=RecipeResults)
async def search_recipes(
    keyword: Annotated[str, Text(1000, 3)],
    viewer: CurrentViewer,
    db: DbReader,
    max_results: MaxResults = 10,
) -> dict[str, list[Row]]:
    """The latest recipes with `keyword` in their label, whatever its case and accents."""
    return {"results": await crud.recipe.search(db, keyword, max_results, viewer)}


@router.get("/my-recipes", response_model=RecipeResults)
async def read_my_recipes(
    viewer: CurrentViewer, db: DbReader, max_results: MaxResults = 100
) -> dict[str, list[Row]]:
    """The latest recipes that you submitted."""
    return {"results": await crud.recipe.of_submitter(db, viewer.id, max_results)}


@router.get("/{recipe_id}", response_model=RecipePublic, responses=responses(404))
async def read_recipe(recipe_id: PathId, viewer: CurrentViewer, db: DbReader) -> Row:
    """One recipe."""
    return await crud.recipe.get_visible(db, recipe_id, viewer)


@router.post("", response_model=RecipePublic, status_code=201, responses=responses(409, 413, 415))
async def create_recipe(
    data: RecipeCreate, viewer: CurrentViewer, write: DbWriter, response: Response
) -> Recipe:
    """Submit a recipe, the whole of it at once."""
    recipe = await write(crud.recipe.submit, data, viewer)
    response.headers["Location"] = f"{router.prefix}/{recipe.id}"
    return recipe


@router.put(
    "/{recipe_id}",
    response_model=RecipePublic,
    responses=responses(404, 412, 413, 415),
)
async def replace_recipe(
    recipe_id: PathId,
    data: RecipeReplace,
    viewer: CurrentViewer,
    write: DbWriter,
    if_match: IfMatchHeader,
) -> Recipe:
    """Replace the whole of a recipe that you submitted."""
    return await write(crud.recipe.replace, recipe_id, viewer, data, if_match)


@router.patch(
    "/{recipe_id}",
    response_model=RecipePublic,
    responses=responses(404, 412, 413, 415),
    openapi_extra=MERGE_PATCH,
)
async def update_recipe(
    recipe_id: PathId,
    changes: RecipeUpdate,
    viewer: CurrentViewer,
    write: DbWriter,
    if_match: IfMatchHeader,
) -> Recipe:
    """Change members of a recipe that you submitted, by a JSON Merge Patch (RFC 7396)."""
    return await write(crud.recipe.patch, recipe_id, viewer, changes, if_match)


@router.delete("/{recipe_id}", status_code=204, responses=responses(404, 412))
async def delete_recipe(
    recipe_id: PathId, viewer: CurrentViewer, write: DbWriter, if_match: IfMatchHeader
) -> None:
    """Put a recipe that you submitted into the trash."""
    await write(crud.recipe.trash, recipe_id, viewer, if_match)
