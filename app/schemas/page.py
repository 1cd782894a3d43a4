"""Lists and their queries."""

from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.schemas.types import Id, Minutes, Name, ResponseModel, Text, Url, Written

MAX_QUERY = 1000
MAX_CHOICES = 10

ItemT = TypeVar("ItemT")

TagNames = Annotated[
    # A kind, a colon and a name.
    list[Annotated[str, Text(120, 1)]],
    Field(max_length=MAX_CHOICES),
]
Foods = Annotated[list[Annotated[str, Text(100, 1)]], Field(max_length=MAX_CHOICES)]


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("moment", "must be within the years 1 to 9999 in UTC") from None


Moment = Annotated[
    AwareDatetime,
    Written,
    AfterValidator(_in_utc),
    Field(description="Later than this moment (RFC 3339)."),
]

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
    """Which recipes, in which order, and what of them."""

    q: Annotated[str, Text(MAX_QUERY)] | None = Field(
        None,
        description="Words, the last of which may be unfinished; `-word` excludes, quotes keep"
        " words together. Case, accents and endings do not matter.",
        examples=['"red curry" -shrimp'],
    )
    tag: TagNames = Field([], description="Has all of them.", examples=[["cuisine:Italian"]])
    any_tag: TagNames = Field([], description="Has one of them.", examples=[["vegan", "diet:raw"]])
    not_tag: TagNames = Field([], description="Has none of them.", examples=[["dessert"]])
    ingredient: Foods = Field([], description="Is made with all of them.", examples=[["rice"]])
    not_ingredient: Foods = Field([], description="Is made without.", examples=[["coconut milk"]])
    max_total_minutes: Minutes | None = Field(None, examples=[30])
    min_total_minutes: Minutes | None = None
    max_prep_minutes: Minutes | None = None
    created_after: Moment | None = Field(None, examples=["2026-11-01T00:00:00Z"])
    updated_after: Moment | None = None
    sort: (
        Literal[
            "relevance",
            "-created_at",
            "created_at",
            "-updated_at",
            "updated_at",
            "label",
            "-label",
            "total_minutes",
        ]
        | None
    ) = Field(
        None,
        description="By default `relevance` with `q`, and without it `-created_at`. A leading minus"
        " is descending; nulls are last in every sort.",
    )
    view: Literal["summary", "full"] = Field("summary", description="`full`: whole recipes.")
    fields: Annotated[str, Field(max_length=1000)] | None = Field(
        None,
        description="Only these members of each, comma separated.",
        examples=["id,label,total_minutes"],
    )
    highlight: bool = Field(
        False, description="With `q`: also snippets in which its words are marked, in `highlights`."
    )
    facets: Annotated[str, Field(max_length=100)] | None = Field(
        None,
        description="Counts beside the items: `tag`, `total_minutes` or both, comma separated. Of"
        " more than 10,000 recipes, the latest 10,000 are counted.",
        examples=["tag,total_minutes"],
    )
    submitter_id: Id | Literal["me"] | None = Field(None, description="Whose; `me` are one's own.")
    source: Name | None = Field(None, description="The whole source, in any case.")
    url: Url | None = Field(
        None, description="The page it is from; `www.` and the like do not matter."
    )
    deleted: bool = Field(False, description="Your trash instead of what is there.")
