"""The conditions that lists of recipes may have, each with a parameter of its own name."""

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from app.core.policy import ANONYMOUS, FOUND_BY_ANYONE, Viewer
from app.db.expressions import InArray, Unindexed
from app.models.recipe import Recipe
from app.models.tag import recipe_tag
from app.schemas.page import MAX_CHOICES
from app.search.fulltext import Matches, search_table

# Written out, since a bound value cannot be known to match a partial index.
IS_PUBLIC = or_(
    *(Recipe.visibility == literal_column(f"'{visibility}'") for visibility in FOUND_BY_ANYONE)
)
_others = aliased(Recipe)


def _tagged(parameter: str) -> ColumnElement[bool]:
    # By another name, since a list may walk the tags itself.
    links = recipe_tag.alias()
    return exists().where(links.c.recipe_id == Recipe.id, InArray(links.c.tag_id, parameter))


class Range(NamedTuple):
    """What a column must be, compared with a parameter."""

    column: ColumnElement[Any]
    compare: Callable[[Any, Any], Any]


RANGES = {
    "max_total_minutes": Range(Recipe.__table__.c.total_minutes, operator.le),
    "min_total_minutes": Range(Recipe.__table__.c.total_minutes, operator.ge),
    "created_after": Range(Recipe.__table__.c.created_at, operator.gt),
    "updated_after": Range(Recipe.__table__.c.updated_at, operator.gt),
}


def _in_ranges() -> dict[str, ColumnElement[bool]]:
    """The ranges, and with a plus before their names those that are only looked at.

    For where another index is walked: SQLite would rather find all of a range and sort it.
    """
    conditions: dict[str, ColumnElement[bool]] = {}
    for name, (column, compare) in RANGES.items():
        value = bindparam(name, type_=column.type)
        conditions |= {name: compare(column, value), f"+{name}": compare(Unindexed(column), value)}
    return conditions


FEW: dict[str, Select[Any]] = {
    "few_match": select(search_table.c.rowid).where(Matches("few_match")),
    "few_tagged": select(recipe_tag.c.recipe_id).where(InArray(recipe_tag.c.tag_id, "few_tagged")),
    "few_minutes": select(_others.id).where(
        _others.deleted_at.is_(None),
        _others.total_minutes.between(
            bindparam("min_total_minutes"), bindparam("max_total_minutes")
        ),
    ),
    "few_updated": select(_others.id).where(
        _others.deleted_at.is_(None), _others.updated_at > bindparam("updated_after")
    ),
}
"""What finds the ids of the recipes that pass a filter by an index, in no order."""

PARTS: dict[str, tuple[ColumnElement[bool], ...]] = {
    "found_by": (
        IS_PUBLIC,
        and_(
            *(Recipe.visibility != literal_column(f"'{each}'") for each in FOUND_BY_ANYONE),
            Recipe.submitter_id == bindparam("found_by"),
        ),
    )
}
"""Filters that let several kinds of rows pass, no row of which is of two."""

FILTERS: dict[str, ColumnElement[bool]] = {
    "live": Recipe.deleted_at.is_(None),
    "in_trash": Recipe.deleted_at.is_not(None),
    "found_by_anyone": IS_PUBLIC,
    "found_by": or_(*PARTS["found_by"]),
    "thrown_by": Recipe.submitter_id == bindparam("thrown_by"),
    "submitter_id": Recipe.submitter_id == bindparam("submitter_id"),
    "source_key": Recipe.source_key == bindparam("source_key"),
    "url_key": Recipe.url_key == bindparam("url_key"),
    "max_prep_minutes": Recipe.prep_minutes <= bindparam("max_prep_minutes"),
    **_in_ranges(),
    "match": exists().where(search_table.c.rowid == Recipe.id, Matches("match")),
    **{f"tag_{number}": _tagged(f"tag_{number}") for number in range(MAX_CHOICES + 1)},
    "not_tags": ~_tagged("not_tags"),
    **{name: Recipe.id.in_(ids) for name, ids in FEW.items()},
}


TOLD_BY_TERMS = {"live", "found_by_anyone", "found_by"}
"""Filters that whatever matches in the search index passes: they say who finds what."""


def findable(viewer: Viewer) -> dict[str, Any]:
    """The filters for what turns up in lists of `viewer`, as `app.core.policy` says."""
    if viewer.is_superuser:
        return {"live": True}
    if viewer == ANONYMOUS:
        return {"live": True, "found_by_anyone": True}
    return {"live": True, "found_by": viewer.id}
