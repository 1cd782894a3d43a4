"""Versions of recipes."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app import crud
from app.api.deps import CurrentViewer, DbReader, OptionalPrecondition
from app.api.idempotency import DbIdempotentTransactions
from app.api.links import link_next
from app.api.problems import responses
from app.api.route import Route
from app.core.json_patch import make_patch
from app.core.policy import Scope, Who, allow
from app.crud.base import PageOfRows
from app.models.recipe import Recipe
from app.schemas.page import Page
from app.schemas.recipe import RecipePublic, VersionDiff, VersionEntry, VersionPublic, VersionQuery
from app.schemas.types import PathId, PathVersion, ShareKey, VersionNumber

router = APIRouter(
    prefix="/api/v1/recipes/{recipe_id}/versions",
    tags=["versions"],
    route_class=Route,
    responses=responses(400, 404, 422, 503),
)

Against = Annotated[VersionNumber | None, Query(description="By default the version before.")]


@router.get("", response_model=Page[VersionEntry])
@allow(Who.ANYONE, Scope.READ)
async def list_versions(
    recipe_id: PathId,
    query: Annotated[VersionQuery, Query()],
    viewer: CurrentViewer,
    db: DbReader,
    request: Request,
    response: Response,
) -> PageOfRows:
    """The versions of a recipe, the current one first."""
    page = await crud.versions.list_versions(db, recipe_id, viewer, query, query.key)
    link_next(request, response, page.next_cursor)
    return page


@router.get("/{version}", response_model=VersionPublic)
@allow(Who.ANYONE, Scope.READ)
async def read_version(
    recipe_id: PathId,
    version: PathVersion,
    viewer: CurrentViewer,
    db: DbReader,
    key: ShareKey = "",
) -> dict[str, Any]:
    """One version, with the whole recipe."""
    return await crud.versions.get_version(db, recipe_id, version, viewer, key)


@router.get("/{version}/diff", response_model=VersionDiff)
@allow(Who.ANYONE, Scope.READ)
async def diff_version(
    recipe_id: PathId,
    version: PathVersion,
    viewer: CurrentViewer,
    db: DbReader,
    against: Against = None,
    key: ShareKey = "",
) -> VersionDiff:
    """A JSON Patch from the version `against` to this one."""
    new = await crud.versions.get_version(db, recipe_id, version, viewer, key)
    before = against or max(version - 1, 1)
    old = await crud.versions.get_version(db, recipe_id, before, viewer, key)
    return VersionDiff(patch=make_patch(old["recipe"], new["recipe"]))


@router.post("/{version}/restore", response_model=RecipePublic, responses=responses(412))
@allow(Who.OWNER, Scope.WRITE)
async def restore_version(
    recipe_id: PathId,
    version: PathVersion,
    viewer: CurrentViewer,
    transactions: DbIdempotentTransactions,
    precondition: OptionalPrecondition,
) -> Recipe:
    """Restore an earlier version, as a new version."""
    return await transactions.run(
        crud.recipe.restore_version, recipe_id, version, viewer, precondition
    )
