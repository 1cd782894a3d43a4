"""Changes of recipes in the order of their commits, for those who keep a copy.

Each change takes the next number from one row, which its transaction holds until it has committed.
So whoever has seen a number has seen all below it; a sequence would hand numbers to transactions
that commit in another order, and a copy would miss some. The row comes after all other locks of a
transaction but that of `user_storage`, so that no two wait for each other.

Everyone follows the public changes: of recipes that are in the public lists, and of those that
leave them. A recipe that has left keeps the number of its leaving, which is all that others learn
of it. Changes that only a submitter and superusers learn of take numbers between two multiples of
PUBLIC_STEP, so public numbers do not count them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    cast,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from app.core.policy import ANONYMOUS, FOUND_BY_ANYONE, Viewer
from app.crud import user_storage
from app.crud.recipe_filters import IS_PUBLIC
from app.db.driver import Driver
from app.db.fulltext import for_both
from app.db.reader import Reader, Statement
from app.db.types import utc_now
from app.models.recipe import Recipe
from app.models.recipe_change import RecipeTombstone
from app.schemas.recipe import RecipePublic

PUBLIC_STEP = 2**20
"""What a public change counts on. 2^33 of them fit into the integers that JavaScript knows."""

_NEXT_HIDDEN = "value + 1"
_NEXT_PUBLIC = f"(value / {PUBLIC_STEP} + 1) * {PUBLIC_STEP}"
_COUNT_HIDDEN, _COUNT_PUBLIC, _HOLD = (
    for_both(f"UPDATE recipe_counter SET value = {value} RETURNING value, vocabulary")  # noqa: S608 - Ours.
    for value in (_NEXT_HIDDEN, _NEXT_PUBLIC, "value")
)
_COUNTED = for_both("UPDATE recipe_counter SET value = ?")
VOCABULARY = "vocabulary"
"""In the `info` of a session that has taken a number: see `RecipeCounter.vocabulary`."""


def is_listed(visibility: str, deleted_at: datetime | None = None) -> bool:
    """Whether a recipe is in the lists that everyone sees."""
    return deleted_at is None and visibility in FOUND_BY_ANYONE


def next_number(session: Session, *, is_public: bool) -> int:
    """The number of the change that this transaction is about to make."""
    return _count(session, _COUNT_PUBLIC if is_public else _COUNT_HIDDEN)


def next_numbers(session: Session, public: Sequence[bool]) -> list[int]:
    """The numbers of many changes, public ones or not, as if they were made one by one."""
    last = _count(session, _HOLD)
    numbers = []
    for is_public in public:
        last = (last // PUBLIC_STEP + 1) * PUBLIC_STEP if is_public else last + 1
        numbers.append(last)
    Driver(session).run(_COUNTED, (last,))
    return numbers


def _count(session: Session, sql: Mapping[str, str]) -> int:
    ((value, session.info[VOCABULARY]),) = Driver(session).run(sql, ())
    return int(value)


def number_change(session: Session, recipe: Recipe, changes: dict[str, Any]) -> dict[str, Any]:
    """The columns that number a change of a recipe."""
    was_listed = is_listed(recipe.visibility, recipe.deleted_at)
    listed = is_listed(
        changes.get("visibility", recipe.visibility), changes.get("deleted_at", recipe.deleted_at)
    )
    number = next_number(session, is_public=was_listed or listed)
    if listed:
        return {"change_number": number, "left_number": None, "left_version": None}
    if was_listed:
        left = {"left_number": number, "left_version": recipe.version + 1}
        return {"change_number": number, **left}
    return {"change_number": number}


def bury(session: Session, recipe: Recipe) -> None:
    """Remember that `recipe` is removed for good, and release what it stores."""
    listed = is_listed(recipe.visibility, recipe.deleted_at)
    number = next_number(session, is_public=listed)
    session.add(
        RecipeTombstone(
            recipe_id=recipe.id,
            version=recipe.version + 1,
            submitter_id=recipe.submitter_id,
            change_number=number,
            left_number=number if listed else recipe.left_number,
            left_version=recipe.version + 1 if listed else recipe.left_version,
            removed_at=utc_now(),
        )
    )
    size = user_storage.size_with_versions(session, recipe.id, recipe.size)
    user_storage.release(session, recipe.submitter_id, size)


# --- Reading -------------------------------------------------------------------------------------

_SINCE: BindParameter[int] = bindparam("since")
_LIMIT: BindParameter[int] = bindparam("limit")
_VIEWER: BindParameter[int] = bindparam("viewer_id")
LISTED = and_(Recipe.deleted_at.is_(None), IS_PUBLIC)
# As the condition of the index that finds them.
_HIDDEN = or_(
    Recipe.deleted_at.is_not(None),
    *(Recipe.visibility != literal_column(f"'{visibility}'") for visibility in FOUND_BY_ANYONE),
)
_COLUMNS = [Recipe.__table__.c[name] for name in RecipePublic.model_fields]


def _first(number: Any, columns: Sequence[Any], deleted: Any, conditions: Sequence[Any]) -> Any:
    # Limited by itself, so that each part ends as soon as its index has given enough.
    rows = select(*columns, deleted.label("deleted"), number.label("number"))
    return rows.where(number > _SINCE, *conditions).order_by(number).limit(_LIMIT).subquery()


def _there(*conditions: ColumnElement[bool]) -> Any:
    """The first changes of recipes that the viewer finds, or did before they were in the trash."""
    deleted = Recipe.deleted_at.is_not(None)
    return _first(Recipe.__table__.c.change_number, _COLUMNS, deleted, conditions)


def _gone(number: Any, version: Any, recipe_id: Any, *conditions: ColumnElement[bool]) -> Any:
    """The first changes that only say that a recipe is gone."""
    known = {"id": recipe_id, "version": version}
    columns = [known.get(each.key, cast(null(), each.type)).label(each.key) for each in _COLUMNS]
    return _first(number, columns, true(), conditions)


def _left(*conditions: ColumnElement[bool]) -> Any:
    return _gone(Recipe.left_number, Recipe.left_version, Recipe.id, *conditions)


def _removed(*conditions: ColumnElement[bool], of_viewer: bool = False) -> Any:
    grave = RecipeTombstone
    if of_viewer:
        return _gone(grave.change_number, grave.version, grave.recipe_id, *conditions)
    return _gone(grave.left_number, grave.left_version, grave.recipe_id, *conditions)


def _changes(*parts: Any) -> Statement:
    """The first of all changes of some kinds."""
    rows = union_all(*(select(*part.c) for part in parts)).subquery()
    return Statement(select(rows).order_by(rows.c.number).limit(_LIMIT))


_FOR_ANYONE = _changes(_there(LISTED), _left(), _removed())
_FOR_USER = _changes(
    _there(LISTED),
    _left(Recipe.submitter_id.is_distinct_from(_VIEWER)),
    _there(_HIDDEN, Recipe.submitter_id == _VIEWER),
    _removed(RecipeTombstone.submitter_id.is_distinct_from(_VIEWER)),
    _removed(RecipeTombstone.submitter_id == _VIEWER, of_viewer=True),
)
_FOR_SUPERUSER = _changes(_there(), _removed(of_viewer=True))


async def changes_since(db: Reader, viewer: Viewer, since: int, limit: int) -> dict[str, Any]:
    """Return what has changed for `viewer` after the number `since`, as `RecipeChanges`.

    A recipe that has left their lists, or was removed, is `deleted`, without anything of it.
    """
    values: dict[str, Any] = {"since": since, "limit": limit}
    if viewer.is_superuser:
        rows = await db.all(_FOR_SUPERUSER, values)
    elif viewer == ANONYMOUS:
        rows = await db.all(_FOR_ANYONE, values)
    else:
        rows = await db.all(_FOR_USER, values | {"viewer_id": viewer.id})
    items = []
    for row in rows:
        deleted, since = bool(row.pop("deleted")), row.pop("number")
        recipe = None if deleted else row.parsed()
        item = {"id": row["id"], "version": row["version"], "deleted": deleted, "recipe": recipe}
        items.append(item)
    return {"items": items, "next_since": since}
