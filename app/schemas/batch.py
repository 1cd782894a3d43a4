"""Batches: the request and its results."""

from typing import Annotated, Any, Literal

from pydantic import Field, SkipValidation, TypeAdapter

from app.schemas.document import Tags
from app.schemas.recipe import RecipeCreate, RecipeUpdate
from app.schemas.types import Id, RequestModel, ResponseModel

MAX_OPERATIONS = 1000


class CreateOperation(RequestModel):
    """As POST /recipes."""

    op: Literal["create"]
    recipe: RecipeCreate


class ConditionalOperation(RequestModel):
    """A change of a recipe; `if_match` is the header If-Match."""

    id: Id
    if_match: Annotated[str, Field(max_length=4096)] | None = None


class PatchOperation(ConditionalOperation):
    """As PATCH /recipes/{id}."""

    op: Literal["patch"]
    recipe: RecipeUpdate


class DeleteOperation(ConditionalOperation):
    """As DELETE /recipes/{id}."""

    op: Literal["delete"]


class RestoreOperation(RequestModel):
    """As POST /recipes/{id}/restore."""

    op: Literal["restore"]
    id: Id


class TagOperation(ConditionalOperation):
    """Add missing tags, or remove existing ones."""

    op: Literal["tag", "untag"]
    tags: Tags


Operation = Annotated[
    CreateOperation | PatchOperation | DeleteOperation | RestoreOperation | TagOperation,
    Field(discriminator="op"),
]
OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


class BatchRequest(RequestModel):
    """Up to 1,000 operations, done in order. Each has its own result."""

    # Validated one by one, because an invalid one must not stop the others.
    operations: Annotated[
        list[Annotated[Operation, SkipValidation]],
        Field(min_length=1, max_length=MAX_OPERATIONS),
    ]


class BatchResult(ResponseModel):
    """The result of one operation: the status and problem of the equivalent request."""

    index: int
    status: int
    id: int | None
    problem: dict[str, Any] | None


class BatchResults(ResponseModel):
    """One result per operation, in order."""

    results: list[BatchResult]
