"""Many changes in one request."""

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


class PatchOperation(RequestModel):
    """As PATCH /recipes/{id}; `if_match` is the header If-Match."""

    op: Literal["patch"]
    id: Id
    recipe: RecipeUpdate
    if_match: Annotated[str, Field(max_length=4096)] | None = None


class TrashOperation(RequestModel):
    """As DELETE /recipes/{id}, and as POST /recipes/{id}/restore."""

    op: Literal["delete", "restore"]
    id: Id


class TagOperation(RequestModel):
    """Add tags that are not there yet, or take those away that are."""

    op: Literal["tag", "untag"]
    id: Id
    tags: Tags


Operation = Annotated[
    CreateOperation | PatchOperation | TrashOperation | TagOperation, Field(discriminator="op")
]
OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


class BatchRequest(RequestModel):
    """Up to 1,000 operations, done in their order. Each is judged by itself."""

    # Validated one by one, because one that is wrong must not stop the others.
    operations: Annotated[
        list[Annotated[Operation, SkipValidation]],
        Field(min_length=1, max_length=MAX_OPERATIONS),
    ]


class BatchResult(ResponseModel):
    """What became of one operation: the status and the problem of the single request."""

    index: int
    status: int
    id: int | None
    problem: dict[str, Any] | None


class BatchResults(ResponseModel):
    """One result for each operation, in their order."""

    results: list[BatchResult]
