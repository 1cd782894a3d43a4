"""Changes of recipes in the order of their commits, for clients that keep a copy.

Each change takes the next number from one row, which its transaction locks until it commits. So a
client that has seen a number has seen all below it; a sequence would give numbers to transactions
that commit in another order. The row is locked last, before `user_storage` alone, so that no two
transactions deadlock.

Everyone follows the changes of recipes in the public lists, and of those that leave them. A recipe
that has left keeps the number of its leaving, and others see nothing else of it. Changes that only
a submitter and superusers see take numbers between two multiples of PUBLIC_STEP, so public numbers
do not count them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from app.core.bounds import ANSWER_BYTES
from app.core.policy import ANONYMOUS, FOUND_BY_ANYONE, Viewer
from app.crud import user_storage
from app.crud.base import RowsOf
from app.crud.paging.keyset import take_bounds, within_bytes
from app.crud.recipe_filters import FILTERS, IS_PUBLIC
from app.db.driver import Driver, for_both
from app.db.reader import CompiledQuery, Reader
from app.db.types import utc_now
from app.models.recipe import Recipe, RecipeTombstone
from app.schemas.recipe import RecipeChanges, RecipePublic
from app.search.index import VOCABULARY

PUBLIC_STEP = 2**20
"""The step of public changes. 2^33 of them fit into the integers of JavaScript."""

_NEXT_HIDDEN = "value + 1"
_NEXT_PUBLIC = f"(value / {PUBLIC_STEP} + 1) * {PUBLIC_STEP}"
_COUNT_HIDDEN, _COUNT_PUBLIC, _HOLD = (
    for_both(f"UPDATE recipe_counter SET value = {value} RETURNING value, vocabulary")  # noqa: S608 - Ours.
    for value in (_NEXT_HIDDEN, _NEXT_PUBLIC, "value")
)
_COUNTED = for_both("UPDATE recipe_counter SET value = ?")


def is_listed(visibility: str, deleted_at: datetime | None = None) -> bool:
    """Return whether a recipe is in the public lists."""
    return deleted_at is None and visibility in FOUND_BY_ANYONE


def next_number(session: Session, *, is_public: bool) -> int:
    """Return the number of the change that this transaction is about to make."""
    return _count(session, _COUNT_PUBLIC if is_public else _COUNT_HIDDEN)


def next_numbers(session: Session, public: Sequence[bool]) -> list[int]:
    """Return the numbers of many changes, as if they were made one by one."""
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
    """Return the columns that number a change of a recipe."""
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


def add_tombstone(session: Session, recipe: Recipe) -> None:
    """Store that `recipe` is deleted for good, and release its storage."""
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
_VIEWER: BindParameter[int] = bindparam("found_by")
LISTED = and_(Recipe.deleted_at.is_(None), IS_PUBLIC)
# As the condition of the index that finds them.
_HIDDEN = or_(
    Recipe.deleted_at.is_not(None),
    *(Recipe.visibility != literal_column(f"'{visibility}'") for visibility in FOUND_BY_ANYONE),
)
_AT_ONCE = 200
"""Changes of one query, which reads the sizes of all of them."""


def _first(
    row_id: Any, version: Any, number: Any, deleted: ColumnElement[bool], *conditions: Any
) -> Any:
    # Limited by itself, so that each part ends as soon as its index has given enough.
    columns = (row_id.label("id"), version.label("version"), number.label("number"))
    rows = select(*columns, deleted.label("deleted")).where(number > _SINCE, *conditions)
    return rows.order_by(number).limit(_LIMIT).subquery()


def _there(*conditions: ColumnElement[bool]) -> Any:
    """Select the first changes of recipes that the viewer finds, or found before the trash."""
    deleted = Recipe.deleted_at.is_not(None)
    return _first(Recipe.id, Recipe.version, Recipe.change_number, deleted, *conditions)


def _left(*conditions: ColumnElement[bool]) -> Any:
    """Select the first deletions."""
    return _first(Recipe.id, Recipe.left_version, Recipe.left_number, true(), *conditions)


def _removed(*conditions: ColumnElement[bool], of_viewer: bool = False) -> Any:
    grave = RecipeTombstone
    if of_viewer:
        return _first(grave.recipe_id, grave.version, grave.change_number, true(), *conditions)
    return _first(grave.recipe_id, grave.left_version, grave.left_number, true(), *conditions)


def _in_order(rows: FromClause) -> list[ColumnElement[Any]]:
    return [rows.c.number]


def _changes(found: Sequence[str], *parts: Any) -> CompiledQuery:
    """Select the first changes of some kinds, with the recipes that pass the filters `found`."""
    both = union_all(*(select(*part.c) for part in parts)).subquery()
    rows = select(both).order_by(both.c.number).limit(_LIMIT)
    table = Recipe.__table__
    columns = [table.c[name] for name in RecipePublic.model_fields]
    conditions = [FILTERS[name].condition for name in ("live", *found)]
    return CompiledQuery(within_bytes(rows, columns, table, _in_order, *conditions), heavy=True)


_FOR_ANYONE = _changes(["found_by_anyone"], _there(LISTED), _left(), _removed())
_FOR_USER = _changes(
    ["found_by"],
    _there(LISTED),
    _left(Recipe.submitter_id.is_distinct_from(_VIEWER)),
    _there(_HIDDEN, Recipe.submitter_id == _VIEWER),
    _removed(RecipeTombstone.submitter_id.is_distinct_from(_VIEWER)),
    _removed(RecipeTombstone.submitter_id == _VIEWER, of_viewer=True),
)
_FOR_SUPERUSER = _changes([], _there(), _removed(of_viewer=True))


async def changes_since(db: Reader, viewer: Viewer, since: int, limit: int) -> RowsOf:
    """Return what has changed for `viewer` after the number `since`, as `RecipeChanges`.

    A recipe that has left their lists, or was removed, is `deleted`, without anything of it. The
    answer ends early if the recipes reach ANSWER_BYTES.
    """
    statement, values = _FOR_USER, {"found_by": viewer.id}
    if viewer.is_superuser:
        statement, values = _FOR_SUPERUSER, {}
    elif viewer == ANONYMOUS:
        statement, values = _FOR_ANYONE, {}
    items: list[dict[str, Any]] = []
    max_bytes, more = ANSWER_BYTES, True
    while more and len(items) < limit and max_bytes > 0:
        asked = min(limit - len(items), _AT_ONCE)
        values |= {"since": since, "limit": asked, "max_bytes": max_bytes}
        rows = await db.all(statement, values)
        bounds = take_bounds(rows)
        max_bytes -= bounds.bytes
        more = len(rows) == bounds.found == asked
        for row in rows:
            since, deleted = row.pop("number"), bool(row.pop("deleted"))
            recipe = None if deleted else row
            item = {"id": row["id"], "version": row["version"], "deleted": deleted}
            items.append(item | {"recipe": recipe})
    return RowsOf(RecipeChanges, {"items": items, "next_since": since})
