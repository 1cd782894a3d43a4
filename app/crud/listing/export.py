"""All recipes of a list, in the order of their ids and in constant memory.

Each page is a statement of its own that begins behind the last id, so that nothing is held while
somebody reads slowly. In all, every row is looked at once.
"""

from collections.abc import AsyncGenerator
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from app.core.bounds import ANSWER_BYTES
from app.core.policy import Viewer
from app.crud.listing.cursor import take_bounds, within_bytes
from app.crud.listing.filters import FEW, FILTERS
from app.crud.listing.recipes import match_of, plan_of
from app.crud.listing.relevance import Plan
from app.crud.recipe import recipe
from app.db.expressions import Unindexed
from app.db.reader import CompiledQuery, Reader, Row
from app.models.recipe import Recipe
from app.schemas.page import RecipeQuery
from app.schemas.recipe import RecipeDocument
from app.search.fulltext import Matches, search_table

PAGE = 200
"""Recipes of one statement, fewer if they are large. More would not be quicker."""

HOW_FEW = 5_000
"""To find and sort so many for each page takes no longer than to look at a million once."""

_TABLE = Recipe.__table__
_others = aliased(Recipe)
_EQUAL = {name: _TABLE.c[name] for name in ("submitter_id", "source_key", "url_key")}

_FEW: dict[str, Select[Any]] = {
    "submitter_id": select(_others.id).where(_others.submitter_id == bindparam("submitter_id")),
    "source_key": select(_others.id).where(
        _others.deleted_at.is_(None), _others.source_key == bindparam("source_key")
    ),
    "url_key": select(_others.id).where(_others.url_key == bindparam("url_key")),
    "created_after": select(_others.id).where(
        _others.deleted_at.is_(None), _others.created_at > bindparam("created_after")
    ),
    "updated_after": FEW["few_updated"],
    "max_total_minutes": FEW["few_minutes"],
}
"""By filter, what finds the ids of those that pass it by an index."""


async def export_recipes(
    db: Reader, query: RecipeQuery, viewer: Viewer
) -> AsyncGenerator[list[Row]]:
    """What `viewer` may find of what `query` asks for, in pages of RecipeDocument.

    The sort of the query, and how much it wants of what, do not matter.
    """
    plan = await plan_of(db, query, viewer)
    if plan.nothing:
        return
    filters, few = plan.filters, None
    if plan.needs_index:
        filters = filters | {"match": (await match_of(db, plan, viewer))[0]}
    else:
        few = await _few(db, plan)
    statement = _page_statement(frozenset(filters), few)
    values = {**filters, "few_tagged": filters.get(few or ""), "limit": PAGE}
    values["most_bytes"] = ANSWER_BYTES
    last, more = 0, True
    while more:
        rows = await db.all(statement, values | {"after": last})
        found = take_bounds(rows).found
        more = found == PAGE or found > len(rows)
        if rows:
            last = [row.pop("id") for row in rows][-1]
            yield rows


async def _few(db: Reader, plan: Plan) -> str | None:
    """The filter that few pass, which are then found by its index and sorted, if there is one."""
    for number, count in enumerate(plan.tag_counts):
        if count < HOW_FEW:
            return f"tag_{number}"
    for name in [name for name in _FEW if name in plan.filters]:
        row = await db.first(_SOME[name], plan.filters)
        if row is not None and row["count"] < HOW_FEW:
            return name
    return None


def _some(few: Select[Any]) -> CompiledQuery:
    some = few.limit(HOW_FEW).subquery()
    return CompiledQuery(select(func.count().label("count")).select_from(some), heavy=True)


_SOME = {name: _some(few) for name, few in _FEW.items()}


@lru_cache(128)
def _page_statement(names: frozenset[str], few: str | None) -> CompiledQuery:
    """The rows behind an id that pass the filters."""
    rows = select(Recipe.id)
    row_id: ColumnElement[int] = _TABLE.c.id
    if "match" in names:
        row_id = search_table.c.rowid
        rows = rows.join_from(search_table, Recipe, Recipe.id == row_id).where(Matches("match"))
    elif few is not None:
        row_id = Unindexed(row_id)
        rows = rows.where(Recipe.id.in_(_FEW.get(few, FEW["few_tagged"])))
    rows = rows.where(*(_looked_at(name) for name in sorted(names - {"match"})))
    rows = rows.where(row_id > bindparam("after", type_=BigInteger()))
    rows = rows.order_by(row_id).limit(bindparam("limit"))
    columns = recipe.columns(RecipeDocument)
    return CompiledQuery(within_bytes(rows, columns, _TABLE, _by_id), heavy=True)


def _by_id(rows: FromClause) -> list[ColumnElement[Any]]:
    return [rows.c.id]


def _looked_at(name: str) -> ColumnElement[bool]:
    """A filter whose index does not keep that of the ids from being walked."""
    column = _EQUAL.get(name)
    if column is None:
        return FILTERS.get(f"+{name}", FILTERS[name])
    return Unindexed(column) == bindparam(name, type_=column.type)
