"""Lists and their queries."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.types import Id, Name, ResponseModel, Url

ItemT = TypeVar("ItemT")

Limit = Annotated[int, Field(ge=1, le=100, description="Items of a page.")]


class Page(ResponseModel, Generic[ItemT]):
    """One page of a list. `next_cursor` leads to the next, and is null on the last."""

    items: list[ItemT]
    next_cursor: str | None
    total: int | None = Field(
        None,
        description="All items; there only where `count=true` asks for it.",
        exclude_if=lambda total: total is None,
    )


class PageQuery(BaseModel):
    """How to walk through a list."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 20
    cursor: Annotated[str, Field(max_length=4096)] | None = Field(
        None, description="`next_cursor` of the page before, with the same sort and filters."
    )
    count: bool = Field(False, description="Also count all items, in `total`.")


class RecipeQuery(PageQuery):
    """Which recipes, in which order."""

    sort: Literal[
        "-created_at",
        "created_at",
        "-updated_at",
        "updated_at",
        "label",
        "-label",
        "total_minutes",
    ] = Field(
        "-created_at", description="A leading minus is descending; nulls are last in every sort."
    )
    submitter_id: Id | Literal["me"] | None = Field(None, description="Whose; `me` are one's own.")
    source: Name | None = Field(None, description="The whole source, in any case.")
    url: Url | None = Field(
        None, description="The page it is from; `www.` and the like do not matter."
    )
    deleted: bool = Field(False, description="Your trash instead of what is there.")
