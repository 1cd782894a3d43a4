"""Pages of lists, and the queries of lists."""

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

Limit = Annotated[int, Field(ge=1, le=100, description="The number of items of a page.")]


class Page(ResponseModel, Generic[ItemT]):
    """One page of a list. `next_cursor` requests the next one, and is null on the last."""

    items: list[ItemT]
    next_cursor: str | None
    total: int | None = Field(
        None,
        description="The number of all items. Present only with `count=true`.",
        exclude_if=lambda total: total is None,
    )


class PageQuery(BaseModel):
    """Pagination of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 20
    cursor: Annotated[str, Field(max_length=4096)] | None = Field(
        None, description="`next_cursor` of the previous page, with the same sort and filters."
    )
    count: bool = Field(False, description="Also return the number of all items, in `total`.")


class RecipeQuery(PageQuery):
    """The filters, the order and the content of a list of recipes."""

    q: Annotated[str, Text(MAX_QUERY)] | None = Field(
        None,
        description="Words, the last of which may be incomplete; `-word` excludes, quotes search"
        " for a phrase. Case, accents and endings do not matter, and neither do common words."
        " Synonyms are found as well.",
        examples=['"red curry" -shrimp'],
    )
    tag: TagNames = Field([], description="Has all of them.", examples=[["cuisine:Italian"]])
    any_tag: TagNames = Field([], description="Has one of them.", examples=[["vegan", "diet:raw"]])
    not_tag: TagNames = Field([], description="Has none of them.", examples=[["dessert"]])
    ingredient: Foods = Field([], description="Contains all of them.", examples=[["rice"]])
    not_ingredient: Foods = Field(
        [],
        description="Contains none of them, compared by words: no check for allergens.",
        examples=[["coconut milk"]],
    )
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
        description="The default is `relevance` with `q`, else `-created_at`. A leading minus is"
        " descending; nulls are last in every sort.",
    )
    view: Literal["summary", "full"] = Field("summary", description="`full`: whole recipes.")
    fields: Annotated[str, Field(max_length=1000)] | None = Field(
        None,
        description="Only these members of each recipe, comma separated.",
        examples=["id,label,total_minutes"],
    )
    highlight: bool = Field(
        False,
        description="With `q`: also return `highlights`, snippets in which its words are marked.",
    )
    facets: Annotated[str, Field(max_length=100)] | None = Field(
        None,
        description="Counts beside the items: `tag`, `total_minutes` or both, comma separated. Of"
        " more than 10,000 recipes, the latest 10,000 are counted.",
        examples=["tag,total_minutes"],
    )
    submitter_id: Id | Literal["me"] | None = Field(
        None, description="The recipes of this account; `me`: your own."
    )
    source: Name | None = Field(
        None, description="The full name of the source. Case does not matter."
    )
    url: Url | None = Field(
        None, description="The page that the recipe is from. `www.` and the like do not matter."
    )
    deleted: bool = Field(False, description="List your trash instead.")
