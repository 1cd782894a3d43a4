"""The filters of recipe lists, one entry each.

To add a filter, add its member to `RecipeQuery` and an entry to QUERY_FILTERS. Lists, counts,
facets and exports then have it. This is all that a range of a column takes:

    _range("created_before", _recipe.created_at, operator.lt),

A filter that few recipes pass should have an index, and say so by `ids`: see `Filter`.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)

from app.core.policy import ANONYMOUS, FOUND_BY_ANYONE, Viewer
from app.core.text import source_key, url_key
from app.crud.paging.list_query import Filter, IndexWalk
from app.db.expressions import InArray, Unindexed
from app.models.recipe import Recipe
from app.models.tag import recipe_tag
from app.schemas.page import MAX_CHOICES, RecipeQuery
from app.schemas.types import MAX_MINUTES
from app.search.fulltext import Matches, search_table

Read = Callable[[RecipeQuery], Any]

_recipe = cast(Table, Recipe.__table__).c
_others = cast(Table, Recipe.__table__).alias("others").c
_OTHERS_LIVE = _others.deleted_at.is_(None)
"""The condition of partial indexes, without which the database does not use them."""
_LIST_SORTS = ("created_at", "updated_at", "label", "total_minutes")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class QueryFilter(Filter):
    """A filter that a RecipeQuery asks for."""

    name: str
    read: Read | None = None
    """Returns the value, None without the filter; by default the member with this name."""

    def value(self, query: RecipeQuery) -> Any:
        """Return the value that the query asks for, or None."""
        return self.read(query) if self.read else getattr(query, self.name)


def _equal(
    name: str, column: ColumnElement[Any], *partial: ColumnElement[bool], read: Read | None = None
) -> QueryFilter:
    """A column equals the value, which its index finds; `partial` is the index's condition.

    A page of a list may come from that index. An export, which is in the order of the ids, walks
    the ids if many rows are equal: it reads all of them, and would sort them for each page.
    """
    value = bindparam(name, type_=column.type)
    return QueryFilter(
        name=name,
        read=read,
        condition=column == value,
        unindexed=Unindexed(column) == value,
        indexed_sorts=_LIST_SORTS,
        ids=select(_others.id).where(_others[str(column.key)] == value, *partial),
        in_thread=False,
    )


def _range(
    name: str,
    column: ColumnElement[Any],
    compare: Callable[[Any, Any], Any],
    *,
    ids: Select[Any] | None = None,
    read: Read | None = None,
) -> QueryFilter:
    """A column compares with the value. Its index is used only in the sort by that column."""
    value = bindparam(name, type_=column.type)
    return QueryFilter(
        name=name,
        read=read,
        condition=compare(column, value),
        unindexed=compare(Unindexed(column), value),
        indexed_sorts=(str(column.key),),
        ids=ids,
    )


def _total_minutes(query: RecipeQuery) -> tuple[int | None, int | None]:
    """Return both bounds of the total minutes, or neither."""
    least, most = query.min_total_minutes, query.max_total_minutes
    if (least, most) == (None, None):
        return None, None
    return least or 0, MAX_MINUTES if most is None else most


def _later(name: str, column: ColumnElement[Any]) -> QueryFilter:
    other = _others[str(column.key)]
    ids = select(_others.id).where(_OTHERS_LIVE, other > bindparam(name, type_=column.type))
    return _range(name, column, operator.gt, ids=ids)


QUERY_FILTERS = (
    _equal("submitter_id", _recipe.submitter_id),
    _equal("source", _recipe.source_key, _OTHERS_LIVE, read=lambda query: source_key(query.source)),
    _equal("url", _recipe.url_key, read=lambda query: query.url and url_key(query.url)),
    _range(
        "min_total_minutes",
        _recipe.total_minutes,
        operator.ge,
        read=lambda query: _total_minutes(query)[0],
    ),
    _range(
        "max_total_minutes",
        _recipe.total_minutes,
        operator.le,
        ids=select(_others.id).where(
            _OTHERS_LIVE,
            _others.total_minutes.between(
                bindparam("min_total_minutes"), bindparam("max_total_minutes")
            ),
        ),
        read=lambda query: _total_minutes(query)[1],
    ),
    _later("updated_after", _recipe.updated_at),
    _later("created_after", _recipe.created_at),
    _range("max_prep_minutes", _recipe.prep_minutes, operator.le),
)
"""The filters that compare columns, those first that usually let the fewest rows pass: in this
order `choose_strategy` counts them. `submitter_id=me` has been replaced by an id."""


# --- Tags and words ------------------------------------------------------------------------------

_links = recipe_tag.alias()


def _tagged(name: str) -> ColumnElement[bool]:
    return exists().where(_links.c.recipe_id == Recipe.id, InArray(_links.c.tag_id, name))


def _tag_group(name: str) -> Filter:
    """The recipe has one of the tags whose ids are in the value, a JSON array."""
    return Filter(
        condition=_tagged(name),
        ids=select(recipe_tag.c.recipe_id).where(InArray(recipe_tag.c.tag_id, name)),
        # A list by age of one tag, which is the parameter `one_tag`.
        walk=IndexWalk(
            recipe_tag.c.created_at,
            recipe_tag.c.recipe_id,
            (recipe_tag.c.tag_id == bindparam("one_tag"), recipe_tag.c.recipe_id == Recipe.id),
            sorts=("created_at",),
        ),
        in_thread=name != "tag_0",
    )


_matching = select(search_table.c.rowid).where(Matches("match"))

INDEX_FILTERS: dict[str, Filter] = {
    **{f"tag_{number}": _tag_group(f"tag_{number}") for number in range(MAX_CHOICES + 1)},
    "not_tags": Filter(condition=~_tagged("not_tags")),
    "match": Filter(
        condition=Recipe.id.in_(_matching),
        unindexed=exists().where(search_table.c.rowid == Recipe.id, Matches("match")),
        ids=_matching,
        walk=IndexWalk(
            search_table.c.rowid,
            search_table.c.rowid,
            (Matches("match"), search_table.c.rowid == Recipe.id),
            sorts=("id",),
        ),
    ),
}
"""The filters that other tables answer. Recipes in the trash are not in them."""


# --- Who finds what ------------------------------------------------------------------------------

# Literals, because a bound value cannot be known to match a partial index.
IS_PUBLIC = or_(*(Recipe.visibility == literal_column(f"'{each}'") for each in FOUND_BY_ANYONE))
_IS_HIDDEN_AND_OWN = and_(
    *(Recipe.visibility != literal_column(f"'{each}'") for each in FOUND_BY_ANYONE),
    Recipe.submitter_id == bindparam("found_by"),
)
ACCESS_FILTERS: dict[str, Filter] = {
    "live": Filter(condition=Recipe.deleted_at.is_(None), in_thread=False),
    "found_by_anyone": Filter(condition=IS_PUBLIC, in_thread=False),
    "found_by": Filter(
        condition=or_(IS_PUBLIC, _IS_HIDDEN_AND_OWN),
        alternatives=(IS_PUBLIC, _IS_HIDDEN_AND_OWN),
        in_thread=False,
    ),
    "trash_of": Filter(
        condition=and_(
            Recipe.deleted_at.is_not(None), Recipe.submitter_id == bindparam("trash_of")
        ),
    ),
}
IMPLIED_BY_MATCH = {"live", "found_by_anyone", "found_by"}
"""Filters that every recipe passes that a viewer finds in the search index."""


def findable(viewer: Viewer) -> dict[str, Any]:
    """Return the filters for what the lists of `viewer` contain, as `app.core.policy` says."""
    if viewer.is_superuser:
        return {"live": True}
    if viewer == ANONYMOUS:
        return {"live": True, "found_by_anyone": True}
    return {"live": True, "found_by": viewer.id}


FILTERS: dict[str, Filter] = {
    **ACCESS_FILTERS,
    **INDEX_FILTERS,
    **{each.name: each for each in QUERY_FILTERS},
}
