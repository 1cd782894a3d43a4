"""Recipes: who may see and change them, and what is derived from the document."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.core.errors import ForbiddenError, InvalidError
from app.core.merge import merge_patch
from app.core.policy import ANONYMOUS, FOUND_BY_ANYONE, Viewer, may_open
from app.core.text import bounded_key, fold, url_key
from app.crud.base import CRUDBase, PageOfRows
from app.db.reader import Reader, Row, Statement
from app.db.types import utc_now
from app.models.recipe import Recipe
from app.schemas.faults import faults_of
from app.schemas.page import RecipeQuery
from app.schemas.recipe import (
    SUMMARY_LENGTH,
    ReadOnlyMembers,
    RecipeCreate,
    RecipeDocument,
    RecipeInDB,
    RecipePublic,
    RecipeReplace,
    RecipeSummary,
    RecipeUpdate,
)

Precondition = Callable[[Recipe, int | None], None]
"""Raises PreconditionFailedError where a row is not the one that the caller knows, or not of the
version that the caller names."""

# Written out, since a bound value cannot be known to match a partial index.
_FOUND_BY_ANYONE = or_(
    *(Recipe.visibility == literal_column(f"'{visibility}'") for visibility in FOUND_BY_ANYONE)
)


class CRUDRecipe(CRUDBase[Recipe, RecipeCreate, RecipeUpdate]):
    """Recipes. What a viewer may not see is not there for them."""

    sorts = {
        "created_at": Recipe.created_at,
        "updated_at": Recipe.updated_at,
        "label": Recipe.label_key,
        "total_minutes": Recipe.total_minutes,
    }
    filters = {
        "live": Recipe.deleted_at.is_(None),
        "found_by_anyone": _FOUND_BY_ANYONE,
        "found_by": or_(_FOUND_BY_ANYONE, Recipe.submitter_id == bindparam("found_by")),
        "submitter_id": Recipe.submitter_id == bindparam("submitter_id"),
        "source_key": Recipe.source_key == bindparam("source_key"),
        "url_key": Recipe.url_key == bindparam("url_key"),
        "label_contains": Recipe.label_key.contains(bindparam("label_contains"), escape="\\"),
    }

    # --- Reading ---------------------------------------------------------------------------------

    def columns(self, view: type[BaseModel]) -> list[ColumnElement[Any]]:
        """As for every model, but a summary has only the beginning of the description."""
        columns = super().columns(view)
        if view is not RecipeSummary:
            return columns
        beginning = func.substr(Recipe.description, 1, SUMMARY_LENGTH).label("description")
        return [beginning if column.key == "description" else column for column in columns]

    async def get_visible(self, db: Reader, recipe_id: int, viewer: Viewer) -> Row:
        """One recipe, or NotFoundError where `viewer` may not see it."""
        recipe = await db.first(_LIVE, {"id": recipe_id})
        if recipe is None or not may_open(viewer, recipe["visibility"], recipe["submitter_id"]):
            raise self.not_found()
        return recipe

    async def list_visible(self, db: Reader, query: RecipeQuery, viewer: Viewer) -> PageOfRows:
        """A page of summaries of what `viewer` may find."""
        filters = self._findable(viewer)
        if query.submitter_id is not None:
            filters["submitter_id"] = (
                viewer.id if query.submitter_id == "me" else query.submitter_id
            )
        if query.source is not None:
            filters["source_key"] = _source_key(query.source)
        if query.url is not None:
            filters["url_key"] = url_key(query.url)
        return await self.page(
            db,
            sort=query.sort,
            limit=query.limit,
            cursor=query.cursor,
            filters=filters,
            count=query.count,
            view=RecipeSummary,
        )

    async def latest(self, db: Reader, limit: int) -> list[Row]:
        """The latest public recipes, as summaries."""
        filters = {"live": True, "found_by_anyone": True}
        page = await self.page(
            db, sort="-created_at", limit=limit, filters=filters, view=RecipeSummary
        )
        return page.items

    async def search(self, db: Reader, keyword: str, limit: int, viewer: Viewer) -> list[Row]:
        """The latest whole recipes whose label holds `keyword`, whatever its case and marks."""
        pattern = _escape_like(fold(keyword))
        if not pattern:
            return []
        filters = self._findable(viewer) | {"label_contains": pattern}
        page = await self.page(
            db, sort="-created_at", limit=limit, filters=filters, view=RecipePublic, heavy=True
        )
        return [row.parsed() for row in page.items]

    async def of_submitter(self, db: Reader, submitter_id: int, limit: int) -> list[Row]:
        """The latest whole recipes of one submitter, whoever may see them."""
        filters = {"live": True, "submitter_id": submitter_id}
        page = await self.page(
            db, sort="-created_at", limit=limit, filters=filters, view=RecipePublic
        )
        return [row.parsed() for row in page.items]

    def _findable(self, viewer: Viewer) -> dict[str, Any]:
        """The filters for what turns up in lists of `viewer`, as `app.core.policy` says."""
        if viewer.is_superuser:
            return {"live": True}
        if viewer == ANONYMOUS:
            return {"live": True, "found_by_anyone": True}
        return {"live": True, "found_by": viewer.id}

    # --- Writing ---------------------------------------------------------------------------------

    def submit(self, session: Session, data: RecipeCreate, viewer: Viewer) -> Recipe:
        """A new recipe of `viewer`, or of another where a superuser says so."""
        submitter_id = data.submitter_id or viewer.id
        if submitter_id != viewer.id and not viewer.is_superuser:
            raise ForbiddenError("Only a superuser may submit a recipe in another's name.")
        return self.create(session, data, submitter_id=submitter_id)

    def derived(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The keys for sorting and comparing."""
        keys: dict[str, Any] = {}
        if "label" in values:
            keys["label_key"] = bounded_key(fold(values["label"]))
        if "source" in values:
            keys["source_key"] = _source_key(values["source"])
        if "url" in values:
            keys["url_key"] = values["url"] and url_key(values["url"])
        return keys

    def has_any(self, session: Session) -> bool:
        """Whether there is a recipe, be it in the trash."""
        return session.scalar(select(Recipe.id).limit(1)) is not None

    def replace(
        self,
        session: Session,
        recipe_id: int,
        viewer: Viewer,
        data: RecipeReplace,
        precondition: Precondition,
    ) -> Recipe:
        """Store another document in the place of this one."""
        recipe = self._load_own(session, recipe_id, viewer)
        self._check_known(recipe, data, precondition)
        values = _document(data)
        if "visibility" not in data.model_fields_set:
            del values["visibility"]
        return self.set(session, recipe, values)

    def patch(
        self,
        session: Session,
        recipe_id: int,
        viewer: Viewer,
        changes: RecipeUpdate,
        precondition: Precondition,
    ) -> Recipe:
        """Apply a merge patch to the document."""
        recipe = self._load_own(session, recipe_id, viewer)
        self._check_known(recipe, changes, precondition)
        patch = changes.model_dump(exclude_unset=True, exclude=set(ReadOnlyMembers.model_fields))
        stored = {name: getattr(recipe, name) for name in RecipeDocument.model_fields}
        if _derives_total(recipe):
            stored["total_minutes"] = None
        try:
            merged = RecipeDocument.model_validate(merge_patch(stored, patch))
        except ValidationError as error:
            raise InvalidError("The changed recipe would not be valid.", faults_of(error)) from None
        return self.set(session, recipe, _document(merged))

    def trash(
        self, session: Session, recipe_id: int, viewer: Viewer, precondition: Precondition
    ) -> None:
        """Put a recipe into the trash."""
        recipe = self._load_own(session, recipe_id, viewer)
        precondition(recipe, None)
        self.set(session, recipe, {"deleted_at": utc_now()})

    def _load_own(self, session: Session, recipe_id: int, viewer: Viewer) -> Recipe:
        """The recipe, locked, if it is `viewer`'s to change."""
        recipe = self.load(session, recipe_id)
        visible = may_open(viewer, recipe.visibility, recipe.submitter_id)
        if recipe.deleted_at is not None or not visible:
            raise self.not_found()
        if not viewer.may_change(recipe.submitter_id):
            raise ForbiddenError("Only its submitter and superusers may change this recipe.")
        return recipe

    def _check_known(
        self, recipe: Recipe, sent: ReadOnlyMembers, precondition: Precondition
    ) -> None:
        """Raise where the caller knows another version, or sends back what is not stored."""
        given = sent.model_dump(include=set(ReadOnlyMembers.model_fields), exclude_unset=True)
        precondition(recipe, given.get("version"))
        self.check_read_only(recipe, given)


def _document(data: RecipeDocument) -> dict[str, Any]:
    """What people write of a recipe, as columns."""
    return data.model_dump(include=set(RecipeDocument.model_fields))


def _source_key(source: str | None) -> str | None:
    return source and bounded_key(source.casefold())


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _derives_total(recipe: Recipe) -> bool:
    """Whether the total is the sum that a change of the parts should change too."""
    parts = recipe.prep_minutes, recipe.cook_minutes
    return None not in parts and recipe.total_minutes == sum(part or 0 for part in parts)


recipe = CRUDRecipe(Recipe, RecipeInDB)

_LIVE = Statement(
    select(*recipe.columns(RecipePublic)).where(
        Recipe.id == bindparam("id"), Recipe.deleted_at.is_(None)
    ),
    view=RecipePublic,
)
