"""Many changes of recipes in one transaction, each in a savepoint of its own."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import AppError, InvalidError, UnavailableError
from app.core.policy import Viewer
from app.crud.recipe import Precondition, recipe
from app.models.recipe import Recipe
from app.schemas.batch import (
    OPERATION,
    CreateOperation,
    DeleteOperation,
    Operation,
    PatchOperation,
    RestoreOperation,
    TagOperation,
)
from app.schemas.faults import faults_of
from app.schemas.recipe import RecipeUpdate
from app.schemas.types import Id


class Outcome(NamedTuple):
    """What became of an operation: the id of its recipe, and why it was refused."""

    op: str
    id: int | None
    error: AppError | None = None


Judge = Callable[[int, Outcome], dict[str, Any]]
"""From the index and the outcome of an operation to its result."""
PreconditionOf = Callable[[str | None], Precondition]

# The pointers are as in a request of its own: without the operation and its member of the recipe.
_AROUND = {"create", "patch", "delete", "restore", "tag", "untag"}, {"recipe"}


class _Named(BaseModel):
    """What an operation is about, whatever else it says."""

    op: Literal["create", "patch", "delete", "restore", "tag", "untag"]
    id: Id | None = None


class BatchRefusedError(Exception):
    """An operation of an atomic batch was refused, so nothing of it is done."""

    def __init__(self, index: int, outcome: Outcome) -> None:
        super().__init__(f"operation {index}")
        self.index = index
        self.outcome = outcome


def read_operations(given: Sequence[Any]) -> list[Operation | Outcome]:
    """Each operation, or why it is refused. It takes a while, so do it in no transaction."""
    return [_read(each) for each in given]


def _read(given: Any) -> Operation | Outcome:
    try:
        return OPERATION.validate_python(given)
    except ValidationError as error:
        faults = faults_of(error, _AROUND)
        refusal = InvalidError("The request breaks rules; see errors.", faults)
    try:
        named = _Named.model_validate(given)
    except ValidationError:
        return Outcome("", None, refusal)
    return Outcome(named.op, named.id, refusal)


def run_batch(
    session: Session,
    operations: Sequence[Operation | Outcome],
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
        if atomic and outcome.error is not None:
            raise BatchRefusedError(index, outcome)
        results.append(judge(index, outcome))
    return results


def _lock(session: Session, operations: Sequence[Operation | Outcome]) -> None:
    # All at once and before the first change takes its number, in the order of ids: so two batches,
    # or a batch and a single change, never wait for each other.
    ids = {id_of(operation) for operation in operations} - {None}
    rows = select(Recipe.id).where(Recipe.id.in_(ids)).order_by(Recipe.id)
    session.execute(rows.with_for_update())


def _do(
    session: Session,
    operation: Operation | Outcome,
    viewer: Viewer,
    precondition_of: PreconditionOf,
) -> Outcome:
    if isinstance(operation, Outcome):
        return operation
    try:
        with session.begin_nested():
            return Outcome(operation.op, _apply(session, operation, viewer, precondition_of))
    except UnavailableError:
        raise
    except AppError as error:
        return Outcome(operation.op, id_of(operation), error)


def id_of(operation: Operation | Outcome) -> int | None:
    """The id of the recipe that an operation names; one that creates has none yet."""
    return None if isinstance(operation, CreateOperation) else operation.id


def _apply(
    session: Session, operation: Operation, viewer: Viewer, precondition_of: PreconditionOf
) -> int:
    if isinstance(operation, CreateOperation):
        return recipe.submit(session, operation.recipe, viewer).id
    if isinstance(operation, RestoreOperation):
        return recipe.restore(session, operation.id, viewer).id
    precondition = precondition_of(operation.if_match)
    match operation:
        case PatchOperation():
            recipe.patch(session, operation.id, viewer, operation.recipe, precondition)
        case DeleteOperation():
            recipe.trash(session, operation.id, viewer, precondition)
        case TagOperation():
            _tag(session, operation, viewer, precondition)
    return operation.id


def _tag(
    session: Session, operation: TagOperation, viewer: Viewer, precondition: Precondition
) -> None:
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
    recipe.patch(session, operation.id, viewer, changes, precondition)
