"""Imports: the request and the report."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.schemas.types import RequestModel, ResponseModel, Url

Status = Literal["created", "updated", "skipped", "failed"]
OnDuplicate = Literal["skip", "update", "copy"]
MAX_TEXT = 5 * 2**20
MAX_RECIPES = 10_000


def _check_json_ld(value: Any) -> Any:
    limits: dict[type, int] = {dict: MAX_RECIPES, list: MAX_RECIPES, str: MAX_TEXT}
    if len(value) > limits[type(value)] if type(value) in limits else value is not None:
        raise PydanticCustomError(
            "json_ld", "must be an object, a list of up to 10,000, or a text of up to 5 MiB"
        )
    return value


# One validator, since a union would report an error for each of its types.
JsonLd = Annotated[
    Any,
    AfterValidator(_check_json_ld),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "object", "additionalProperties": True},
                {"type": "array", "items": {"type": "object"}, "maxItems": MAX_RECIPES},
                {"type": "string", "maxLength": MAX_TEXT},
                {"type": "null"},
            ]
        }
    ),
]


class ImportOptions(BaseModel):
    """How to import recipes."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(False, description="Report what would happen, and store nothing.")
    on_duplicate: OnDuplicate = Field(
        "skip",
        description="What to do with a recipe that you already have: one from the same page, or"
        " of the same name and ingredients.",
    )


class ImportRequest(RequestModel):
    """One of `url`, `html`, `json_ld` and `text`. Beside `html`, `url` is its source."""

    url: Url | None = Field(None, description="A page to fetch.")
    html: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] | None = Field(
        None, description="An HTML page."
    )
    json_ld: JsonLd = Field(
        None, description="schema.org/Recipe as JSON, in any of its shapes, or as text."
    )
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] | None = Field(
        None, description="A recipe as plain text."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        if len(given - {"url"}) + ("url" in given and "html" not in given) != 1:
            raise PydanticCustomError("one_of", "must have one of url, html, json_ld and text")
        return self


class ImportItem(ResponseModel):
    """The result for one recipe."""

    index: int = Field(description="The position, from 0.")
    name: str | None
    status: Status
    id: int | None = Field(description="The id of the new or existing recipe.")
    problem: dict[str, Any] | None = Field(description="Why it failed.")
    recipe: dict[str, Any] | None = Field(
        None,
        description="With `dry_run`: the recipe as it would be stored.",
        exclude_if=lambda each: not each,
    )


class ImportTotals(ResponseModel):
    """The number of recipes by result."""

    dry_run: bool
    created: int
    updated: int
    skipped: int
    failed: int


class ImportReport(ImportTotals):
    """The results for all recipes of an import."""

    items: list[ImportItem]
