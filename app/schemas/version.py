"""The history of a recipe on the wire."""

from datetime import datetime
from typing import Any

from pydantic import Field

from app.schemas.document import Ingredient, Nutrition, Step, TagPublic, Visibility
from app.schemas.page import PageQuery
from app.schemas.types import ResponseModel, ShareKey


class VersionQuery(PageQuery):
    """Which page of the versions of a recipe."""

    key: ShareKey = ""


class RecipeSnapshot(ResponseModel):
    """What people wrote of a recipe: what a PUT of it takes."""

    label: str
    description: str | None
    url: str | None
    source: str | None
    author: str | None
    language: str | None
    prep_minutes: int | None
    cook_minutes: int | None
    total_minutes: int | None
    servings: float | int | None
    yield_text: str | None
    tags: list[TagPublic]
    ingredients: list[Ingredient]
    steps: list[Step]
    nutrition: Nutrition | None
    notes: str | None
    visibility: Visibility
    extras: dict[str, Any]


class VersionEntry(ResponseModel):
    """A version in the list: which, since when, and by whom."""

    version: int
    at: datetime
    author_id: int | None
    label: str


class VersionPublic(VersionEntry):
    """One version with the whole of its document."""

    recipe: RecipeSnapshot


class VersionDiff(ResponseModel):
    """How one version became another: a JSON Patch (RFC 6902)."""

    patch: list[dict[str, Any]] = Field(description="Operations in the order of applying them.")
