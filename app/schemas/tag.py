"""Tags: the list and its query."""

from typing import Annotated, Literal

from pydantic import Field

from app.schemas.document import TagKind
from app.schemas.page import PageQuery
from app.schemas.types import ResponseModel, Text


class TagCount(ResponseModel):
    """A tag and the number of recipes with it that you can find."""

    kind: TagKind
    name: str
    count: int


class TagsOfUser(TagCount):
    """The counts of a signed-in user, whose own recipes are included."""


class TagsOfAll(TagCount):
    """The counts of a superuser: all recipes."""


class TagQuery(PageQuery):
    """The query for a page of tags."""

    kind: TagKind | None = None
    q: Annotated[str, Text(100, 1)] | None = Field(None, description="Part of the name.")
    sort: Literal["-count", "count", "name", "-name"] = Field(
        "-count", description="By the number of public recipes, or by name."
    )
