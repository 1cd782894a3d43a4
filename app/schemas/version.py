"""Versions of a recipe: request and response bodies."""

from datetime import datetime
from typing import Any

from pydantic import Field

from app.schemas.document import Ingredient, Nutrition, Step, TagPublic, Visibility
from app.schemas.page import PageQuery
from app.schemas.types import ResponseModel, ShareKey


class VersionQuery(PageQuery):
    """The query for a page of versions."""

    key: ShareKey = ""


class RecipeSnapshot(ResponseModel):
    """The members of a recipe that people write, as PUT takes them."""

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
    """A version in the list."""

    version: int
    at: datetime
    author_id: int | None
    label: str


class VersionPublic(VersionEntry):
    """One version with the whole recipe."""

    recipe: RecipeSnapshot


class VersionDiff(ResponseModel):
    """A JSON Patch (RFC 6902) from one version to another."""

    patch: list[dict[str, Any]] = Field(description="Operations, in order.")
