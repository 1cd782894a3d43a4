"""Many changes of recipes in one request."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app import crud
from app.api.conditional import Preconditions
from app.api.deps import AppSettings, CurrentViewer
from app.api.errors import problem_of
from app.api.idempotency import DbOnceWriter
from app.api.problems import responses
from app.api.route import Route
from app.core.errors import FailedDependencyError
from app.crud.recipe_batch import BatchRefusedError, Outcome, id_of
from app.schemas.batch import BatchRequest, BatchResults
from app.schemas.recipe import RecipePublic

router = APIRouter(
    prefix="/api/v1/recipes/batch",
    tags=["recipes"],
    route_class=Route,
    responses=responses(400, 415, 422, 503),
)

_RECIPES = router.prefix.removesuffix("/batch")
_SUCCESS = {"create": 201, "delete": 204}
Atomic = Annotated[bool, Query(description="All or nothing: one that is refused undoes the rest.")]


@router.post("", response_model=BatchResults)
async def change_recipes(
    data: BatchRequest,
    viewer: CurrentViewer,
    write_once: DbOnceWriter,
    settings: AppSettings,
    request: Request,
    atomic: Atomic = False,
) -> dict[str, Any]:
    """Do up to 1,000 operations in their order; each has the result of its single request.

    With `atomic=true` nothing is done where one is refused: that one says why, and the others
    that they depend on it (424).
    """

    def precondition_of(if_match: str | None) -> Preconditions:
        lines = None if if_match is None else [if_match]
        return Preconditions(lines, None, RecipePublic, settings.require_if_match)

    def judge(index: int, outcome: Outcome) -> dict[str, Any]:
        result: dict[str, Any] = {"index": index, "id": outcome.id, "problem": None}
        if outcome.error is None:
            return result | {"status": _SUCCESS.get(outcome.op, 200)}
        problem = problem_of(outcome.error, _path(outcome) or request.url.path)
        return result | {"status": problem["status"], "problem": problem}

    operations = await run_in_threadpool(crud.read_operations, data.operations)
    try:
        results = await write_once(
            crud.run_batch, operations, viewer, judge, precondition_of, atomic=atomic
        )
    except BatchRefusedError as refused:
        because = FailedDependencyError("Another operation of the batch was refused.")
        outcomes = [Outcome(each.op, id_of(each), because) for each in operations]
        outcomes[refused.index] = refused.outcome
        results = [judge(index, outcome) for index, outcome in enumerate(outcomes)]
    return {"results": results}


def _path(outcome: Outcome) -> str | None:
    """The path of the single request that would have done the same."""
    match outcome:
        case Outcome("create", _):
            return _RECIPES
        case Outcome("restore", int(recipe_id)):
            return f"{_RECIPES}/{recipe_id}/restore"
        case Outcome(_, int(recipe_id)):
            return f"{_RECIPES}/{recipe_id}"
    return None
