"""Many changes of recipes in one transaction, each in a savepoint of its own."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import AppError, InvalidError, UnavailableError
from app.core.policy import Viewer
from app.crud.recipe import Precondition, recipe
from app.models.recipe import Recipe
from app.schemas.batch import (
    OPERATION,
    CreateOperation,
    Operation,
    PatchOperation,
    TagOperation,
)
from app.schemas.faults import faults_of
from app.schemas.recipe import RecipeUpdate

Outcome = tuple[str, int | None, AppError | None]
"""The kind of the operation, the id of its recipe, and why it was refused."""
Judge = Callable[[int, Outcome], dict[str, Any]]
"""From the index and the outcome of an operation to its result."""
PreconditionOf = Callable[[str | None], Precondition]

# The pointers are as in a request of its own: without the operation and its member of the recipe.
_AROUND = {"create", "patch", "delete", "restore", "tag", "untag"}, {"recipe"}


class BatchRefusedError(Exception):
    """An operation of an atomic batch was refused, so nothing of it is done."""

    def __init__(self, index: int, outcome: Outcome) -> None:
        super().__init__(f"operation {index}")
        self.index = index
        self.outcome = outcome


def read_operations(given: Sequence[Any]) -> list[Operation | InvalidError]:
    """Each operation, or what is wrong with it. It takes a while, so do it in no transaction."""
    return [_read(each) for each in given]


def _read(given: Any) -> Operation | InvalidError:
    try:
        return OPERATION.validate_python(given)
    except ValidationError as error:
        faults = faults_of(error, _AROUND)
        return InvalidError("The request breaks rules; see errors.", faults)


def run_batch(
    session: Session,
    operations: Sequence[Operation | InvalidError],
    viewer: Viewer,
    judge: Judge,
    precondition_of: PreconditionOf,
    *,
    atomic: bool,
) -> list[dict[str, Any]]:
    """Do each operation, and tell what became of it. Raises BatchRefusedError if `atomic`."""
    _lock(session, operations)
    results = []
    for index, operation in enumerate(operations):
        outcome = _do(session, operation, viewer, precondition_of)
        if atomic and outcome[2] is not None:
            raise BatchRefusedError(index, outcome)
        results.append(judge(index, outcome))
    return results


def _lock(session: Session, operations: Sequence[Operation | InvalidError]) -> None:
    # All at once and before the first change takes its number, in the order of ids: so two batches,
    # or a batch and a single change, never wait for each other.
    ids = {getattr(operation, "id", None) for operation in operations} - {None}
    rows = select(Recipe.id).where(Recipe.id.in_(ids)).order_by(Recipe.id)
    session.execute(rows.with_for_update())


def _do(
    session: Session,
    operation: Operation | InvalidError,
    viewer: Viewer,
    precondition_of: PreconditionOf,
) -> Outcome:
    if isinstance(operation, InvalidError):
        return "", None, operation
    try:
        with session.begin_nested():
            return operation.op, _apply(session, operation, viewer, precondition_of), None
    except UnavailableError:
        raise
    except AppError as error:
        return operation.op, getattr(operation, "id", None), error


def _apply(
    session: Session, operation: Operation, viewer: Viewer, precondition_of: PreconditionOf
) -> int:
    match operation:
        case CreateOperation():
            return recipe.submit(session, operation.recipe, viewer).id
        case PatchOperation():
            precondition = precondition_of(operation.if_match)
            recipe.patch(session, operation.id, viewer, operation.recipe, precondition)
        case TagOperation():
            _tag(session, operation, viewer)
        case _ if operation.op == "delete":
            recipe.trash(session, operation.id, viewer, _no_precondition)
        case _:
            recipe.restore(session, operation.id, viewer)
    return operation.id


def _tag(session: Session, operation: TagOperation, viewer: Viewer) -> None:
    row = recipe.load_own(session, operation.id, viewer)
    named = {(tag.kind, tag.name.casefold()) for tag in operation.tags}
    tags = [tag for tag in row.tags if (tag["kind"], tag["name"].casefold()) not in named]
    if operation.op == "tag":
        there = {(tag["kind"], tag["name"].casefold()) for tag in row.tags}
        new = [tag for tag in operation.tags if (tag.kind, tag.name.casefold()) not in there]
        tags = [*row.tags, *(tag.model_dump() for tag in new)]
    try:
        changes = RecipeUpdate.model_validate({"tags": tags})
    except ValidationError as error:
        raise InvalidError("These are too many tags.", faults_of(error)) from None
    recipe.patch(session, operation.id, viewer, changes, _no_precondition)


def _no_precondition(row: Recipe, version: int | None) -> None:
    """A change that does not depend on what its client has seen."""
