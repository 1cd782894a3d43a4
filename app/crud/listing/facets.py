"""Facets: how the recipes of a list part by tag and by time."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.core.errors import Fault, InvalidError
from app.core.policy import Viewer
from app.crud.recipe import recipe
from app.crud.tag import as_spelled
from app.db.reader import CompiledQuery, Reader
from app.models.recipe import Recipe
from app.models.tag import Tag, recipe_tag
from app.search.fulltext import Matches, search_table

MOST_RECIPES = 10_000
"""So many are counted, the latest of a list."""
MOST_TAGS = 50
MINUTES = (15, 30, 45, 60, 90, 120, 180, 240)


async def facets_of(
    db: Reader,
    wanted: str,
    names: frozenset[str] | None,
    values: Mapping[str, Any],
    viewer: Viewer,
) -> dict[str, Any]:
    """The facets in `wanted` of the recipes that pass the filters in `names`; None: of none."""
    facets: dict[str, Any] = {}
    for facet in dict.fromkeys(name.strip() for name in wanted.split(",")):
        if facet not in _STATEMENTS:
            fault = Fault("must be of tag and total_minutes", "facet", parameter="facets")
            raise InvalidError("There is no such facet.", [fault])
        rows = await db.all(_STATEMENTS[facet](names), values) if names is not None else []
        if facet == "tag":
            rows = await as_spelled(db, rows, viewer)
        facets[facet] = [dict(row) for row in rows]
    if "total_minutes" in facets:
        (counts,) = facets["total_minutes"] or [{}]
        facets["total_minutes"] = [
            {"max": minutes, "count": counts.get(f"within_{minutes}", 0)} for minutes in MINUTES
        ]
    return facets


def _found(names: frozenset[str]) -> Any:
    rows = select(Recipe.id, Recipe.total_minutes)
    row_id: ColumnElement[int] = Recipe.__table__.c.id
    if "match" in names:
        # Walked itself, since to ask it of each recipe would take longer.
        row_id = search_table.c.rowid
        rows = rows.join_from(search_table, Recipe, Recipe.id == row_id).where(Matches("match"))
    rows = rows.where(*(recipe.filters[name] for name in sorted(names - {"match"})))
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


_STATEMENTS = {"tag": _by_tag, "total_minutes": _by_minutes}
