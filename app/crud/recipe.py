"""Recipes: who may see and change them, and what follows from the document."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from sqlalchemy import ColumnElement, Table, bindparam, case, func, select
from sqlalchemy.orm import Session

from app.core.errors import ForbiddenError, InvalidError, PreconditionFailedError
from app.core.json_patch import merge_patch
from app.core.policy import ANONYMOUS, OPENED_BY_KEY, Viewer, may_open
from app.core.preconditions import Precondition
from app.core.text import bounded_key, fingerprint, fold, source_key, url_key
from app.crud import share_link, user_storage
from app.crud.base import CRUDBase
from app.crud.paging.list_query import ListQuery
from app.crud.recipe_change import (
    add_tombstone,
    is_listed,
    next_number,
    next_numbers,
    number_change,
)
from app.crud.recipe_filters import FILTERS, findable
from app.crud.recipe_version import document_of, keep_version, load_document
from app.db.driver import insert_many
from app.db.reader import CompiledQuery, Reader, Row
from app.db.types import utc_now
from app.models.recipe import Recipe
from app.schemas.faults import faults_of
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
from app.search import index as search_index

_TABLE = cast(Table, Recipe.__table__)
_NOT_YOURS = "Only its submitter and superusers may change this recipe."


class CRUDRecipe(CRUDBase[Recipe, RecipeCreate, RecipeUpdate]):
    """Recipes. One that the viewer must not see is not found."""

    sorts = {
        "created_at": Recipe.created_at,
        "updated_at": Recipe.updated_at,
        "label": Recipe.label_key,
        "total_minutes": Recipe.total_minutes,
    }
    filters = FILTERS
    representation = RecipePublic

    # --- Reading ---------------------------------------------------------------------------------

    def columns(self, view: type[BaseModel]) -> list[ColumnElement[Any]]:
        """As for every model, but a summary has only the beginning of the description."""
        columns = super().columns(view)
        if view is not RecipeSummary:
            return columns
        beginning = func.substr(Recipe.description, 1, SUMMARY_LENGTH).label("description")
        return [beginning if column.key == "description" else column for column in columns]

    async def get_visible(self, db: Reader, recipe_id: int, viewer: Viewer, key: str = "") -> Row:
        """Return one recipe. Raises NotFoundError if neither `viewer` nor `key` may open it."""
        # First and for every id, so that a wrong key takes as long if the recipe does not exist.
        has_key = bool(key) and await share_link.is_key(db, recipe_id, key)
        recipe = await db.first(_LIVE, {"id": recipe_id})
        if recipe is None or not may_open(
            viewer, recipe["visibility"], recipe["submitter_id"], has_key=has_key
        ):
            raise self.not_found()
        return recipe

    async def get_own(self, db: Reader, recipe_id: int, viewer: Viewer) -> Row:
        """Return a recipe that `viewer` may change, or raise NotFoundError or ForbiddenError."""
        recipe = await self.get_visible(db, recipe_id, viewer)
        if not viewer.may_change(recipe["submitter_id"]):
            raise ForbiddenError(_NOT_YOURS)
        return recipe

    async def get_trashed(self, db: Reader, recipe_id: int, viewer: Viewer) -> Row:
        """Return one recipe in the trash of `viewer`, or raise NotFoundError."""
        recipe = await self.get_or_raise(db, recipe_id)
        if recipe["deleted_at"] is None or not viewer.may_change(recipe["submitter_id"]):
            raise self.not_found()
        return recipe

    async def latest(
        self, db: Reader, limit: int, view: type[BaseModel] = RecipeSummary
    ) -> list[Row]:
        """Return the latest public recipes."""
        filters = findable(ANONYMOUS)
        query = ListQuery(view=view, sort="-created_at", limit=limit, filters=filters)
        return (await self.page(db, query)).items

    # --- Writing ---------------------------------------------------------------------------------

    def submit(self, session: Session, data: RecipeCreate, viewer: Viewer) -> Recipe:
        """Create a recipe of `viewer`, or of the account that a superuser names."""
        submitter_id = data.submitter_id or viewer.id
        if submitter_id != viewer.id and not viewer.is_superuser:
            raise ForbiddenError("Only a superuser may submit a recipe in another's name.")
        values = _document(data)
        search_index.compute_terms(session, [values])
        members = {"submitter_id": submitter_id, "changed_by": viewer.id}
        return self._insert(session, values | members, quota=viewer.storage_quota)

    def add(self, session: Session, values: dict[str, Any]) -> Recipe:
        """Insert a recipe with its change number and its index rows."""
        return self._insert(session, values, quota=None)

    def _insert(self, session: Session, values: dict[str, Any], quota: int | None) -> Recipe:
        number = next_number(session, is_public=is_listed(values["visibility"]))
        author = {"changed_by": values.get("submitter_id")}
        recipe = super().add(session, author | values | {"change_number": number})
        user_storage.store(session, recipe.submitter_id, recipe.size, quota)
        self._index(session, [vars(recipe)])
        return recipe

    def add_many(
        self, session: Session, documents: Sequence[Mapping[str, Any]], *, submitter_id: int | None
    ) -> list[int]:
        """Insert recipes in the shape of `RecipeDocument` faster than one by one. Return their ids.

        Quotas are not checked.
        """
        numbers = next_numbers(session, [is_listed(each["visibility"]) for each in documents])
        owner = {"submitter_id": submitter_id, "changed_by": submitter_id, "version": 1}
        rows = [
            self._columns_of(
                {**document, **self.derived(document), **owner, "change_number": number}
            )
            for number, document in zip(numbers, documents, strict=True)
        ]
        with self.translate_conflicts():
            rows = insert_many(session, _TABLE, rows)
        user_storage.store(session, submitter_id, sum(row["size"] for row in rows))
        self._index(session, rows)
        return [row["id"] for row in rows]

    def _index(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write what is derived from new recipes into other tables."""
        search_index.add(session, rows)
        unlisted = [row["id"] for row in rows if row["visibility"] in OPENED_BY_KEY]
        if unlisted:
            share_link.ensure_keys(session, unlisted)

    def derived(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keys for sorting and comparing, and the size."""
        keys: dict[str, Any] = {}
        if "label" in values:
            keys["label_key"] = bounded_key(fold(values["label"]))
        if "source" in values:
            keys["source_key"] = source_key(values["source"])
        if "url" in values:
            keys["url_key"] = values["url"] and url_key(values["url"])
        if "label" in values and "ingredients" in values:  # A document is set as a whole.
            lines = tuple([each["text"] for each in values["ingredients"]])
            keys["fingerprint"] = fingerprint(values["label"], lines)
            keys["size"] = user_storage.size_of(values)
        return keys

    def has_any(self, session: Session) -> bool:
        """Return whether there is any recipe, in the trash or not."""
        return session.scalar(select(Recipe.id).limit(1)) is not None

    def replace(
        self,
        session: Session,
        recipe_id: int,
        viewer: Viewer,
        data: RecipeReplace,
        precondition: Precondition,
    ) -> Recipe:
        """Replace the document."""
        recipe = self.load_own(session, recipe_id, viewer)
        self._check_known(recipe, data, precondition)
        values = _document(data)
        if "visibility" not in data.model_fields_set:
            del values["visibility"]
        return self.change(session, recipe, viewer, values)

    def patch(
        self,
        session: Session,
        recipe_id: int,
        viewer: Viewer,
        changes: RecipeUpdate,
        precondition: Precondition,
    ) -> Recipe:
        """Apply a merge patch to the document."""
        recipe = self.load_own(session, recipe_id, viewer)
        self._check_known(recipe, changes, precondition)
        patch = changes.model_dump(exclude_unset=True, exclude=set(ReadOnlyMembers.model_fields))
        stored = document_of(recipe)
        if _derives_total(recipe):
            stored["total_minutes"] = None
        try:
            merged = RecipeDocument.model_validate(merge_patch(stored, patch))
        except ValidationError as error:
            raise InvalidError("The changed recipe would not be valid.", faults_of(error)) from None
        return self.change(session, recipe, viewer, _document(merged))

    def restore_version(
        self,
        session: Session,
        recipe_id: int,
        version: int,
        viewer: Viewer,
        precondition: Precondition,
    ) -> Recipe:
        """Make the document of an earlier version the current one, as a new version."""
        recipe = self.load_own(session, recipe_id, viewer)
        self.check(recipe, precondition)
        document = load_document(session, recipe, version)
        self._compute_terms(session, recipe, document)
        changes = self.changes(recipe, document)
        return self._make_version(session, recipe, viewer, changes)

    def trash(
        self, session: Session, recipe_id: int, viewer: Viewer, precondition: Precondition
    ) -> Recipe:
        """Put a recipe into the trash."""
        recipe = self.load_own(session, recipe_id, viewer)
        self.check(recipe, precondition)
        return self.change(session, recipe, viewer, {"deleted_at": utc_now()})

    def restore(self, session: Session, recipe_id: int, viewer: Viewer) -> Recipe:
        """Restore a recipe from the trash. One that is not in it stays as it is."""
        recipe = self.load_own(session, recipe_id, viewer, in_trash=True)
        return self.change(session, recipe, viewer, {"deleted_at": None})

    def remove_for_good(
        self, session: Session, recipe_id: int, viewer: Viewer, precondition: Precondition
    ) -> None:
        """Delete a recipe with its history, in the trash or not."""
        recipe = self.load_own(session, recipe_id, viewer, in_trash=True)
        self.check(recipe, precondition)
        self._remove(session, recipe)

    def remove_from_trash(self, session: Session, recipe_id: int, viewer: Viewer) -> None:
        """Delete a recipe with its history if it is in the trash."""
        recipe = self.load_own(session, recipe_id, viewer, in_trash=True)
        if recipe.deleted_at is None:
            raise PreconditionFailedError("It is not in the trash any more.")
        self._remove(session, recipe)

    def _remove(self, session: Session, recipe: Recipe) -> None:
        add_tombstone(session, recipe)
        self._unlist(session, recipe)
        self.remove(session, recipe)

    def detach(
        self, session: Session, user_id: int, limit: int, *, with_recipes: bool = False
    ) -> int:
        """Detach up to `limit` recipes from a submitter who is being deleted. Return how many.

        Private recipes and those in the trash are deleted; with `with_recipes` all of them.
        """
        theirs = select(Recipe).where(Recipe.submitter_id == user_id).order_by(Recipe.id)
        recipes = session.scalars(theirs.limit(limit).with_for_update()).all()
        if not with_recipes:
            search_index.compute_terms(session, [document_of(each) for each in recipes])
        for recipe in recipes:
            is_open = recipe.deleted_at is None and may_open(
                ANONYMOUS, recipe.visibility, None, has_key=True
            )
            if is_open and not with_recipes:
                self.change(session, recipe, ANONYMOUS, {"submitter_id": None})
            else:
                add_tombstone(session, recipe)
                self._unlist(session, recipe)
                session.delete(recipe)
        self.flush(session)
        return len(recipes)

    def has_more_than(self, session: Session, user_id: int, count: int) -> bool:
        """Return whether a user has more than `count` recipes, including the trash."""
        theirs = select(Recipe.id).where(Recipe.submitter_id == user_id).offset(count).limit(1)
        return session.scalar(theirs) is not None

    def count_of(self, session: Session, user_id: int) -> dict[str, int]:
        """Count the recipes of a user by visibility, those in the trash as `trash`."""
        place = case((Recipe.deleted_at.is_not(None), "trash"), else_=Recipe.visibility)
        rows = select(place, func.count()).where(Recipe.submitter_id == user_id).group_by(place)
        return {row[0]: row[1] for row in session.execute(rows)}

    def share(self, session: Session, recipe_id: int, viewer: Viewer) -> str:
        """Return the key of a recipe's share link, creating it if necessary."""
        return share_link.ensure_key(session, self.load_own(session, recipe_id, viewer).id)

    def renew_share_link(self, session: Session, recipe_id: int, viewer: Viewer) -> str:
        """Return a new key for a recipe's share link. The old one stops working."""
        return share_link.renew_key(session, self.load_own(session, recipe_id, viewer).id)

    def change(
        self, session: Session, recipe: Recipe, viewer: Viewer, values: dict[str, Any]
    ) -> Recipe:
        """Change columns of a locked recipe, and store the version before the change."""
        self._compute_terms(session, recipe, values)
        changes = self.changes(recipe, values)
        return self._make_version(session, recipe, viewer, changes) if changes else recipe

    def _compute_terms(self, session: Session, recipe: Recipe, values: Mapping[str, Any]) -> None:
        """Compute the search terms of the changed document before the transaction."""
        indexed = values.keys() & search_index.INDEXED
        changes = any(getattr(recipe, name) != values[name] for name in indexed)
        if changes and values.get("deleted_at") is None:
            search_index.compute_terms(session, [document_of(recipe) | dict(values)])

    def _make_version(
        self, session: Session, recipe: Recipe, viewer: Viewer, changes: dict[str, Any]
    ) -> Recipe:
        numbering = number_change(session, recipe, changes)
        quota = None if _takes_away(changes) else viewer.storage_quota
        size = changes.get("size", recipe.size)
        user_storage.store(session, recipe.submitter_id, size, quota)
        keep_version(session, recipe)
        if changes.get("visibility") in OPENED_BY_KEY:
            share_link.ensure_keys(session, [recipe.id])
        changes |= {"changed_by": viewer.id or None, **numbering}
        if not changes.keys() & search_index.INDEXED:
            return self.set(session, recipe, changes)
        self._unlist(session, recipe)
        self.set(session, recipe, changes)
        if recipe.deleted_at is None:
            search_index.add(session, [vars(recipe)])
        return recipe

    def _unlist(self, session: Session, recipe: Recipe) -> None:
        if recipe.deleted_at is None:
            search_index.remove(session, recipe.id, recipe.visibility)

    def load_own(
        self, session: Session, recipe_id: int, viewer: Viewer, *, in_trash: bool = False
    ) -> Recipe:
        """Return the recipe, locked, if `viewer` may change it. By default not from the trash."""
        recipe = self.load(session, recipe_id)
        visible = may_open(viewer, recipe.visibility, recipe.submitter_id)
        if recipe.deleted_at is not None:
            visible = in_trash and viewer.may_change(recipe.submitter_id)
        if not visible:
            raise self.not_found()
        if not viewer.may_change(recipe.submitter_id):
            raise ForbiddenError(_NOT_YOURS)
        return recipe

    def _check_known(
        self, recipe: Recipe, sent: ReadOnlyMembers, precondition: Precondition
    ) -> None:
        """Raise if the caller has another version, or sends back what is not stored."""
        given = sent.model_dump(include=set(ReadOnlyMembers.model_fields), exclude_unset=True)
        self.check(recipe, replace(precondition, version=given.get("version")))
        self.check_read_only(recipe, given)


def _takes_away(changes: dict[str, Any]) -> bool:
    """Return whether a change only hides a recipe, which an account over its quota may do."""
    if changes.keys() == {"deleted_at"}:
        return changes["deleted_at"] is not None
    return changes == {"visibility": "private"}


def _document(data: RecipeDocument) -> dict[str, Any]:
    """Return the document as columns."""
    return data.model_dump(include=set(RecipeDocument.model_fields))


def _derives_total(recipe: Recipe) -> bool:
    """Return whether the total is the sum of its parts, and must follow them."""
    parts = recipe.prep_minutes, recipe.cook_minutes
    return None not in parts and recipe.total_minutes == sum(part or 0 for part in parts)


recipe = CRUDRecipe(Recipe, RecipeInDB)

_LIVE = CompiledQuery(
    select(*recipe.columns(RecipePublic)).where(
        Recipe.id == bindparam("id"), Recipe.deleted_at.is_(None)
    ),
    model=RecipePublic,
)
