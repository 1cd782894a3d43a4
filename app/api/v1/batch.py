"""Batches: many changes in one request."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request

from app import crud
from app.api.deps import AppSettings, CurrentViewer
from app.api.errors import problem_of
from app.api.idempotency import DbIdempotentTransactions
from app.api.problems import responses
from app.api.route import Route
from app.core.errors import AppError, FailedDependencyError
from app.core.policy import Scope, Who, allow
from app.core.threads import compute
from app.crud.recipe_batch import BatchOperation, BatchRefusedError, Outcome, id_of, op_of
from app.db.transactions import Session
from app.observability.logging import request_id
from app.schemas.batch import BatchRequest, BatchResults

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
@allow(Who.USER, Scope.WRITE)
async def change_recipes(
    data: BatchRequest,
    viewer: CurrentViewer,
    transactions: DbIdempotentTransactions,
    settings: AppSettings,
    request: Request,
    atomic: Atomic = False,
) -> dict[str, Any]:
    """Do up to 1,000 operations in order. Each has the result of the equivalent request.

    They are committed a few at a time. With `atomic=true` nothing is done if one is refused: that
    one says why, and the others that they depend on it (424). An operation beyond what a batch may
    read and write is a 413: send it in another one.
    """

    def render(index: int, outcome: Outcome) -> dict[str, Any]:
        result: dict[str, Any] = {"index": index, "id": outcome.id, "problem": None}
        if outcome.error is None:
            return result | {"status": _SUCCESS.get(outcome.op, 200)}
        problem = problem_of(outcome.error, _path(outcome) or request.url.path)
        return result | {"status": problem["status"], "problem": problem}

    def read() -> tuple[list[BatchOperation | Outcome], dict[int, dict[str, Any]]]:
        operations = crud.read_operations(data.operations, settings.require_if_match)
        pairs = enumerate(operations)
        return operations, {i: render(i, each) for i, each in pairs if isinstance(each, Outcome)}

    def stored(index: int, outcome: Outcome) -> dict[str, Any]:
        # The same request is refused for the same reasons, so a key need not store them.
        if index in refused:
            return {"index": index, "request_id": request_id.get()}
        return render(index, outcome)

    def run_all(session: Session) -> list[dict[str, Any]]:
        return [stored(*each) for each in enumerate(batch.run_all(session))]

    def run_step(session: Session, first: int) -> list[dict[str, Any]]:
        return [stored(*each) for each in enumerate(batch.run_step(session, first), first)]

    def complete(result: dict[str, Any]) -> dict[str, Any]:
        if "request_id" not in result:
            return result
        found = refused[result["index"]]
        return found | {"problem": found["problem"] | {"request_id": result["request_id"]}}

    operations, refused = await compute(read)
    batch = crud.Batch(operations, viewer)
    results: list[dict[str, Any]] = []
    try:
        if atomic:
            results = await transactions.run(run_all)
        else:
            await transactions.run_in_steps(run_step, results, len(operations))
    except BatchRefusedError as refusal:
        because = FailedDependencyError("Another operation of the batch was refused.")
        outcomes = [Outcome(op_of(each), id_of(each), because) for each in operations]
        outcomes[refusal.index] = refusal.outcome
        results = [render(index, outcome) for index, outcome in enumerate(outcomes)]
    except AppError as error:
        if not results:
            raise
        # What was committed before is done, and only the rest is refused.
        for index, each in enumerate(operations[len(results) :], len(results)):
            if not isinstance(each, Outcome):
                each = Outcome(op_of(each), id_of(each), error)
            results.append(render(index, each))
    return {"results": [*map(complete, results)]}


def _path(outcome: Outcome) -> str | None:
    """Return the path of the equivalent single request."""
    match outcome:
        case Outcome("create", _):
            return _RECIPES
        case Outcome("restore", int(recipe_id)):
            return f"{_RECIPES}/{recipe_id}/restore"
        case Outcome(_, int(recipe_id)):
            return f"{_RECIPES}/{recipe_id}"
    return None
