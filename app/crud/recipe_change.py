"""Changes of recipes in the order of their commits, for those who keep a copy.

Each change takes the next number from one row, which its transaction holds until it has committed.
So whoever has seen a number has seen all below it; a sequence would hand numbers to transactions
that commit in another order, and a copy would miss some. The row comes after all other locks of a
transaction, so that no two wait for each other.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    cast,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from app.core.policy import ANONYMOUS, Viewer, may_find
from app.db.driver import Driver
from app.db.reader import Reader, Statement
from app.db.types import utc_now
from app.models.recipe import Recipe
from app.models.recipe_change import RecipeTombstone
from app.schemas.recipe import RecipePublic

_COUNT_ON = {
    "sqlite": "UPDATE recipe_counter SET value = value + ? RETURNING value",
    "postgresql": "UPDATE recipe_counter SET value = value + %s RETURNING value",
}


def next_number(session: Session, changes: int = 1) -> int:
    """The number of the last of the `changes` that this transaction is about to make."""
    ((number,),) = Driver(session).run(_COUNT_ON, (changes,))
    return int(number)


def bury(session: Session, recipe: Recipe) -> None:
    """Remember that `recipe` is removed for good."""
    session.add(
        RecipeTombstone(
            recipe_id=recipe.id,
            version=recipe.version + 1,
            submitter_id=recipe.submitter_id,
            was_public=recipe.was_public,
            change_number=next_number(session),
            removed_at=utc_now(),
        )
    )


def _changes(reaching: Callable[[Any], ColumnElement[bool]]) -> Statement:
    """The first changes after a number; of what was removed the recipe's columns are null."""
    columns = [Recipe.__table__.c[name] for name in RecipePublic.model_fields]
    there = select(*columns, Recipe.deleted_at, Recipe.change_number)
    known = {"id": RecipeTombstone.recipe_id, "version": RecipeTombstone.version}
    gone = select(
        *(known.get(each.key, cast(null(), each.type)).label(each.key) for each in columns),
        RecipeTombstone.removed_at.label("deleted_at"),
        RecipeTombstone.change_number,
    )
    # Each part is limited by itself, so that both end as soon as their index has given enough.
    parts = [
        part.where(model.change_number > bindparam("since"), reaching(model))
        .order_by(model.change_number)
        .limit(bindparam("limit"))
        .subquery()
        for part, model in ((there, Recipe), (gone, RecipeTombstone))
    ]
    rows = union_all(*(select(*part.c) for part in parts)).subquery()
    return Statement(select(rows).order_by(rows.c.change_number).limit(bindparam("limit")))


_FOR_ANYONE = _changes(lambda model: model.was_public == true())
_FOR_USER = _changes(
    lambda model: or_(model.was_public == true(), model.submitter_id == bindparam("viewer_id"))
)
_FOR_SUPERUSER = _changes(lambda model: true())


async def changes_since(db: Reader, viewer: Viewer, since: int, limit: int) -> dict[str, Any]:
    """What has changed for `viewer` after the number `since`, as `RecipeChanges`.

    A recipe that has left their lists, or was removed, is told as deleted, and nothing of it.
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
        deleted = row.pop("deleted_at") is not None or not may_find(
            viewer, row["visibility"], row["submitter_id"]
        )
        since = row.pop("change_number")
        recipe = None if deleted else row.parsed()
        item = {"id": row["id"], "version": row["version"], "deleted": deleted, "recipe": recipe}
        items.append(item)
    return {"items": items, "next_since": since}
