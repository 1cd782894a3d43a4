"""What is brought in, and the report of what became of it."""

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
    sizes: dict[type, int] = {dict: MAX_RECIPES, list: MAX_RECIPES, str: MAX_TEXT}
    if len(value) > sizes[type(value)] if type(value) in sizes else value is not None:
        raise PydanticCustomError(
            "json_ld", "must be an object, a list of up to 10,000, or a text of up to 5 MiB"
        )
    return value


# One validator, since of a union each part would tell why it is not the one that was meant.
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
    """How recipes are brought in."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(False, description="Tell what would become of each, and store nothing.")
    on_duplicate: OnDuplicate = Field(
        "skip",
        description="What is done with a recipe that you have already: one from the same page, or"
        " of the same name and ingredients.",
    )


class ImportRequest(RequestModel):
    """One of `url`, `html`, `json_ld` and `text`; beside `html`, `url` says where it is from."""

    url: Url | None = Field(None, description="A page to fetch.")
    html: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] | None = Field(
        None, description="A page."
    )
    json_ld: JsonLd = Field(
        None, description="schema.org/Recipe as JSON, in any of its shapes, or as its text."
    )
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] | None = Field(
        None, description="A recipe as it was written or copied."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        if len(given - {"url"}) + ("url" in given and "html" not in given) != 1:
            raise PydanticCustomError("one_of", "must have one of url, html, json_ld and text")
        return self


class ImportItem(ResponseModel):
    """What became of one recipe."""

    index: int = Field(description="Its place, counted from 0.")
    name: str | None
    status: Status
    id: int | None = Field(description="Of the recipe that it has become, or that was there.")
    problem: dict[str, Any] | None = Field(description="Why it failed.")
    recipe: dict[str, Any] | None = Field(
        None, description="With `dry_run`: as it would be stored.", exclude_if=lambda each: not each
    )


class ImportTotals(ResponseModel):
    """How many recipes became what."""

    dry_run: bool
    created: int
    updated: int
    skipped: int
    failed: int


class ImportReport(ImportTotals):
    """What became of each recipe of an import."""

    items: list[ImportItem]
