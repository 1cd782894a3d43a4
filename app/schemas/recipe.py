"""Recipes and their versions: request and response bodies."""

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
from app.schemas.page import Page, PageQuery
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
    ShareKey,
    Timestamp,
    Url,
)

MAX_DOCUMENT_BYTES = 512 * 1024
SUMMARY_LENGTH = 200


class RecipeDocument(RequestModel):
    """The members of a recipe that people write."""

    label: Label
    description: Description | None = None
    url: Url | None = None
    source: Name | None = None
    author: Name | None = None
    language: Language | None = None
    prep_minutes: Minutes | None = None
    cook_minutes: Minutes | None = None
    total_minutes: Minutes | None = Field(
        None, description="By default the sum of the other two, if both are present."
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

    submitter_id: Id | None = Field(
        None, description="By default you. Only a superuser may name another user."
    )


class ReadOnlyMembers(RequestModel):
    """Read-only members that may be sent back. Each must equal the stored value."""

    id: Id | MISSING = MISSING
    submitter_id: Id | None | MISSING = MISSING
    created_at: Timestamp | MISSING = MISSING
    updated_at: Timestamp | MISSING = MISSING
    version: Annotated[int, Field(ge=1, le=MAX_ID), Integral] | MISSING = MISSING


class RecipeReplace(ReadOnlyMembers, RecipeDocument):
    """The new recipe. Without `visibility`, the stored one is kept."""


class RecipeUpdate(ReadOnlyMembers):
    """A JSON Merge Patch (RFC 7396): absent members stay, null removes optional ones."""

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
    description: str | None = Field(description=f"The first {SUMMARY_LENGTH} characters.")
    total_minutes: int | None
    servings: float | int | None
    tags: list[TagPublic]
    submitter_id: int | None
    visibility: Visibility
    created_at: datetime
    updated_at: datetime
    version: int


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


class _Identified(ResponseModel):
    id: int


# Pydantic takes the members of the last base first, so the id is the first member.
class RecipePublic(RecipeSnapshot, _Identified):
    """A recipe."""

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
    """The members of a recipe named by `fields`."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The schema of the whole recipe, without required members."""
        described = handler(schema)
        handler.resolve_ref_schema(described).pop("required", None)
        return described


class RecipeInDB(RecipePublic):
    """A recipe as stored, with derived keys."""

    label_key: str
    source_key: str | None
    url_key: str | None
    deleted_at: datetime | None


class TagFacet(ResponseModel):
    """The number of recipes with a tag."""

    kind: TagKind
    name: str
    count: int


class MinutesFacet(ResponseModel):
    """The number of recipes that take at most `max` minutes in total."""

    max: int
    count: int


class Facets(ResponseModel):
    """Counts of the recipes of a list. Only the requested ones are present."""

    tag: list[TagFacet] | None = Field(None, exclude_if=lambda facet: facet is None)
    total_minutes: list[MinutesFacet] | None = Field(None, exclude_if=lambda facet: facet is None)


SearchedField = Literal["label", "tags", "ingredients", "rest"]


class RecipePage(Page[RecipeSummary | RecipePublic | RecipeParts]):
    """One page of recipes: summaries, whole recipes with `view=full`, or only `fields`."""

    views: ClassVar = (RecipeSummary, RecipePublic)

    corrected: dict[str, str] | None = Field(
        None,
        description="Words that match nothing, with the words that were searched instead. Present"
        " only if there are any.",
        examples=[{"chiken": "chicken"}],
        exclude_if=lambda corrected: corrected is None,
    )
    highlights: list[dict[SearchedField, str]] | None = Field(
        None,
        description="For each item the fields that contain words of `q`, each with a snippet of"
        " HTML in which `<mark>` surrounds them. Present only with `highlight`.",
        exclude_if=lambda highlights: highlights is None,
    )
    facets: Facets | None = Field(
        None,
        description="Present only with `facets`.",
        exclude_if=lambda facets: facets is None,
    )


class RecipeResults(ResponseModel):
    """Whole recipes."""

    results: list[RecipePublic]


class ShareLinkPublic(ResponseModel):
    """A link that opens an unlisted recipe for anyone."""

    url: str = Field(description="The page of the recipe, with its key.")
    key: str = Field(description="The query parameter `key` for reading this recipe.")


class RecipeChange(ResponseModel):
    """The current state of a recipe, or its deletion."""

    id: int
    version: int
    deleted: bool
    recipe: RecipePublic | None


class RecipeChanges(ResponseModel):
    """Changes in order. `next_since` requests the following ones."""

    items: list[RecipeChange]
    next_since: int


# --- Versions ------------------------------------------------------------------------------------


class VersionQuery(PageQuery):
    """The query for a page of versions."""

    key: ShareKey = ""


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
