"""Recipes on the wire."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import MISSING, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from app.schemas.document import (
    Description,
    Extras,
    Ingredient,
    Ingredients,
    Label,
    Notes,
    Nutrition,
    NutritionCreate,
    Servings,
    Step,
    Steps,
    TagKind,
    TagPublic,
    Tags,
    Visibility,
)
from app.schemas.page import Page
from app.schemas.types import (
    MAX_ID,
    MAX_MINUTES,
    Id,
    Integral,
    Language,
    Minutes,
    Name,
    RequestModel,
    ResponseModel,
    Timestamp,
    Url,
)

MAX_DOCUMENT_BYTES = 512 * 1024
SUMMARY_LENGTH = 200


class RecipeDocument(RequestModel):
    """The whole of a recipe that people write."""

    label: Label
    description: Description | None = None
    url: Url | None = None
    source: Name | None = None
    author: Name | None = None
    language: Language | None = None
    prep_minutes: Minutes | None = None
    cook_minutes: Minutes | None = None
    total_minutes: Minutes | None = Field(
        None, description="Where it is missing and the other two are given, their sum."
    )
    servings: Servings | None = None
    yield_text: Name | None = None
    tags: Tags = []
    ingredients: Ingredients = []
    steps: Steps = []
    nutrition: NutritionCreate | None = None
    notes: Notes | None = None
    visibility: Visibility = "public"
    extras: Extras = {}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.total_minutes is None and None not in (self.prep_minutes, self.cook_minutes):
            self.total_minutes = (self.prep_minutes or 0) + (self.cook_minutes or 0)
            if self.total_minutes > MAX_MINUTES:
                raise PydanticCustomError(
                    "too_large", "the times add up to more than a total may be"
                )
        if len(self.__pydantic_serializer__.to_json(self)) > MAX_DOCUMENT_BYTES:
            raise PydanticCustomError("too_large", "the whole recipe must not exceed 512 KiB")
        return self


class RecipeCreate(RecipeDocument):
    """A new recipe."""

    submitter_id: Id | None = Field(None, description="You, unless you are a superuser.")


class ReadOnlyMembers(RequestModel):
    """What GET gave and may come back: each must equal what is stored."""

    id: Id | MISSING = MISSING
    submitter_id: Id | None | MISSING = MISSING
    created_at: Timestamp | MISSING = MISSING
    updated_at: Timestamp | MISSING = MISSING
    version: Annotated[int, Field(ge=1, le=MAX_ID), Integral] | MISSING = MISSING


class RecipeReplace(ReadOnlyMembers, RecipeDocument):
    """The new whole of a recipe. Without `visibility`, it keeps the one it has."""


class RecipeUpdate(ReadOnlyMembers):
    """A JSON Merge Patch (RFC 7396): absent members stay, null removes where it can."""

    label: Label | MISSING = MISSING
    description: Description | None | MISSING = MISSING
    url: Url | None | MISSING = MISSING
    source: Name | None | MISSING = MISSING
    author: Name | None | MISSING = MISSING
    language: Language | None | MISSING = MISSING
    prep_minutes: Minutes | None | MISSING = MISSING
    cook_minutes: Minutes | None | MISSING = MISSING
    total_minutes: Minutes | None | MISSING = MISSING
    servings: Servings | None | MISSING = MISSING
    yield_text: Name | None | MISSING = MISSING
    tags: Tags | None | MISSING = MISSING
    ingredients: Ingredients | None | MISSING = MISSING
    steps: Steps | None | MISSING = MISSING
    nutrition: NutritionCreate | None | MISSING = MISSING
    notes: Notes | None | MISSING = MISSING
    visibility: Visibility | MISSING = MISSING
    extras: Extras | None | MISSING = MISSING


class RecipeSummary(ResponseModel):
    """A recipe in a list."""

    id: int
    label: str
    url: str | None
    source: str | None
    description: str | None = Field(description=f"Its first {SUMMARY_LENGTH} characters.")
    total_minutes: int | None
    servings: float | int | None
    tags: list[TagPublic]
    submitter_id: int | None
    visibility: Visibility
    created_at: datetime
    updated_at: datetime
    version: int


class RecipePublic(ResponseModel):
    """A recipe."""

    id: int
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
    submitter_id: int | None
    created_at: datetime
    updated_at: datetime
    version: int


class FeedEntry(ResponseModel):
    """A recipe in the feed."""

    id: int
    label: str
    description: str | None
    source: str | None
    author: str | None
    language: str | None
    tags: list[TagPublic]
    created_at: datetime
    updated_at: datetime


class RecipeParts(RecipePublic):
    """The members of a recipe that `fields` names."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """As of the whole, without members that must be there."""
        described = handler(schema)
        handler.resolve_ref_schema(described).pop("required", None)
        return described


class RecipeInDB(RecipePublic):
    """A recipe as it is stored, with the keys that are derived from it."""

    label_key: str
    source_key: str | None
    url_key: str | None
    deleted_at: datetime | None


class TagFacet(ResponseModel):
    """How many recipes have a tag."""

    kind: TagKind
    name: str
    count: int


class MinutesFacet(ResponseModel):
    """How many recipes take `max` minutes in total or less."""

    max: int
    count: int


class Facets(ResponseModel):
    """How the recipes of a list part; there is what was asked for."""

    tag: list[TagFacet] | None = Field(None, exclude_if=lambda facet: facet is None)
    total_minutes: list[MinutesFacet] | None = Field(None, exclude_if=lambda facet: facet is None)


SearchedField = Literal["label", "tags", "ingredients", "rest"]


class RecipePage(Page[RecipeSummary | RecipePublic | RecipeParts]):
    """One page of recipes: summaries, whole ones with `view=full`, or the `fields` of either."""

    views: ClassVar = (RecipeSummary, RecipePublic)

    corrected: dict[str, str] | None = Field(
        None,
        description="Words that match nothing, and those of other recipes that were taken for"
        " them; there only where there are some.",
        examples=[{"chiken": "chicken"}],
        exclude_if=lambda corrected: corrected is None,
    )
    highlights: list[dict[SearchedField, str]] | None = Field(
        None,
        description="For each item the fields that have words of `q`, with a snippet of HTML in"
        " which `<mark>` is around them. There only where `highlight` asks for it.",
        exclude_if=lambda highlights: highlights is None,
    )
    facets: Facets | None = Field(
        None,
        description="There only where `facets` asks for it.",
        exclude_if=lambda facets: facets is None,
    )


class RecipeResults(ResponseModel):
    """Whole recipes."""

    results: list[RecipePublic]


class ShareLinkPublic(ResponseModel):
    """What opens an unlisted recipe for everyone who has it."""

    url: str = Field(description="The page of the recipe, with its key.")
    key: str = Field(description="The parameter `key` of every read of this recipe.")


class RecipeChange(ResponseModel):
    """A recipe as it is now, or that it is not there any more."""

    id: int
    version: int
    deleted: bool
    recipe: RecipePublic | None


class RecipeChanges(ResponseModel):
    """Changes in the order of their happening; `next_since` asks for those after them."""

    items: list[RecipeChange]
    next_since: int
