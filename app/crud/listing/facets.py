"""Facets: how many recipes of a list have each tag, and take how long."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, func, select

from app.core.errors import Fault, InvalidError
from app.crud.listing.plan import RecipePlan
from app.crud.recipe_filters import FILTERS
from app.crud.tag import as_spelled
from app.db.reader import CompiledQuery, Reader
from app.models.recipe import Recipe
from app.models.tag import Tag, recipe_tag

MOST_RECIPES = 10_000
"""Of larger lists the newest recipes are counted."""
MOST_TAGS = 50
MINUTES = (15, 30, 45, 60, 90, 120, 180, 240)


async def facets_of(db: Reader, plan: RecipePlan, wanted: str) -> dict[str, Any]:
    """Return the facets that `wanted` names, separated by commas.

    Raises InvalidError if there is no such facet.
    """
    names = list(dict.fromkeys(name.strip() for name in wanted.split(",")))
    if not set(names) <= _STATEMENTS.keys():
        fault = Fault("must be of tag and total_minutes", "facet", parameter="facets")
        raise InvalidError("There is no such facet.", [fault])
    if plan.uses_search_index and not plan.is_empty:
        plan = plan.with_match(db.dialect)
    facets: dict[str, Any] = {}
    for name in names:
        statement = _STATEMENTS[name](frozenset(plan.filters))
        rows = [] if plan.is_empty else await db.all(statement, plan.filters)
        if name == "tag":
            rows = await as_spelled(db, rows, plan.viewer)
        facets[name] = [dict(row) for row in rows]
    if "total_minutes" in facets:
        (counts,) = facets["total_minutes"] or [{}]
        facets["total_minutes"] = [
            {"max": minutes, "count": counts.get(f"within_{minutes}", 0)} for minutes in MINUTES
        ]
    return facets


def _found(names: frozenset[str]) -> CTE:
    """Return the newest recipes that pass filters."""
    table = Recipe.__table__
    row_id: ColumnElement[int] = table.c.id
    conditions = [FILTERS[name].condition for name in sorted(names - {"match"})]
    if "match" in names:
        walk = FILTERS["match"].walk
        assert walk is not None
        row_id, conditions = walk.row_id, [*walk.conditions, *conditions]
    rows = select(table.c.id, table.c.total_minutes).where(*conditions)
    return rows.order_by(row_id.desc()).limit(MOST_RECIPES).cte("found")


@lru_cache(64)
def _by_tag(names: frozenset[str]) -> CompiledQuery:
    found = _found(names)
    count = func.count().label("count")
    rows = (
        select(Tag.kind, Tag.name, count)
        .join_from(found, recipe_tag, recipe_tag.c.recipe_id == found.c.id)
        .join(Tag, Tag.id == recipe_tag.c.tag_id)
        .group_by(Tag.id, Tag.kind, Tag.name, Tag.key)
        .order_by(count.desc(), Tag.kind, Tag.key)
        .limit(MOST_TAGS)
    )
    return CompiledQuery(rows, heavy=True)


@lru_cache(64)
def _by_minutes(names: frozenset[str]) -> CompiledQuery:
    found = _found(names)
    counts = [
        func.count().filter(found.c.total_minutes <= minutes).label(f"within_{minutes}")
        for minutes in MINUTES
    ]
    return CompiledQuery(select(*counts), heavy=True)


_STATEMENTS: dict[str, Callable[[frozenset[str]], CompiledQuery]] = {
    "tag": _by_tag,
    "total_minutes": _by_minutes,
}
