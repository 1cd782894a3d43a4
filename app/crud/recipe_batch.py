"""Many changes of recipes in one request, each in a savepoint.

An atomic batch is one small transaction. Any other runs in steps, each a transaction, so that no
batch holds the write lock for long.
"""

import copy
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.bounds import (
    MAX_ATOMIC_BATCH_BYTES,
    MAX_BATCH_BYTES,
    MAX_BATCH_BYTES_OF_RECIPE,
    MAX_BATCH_STEP_BYTES,
    MAX_BATCH_STEP_OPERATIONS,
    MAX_BATCH_STEP_SECONDS,
    MIB,
)
from app.core.errors import AppError, InvalidError, TooLargeError, UnavailableError
from app.core.policy import Viewer
from app.core.preconditions import UNCONDITIONAL, Precondition
from app.core.text import tag_key
from app.crud import user_storage
from app.crud.recipe import recipe
from app.db.transactions import ComputeFirst, after_commit
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
from app.search import index as search_index


class Outcome(NamedTuple):
    """The outcome of an operation: the id of its recipe, and the error if it was refused."""

    op: str
    id: int | None
    error: AppError | None = None


class BatchOperation(NamedTuple):
    """A valid operation, and the precondition that its `if_match` means."""

    operation: Operation
    precondition: Precondition


# Pointers are as in a single request: without the operation and its member `recipe`.
_AROUND = {"create", "patch", "delete", "restore", "tag", "untag"}, {"recipe"}


class _Named(BaseModel):
    """The kind and the recipe of an operation that is not valid otherwise."""

    op: Literal["create", "patch", "delete", "restore", "tag", "untag"]
    id: Id | None = None


class BatchRefusedError(Exception):
    """An operation of an atomic batch was refused, so nothing is done."""

    def __init__(self, index: int, outcome: Outcome) -> None:
        super().__init__(f"operation {index}")
        self.index = index
        self.outcome = outcome


def read_operations(given: Sequence[Any], require_if_match: bool) -> list[BatchOperation | Outcome]:
    """Validate operations. Of one that is refused, return the outcome.

    This is slow, so call it outside a transaction.
    """
    return [_read(each, require_if_match) for each in given]


def _read(given: Any, require_if_match: bool) -> BatchOperation | Outcome:
    try:
        operation = OPERATION.validate_python(given)
        return BatchOperation(operation, _precondition(operation, require_if_match))
    except ValidationError as error:
        faults = faults_of(error, _AROUND)
        refusal = InvalidError("The request breaks rules; see errors.", faults)
    except InvalidError as error:
        refusal = error
    try:
        named = _Named.model_validate(given)
    except ValidationError:
        return Outcome("", None, refusal)
    return Outcome(named.op, named.id, refusal)


def _precondition(operation: Operation, require_if_match: bool) -> Precondition:
    if isinstance(operation, CreateOperation | RestoreOperation):
        return UNCONDITIONAL
    if_match = None if operation.if_match is None else [operation.if_match]
    return Precondition.from_headers(if_match, is_required=require_if_match)


class Costs:
    """Bytes of documents that the operations of a batch have read and written, by recipe."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._bytes: Counter[int] = Counter()
        self._is_spent = False
        self._spent: set[int] = set()

    def copy(self) -> "Costs":
        """The same costs, to add those of one transaction to."""
        copied = copy.copy(self)
        copied._bytes, copied._spent = self._bytes.copy(), self._spent.copy()
        return copied

    def total(self) -> int:
        """The sum for all recipes."""
        return self._bytes.total()

    def check(self, recipe_id: int | None) -> None:
        """Raise TooLargeError if an earlier operation was refused for its cost."""
        if self._is_spent:
            raise _too_large("a batch", self._maximum)
        if recipe_id in self._spent:
            raise _too_large("one recipe in a batch", MAX_BATCH_BYTES_OF_RECIPE)

    def add(self, recipe_id: int, cost: int) -> None:
        """Add the cost of an operation. Raises TooLargeError if it is too much."""
        self._is_spent = self.total() + cost > self._maximum
        if self._bytes[recipe_id] + cost > MAX_BATCH_BYTES_OF_RECIPE:
            self._spent.add(recipe_id)
        self.check(recipe_id)
        self._bytes[recipe_id] += cost


def _too_large(of_what: str, maximum: int) -> TooLargeError:
    detail = f"The operations of {of_what} may read and write {maximum // MIB} MiB of documents."
    return TooLargeError(f"{detail} Send the rest in another batch.")


class Batch:
    """The operations of a batch, and their costs so far."""

    def __init__(self, operations: Sequence[BatchOperation | Outcome], viewer: Viewer) -> None:
        self.operations = operations
        self._viewer = viewer
        self._costs = Costs(MAX_BATCH_BYTES)

    def run_all(self, session: Session) -> list[Outcome]:
        """Run every operation. Raises BatchRefusedError for the first that is refused."""
        costs = Costs(MAX_ATOMIC_BATCH_BYTES)
        operations, documents = _within(self.operations, MAX_ATOMIC_BATCH_BYTES)
        if len(operations) < len(self.operations):
            error = _too_large("a batch", MAX_ATOMIC_BATCH_BYTES)
            raise BatchRefusedError(len(operations), Outcome("create", None, error))
        _prepare(session, operations, documents)
        outcomes: list[Outcome] = []
        for index, operation in enumerate(self.operations):
            outcome = self._do(session, operation, costs)
            if outcome.error is not None:
                raise BatchRefusedError(index, outcome)
            outcomes.append(outcome)
        return outcomes

    def run_step(self, session: Session, first: int) -> list[Outcome]:
        """Run the operations from `first` on that fit into one transaction."""
        costs = self._costs.copy()
        end = first + MAX_BATCH_STEP_OPERATIONS
        operations, documents = _within(self.operations[first:end], MAX_BATCH_STEP_BYTES)
        _prepare(session, operations, documents)
        outcomes: list[Outcome] = []
        began = time.monotonic()
        for operation in operations:
            try:
                outcome = self._do(session, operation, costs)
            except ComputeFirst:
                if not outcomes:
                    raise
                break
            outcomes.append(outcome)
            is_late = time.monotonic() - began > MAX_BATCH_STEP_SECONDS
            if is_late or costs.total() - self._costs.total() > MAX_BATCH_STEP_BYTES:
                break
        after_commit(session, lambda: setattr(self, "_costs", costs))
        return outcomes

    def _do(self, session: Session, operation: BatchOperation | Outcome, costs: Costs) -> Outcome:
        """Run one operation and add its cost to `costs`."""
        if isinstance(operation, Outcome):
            return operation
        try:
            costs.check(id_of(operation))
            with session.begin_nested():
                changed = _apply(session, operation, self._viewer)
                costs.add(changed.id, _cost(operation.operation, changed))
        except UnavailableError:
            raise
        except AppError as error:
            return Outcome(op_of(operation), id_of(operation), error)
        return Outcome(op_of(operation), changed.id)


def _within(
    operations: Sequence[BatchOperation | Outcome], maximum: int
) -> tuple[Sequence[BatchOperation | Outcome], list[dict[str, Any]]]:
    """Return the first operations whose new recipes have `maximum` bytes, and those recipes."""
    documents: list[dict[str, Any]] = []
    size = 0
    for number, each in enumerate(operations):
        if isinstance(each, BatchOperation) and isinstance(each.operation, CreateOperation):
            document = each.operation.recipe.model_dump()
            size += user_storage.size_of(document)
            if size > maximum and number > 0:
                return operations[:number], documents
            documents.append(document)
    return operations, documents


def _prepare(
    session: Session,
    operations: Sequence[BatchOperation | Outcome],
    documents: Sequence[dict[str, Any]],
) -> None:
    search_index.compute_terms(session, documents)
    # All at once, before the first change takes its number, and in the order of ids, so that two
    # batches, or a batch and a single change, never deadlock.
    ids = {id_of(operation) for operation in operations} - {None}
    rows = select(Recipe.id).where(Recipe.id.in_(ids)).order_by(Recipe.id)
    session.execute(rows.with_for_update())


def _cost(operation: Operation, changed: Recipe) -> int:
    """Return the bytes read and written, with the version before for an existing recipe."""
    return changed.size if isinstance(operation, CreateOperation) else 2 * changed.size


def id_of(each: BatchOperation | Outcome) -> int | None:
    """Return the id of the recipe that an operation names; one that creates has none yet."""
    named = each.operation if isinstance(each, BatchOperation) else each
    return None if isinstance(named, CreateOperation) else named.id


def op_of(each: BatchOperation | Outcome) -> str:
    """Return the kind of an operation."""
    return each.operation.op if isinstance(each, BatchOperation) else each.op


def _apply(session: Session, given: BatchOperation, viewer: Viewer) -> Recipe:
    operation, precondition = given
    if isinstance(operation, CreateOperation):
        return recipe.submit(session, operation.recipe, viewer)
    if isinstance(operation, RestoreOperation):
        return recipe.restore(session, operation.id, viewer)
    match operation:
        case PatchOperation():
            return recipe.patch(session, operation.id, viewer, operation.recipe, precondition)
        case DeleteOperation():
            return recipe.trash(session, operation.id, viewer, precondition)
        case TagOperation():
            return _tag(session, operation, viewer, precondition)


def _tag(
    session: Session, operation: TagOperation, viewer: Viewer, precondition: Precondition
) -> Recipe:
    row = recipe.load_own(session, operation.id, viewer)
    named = {(tag.kind, tag_key(tag.name)) for tag in operation.tags}
    tags = [tag for tag in row.tags if (tag["kind"], tag_key(tag["name"])) not in named]
    if operation.op == "tag":
        there = {(tag["kind"], tag_key(tag["name"])) for tag in row.tags}
        new = [tag for tag in operation.tags if (tag.kind, tag_key(tag.name)) not in there]
        tags = [*row.tags, *(tag.model_dump() for tag in new)]
    try:
        changes = RecipeUpdate.model_validate({"tags": tags})
    except ValidationError as error:
        raise InvalidError("These are too many tags.", faults_of(error)) from None
    return recipe.patch(session, operation.id, viewer, changes, precondition)
