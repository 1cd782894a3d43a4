"""Tags in lists."""

from typing import Annotated, Literal

from pydantic import Field

from app.schemas.document import TagKind
from app.schemas.page import PageQuery
from app.schemas.types import ResponseModel, Text


class TagCount(ResponseModel):
    """A tag, and how many of the recipes that you may find have it."""

    kind: TagKind
    name: str
    count: int


class TagsOfUser(TagCount):
    """As one who has signed in counts: their own recipes too, whoever may find them."""


class TagsOfAll(TagCount):
    """As a superuser counts: every recipe."""


class TagQuery(PageQuery):
    """Which tags, in which order."""

    kind: TagKind | None = None
    q: Annotated[str, Text(100, 1)] | None = Field(None, description="A part of the name.")
    sort: Literal["-count", "count", "name", "-name"] = Field(
        "-count", description="By how many public recipes have it, or by the name."
    )
