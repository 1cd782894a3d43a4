"""Pages of recipes by relevance: tier after tier of the search index, newest first in each."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy import BigInteger, bindparam, select

from app.crud.base import PageOfRows
from app.crud.listing.plan import RecipePlan
from app.crud.paging.cursor import Cursor
from app.crud.paging.keyset import Bounds, SortKey, take_bounds, within_bytes
from app.crud.paging.list_query import ListQuery
from app.crud.recipe import recipe
from app.crud.recipe_filters import FILTERS, IMPLIED_BY_MATCH
from app.db.reader import CompiledQuery, Reader, Row
from app.models.recipe import Recipe
from app.search.correction import corrections
from app.search.fulltext import Matches, search_table
from app.search.words import words_of

NEWEST_FIRST = SortKey(Recipe.__table__.c.id, Recipe.__table__.c.id, descending=True, name="id")


async def page_by_relevance(
    db: Reader, plan: RecipePlan, query: ListQuery
) -> tuple[PageOfRows, RecipePlan]:
    """Return a page of what matches, the most relevant first, and the plan that found it.

    If nothing matches, the words of the search are corrected.
    """
    scope = f"relevance {plan.cursor_scope}"
    after, tier = None, 0
    if query.cursor:
        after = Cursor.decode(query.cursor, scope, str)
        tier, words = _read_key(after.key)
        plan = plan.corrected(words)
    found = await _find(db, plan, query, tier, after)
    if not found.rows and after is None:
        words = await corrections(db, plan.search, plan.viewer)
        if words:
            plan = plan.corrected(words)
            found = await _find(db, plan, query, 0, None)
    rows = found.rows[: query.limit]
    next_cursor = None
    if found.is_cut or len(found.rows) > query.limit:
        tier, last = rows[-1]
        next_cursor = Cursor(_write_key(tier, plan.corrections), last["id"]).encode(scope)
    total = None
    if query.count:
        total = await recipe.count(db, plan.with_match(db.dialect).filters)
    return PageOfRows([row for _, row in rows], next_cursor, total, query.view), plan


class _Found(NamedTuple):
    """Rows with their tiers, and whether `max_bytes` left some out."""

    rows: list[tuple[int, Row]]
    is_cut: bool


async def _find(
    db: Reader, plan: RecipePlan, query: ListQuery, first: int, after: Cursor | None
) -> _Found:
    """Find one row more than a page has, from the tier `first` on, there after `after`."""
    rows: list[tuple[int, Row]] = []
    names, left = frozenset(plan.filters), query.max_bytes
    for tier, expression in enumerate(plan.search.tiers(plan.viewer)):
        if tier < first:
            continue
        parameters = {**plan.filters, "match": expression.text(db.dialect)}
        parameters["limit"] = query.limit + 1 - len(rows)
        is_continued = after is not None and tier == first
        if after is not None and is_continued:
            parameters["id"] = after.id
        if left is not None:
            parameters["max_bytes"] = left
        statement = _tier_statement(query.view, names, is_continued, left is not None)
        found = await db.all(statement, parameters)
        bounds = Bounds(len(found)) if left is None else take_bounds(found)
        rows += [(tier, row) for row in found]
        if left is not None:
            left -= bounds.bytes
            if len(found) < bounds.found or left <= 0:
                return _Found(rows, is_cut=True)
        if len(rows) > query.limit:
            break
    return _Found(rows, is_cut=False)


def _write_key(tier: int, corrected: Mapping[str, str]) -> str:
    """Return what the next page needs to know: its tier, and the corrected words."""
    return " ".join([str(tier), *(f"{word}={other}" for word, other in corrected.items())])


def _read_key(key: str) -> tuple[int, dict[str, str]]:
    tier, *pairs = key.split(" ")
    words = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return int(tier) if tier.isdecimal() else 0, {
        word: other for word, other in words.items() if words_of(other) == [other]
    }


@lru_cache(128)
def _tier_statement(
    view: type[BaseModel], names: frozenset[str], is_continued: bool, is_bounded: bool
) -> CompiledQuery:
    """Return the newest rows of a tier, after the row `id` if a page before ended in it."""
    found = select(search_table.c.rowid).where(Matches("match"))
    if is_continued:
        found = found.where(search_table.c.rowid < bindparam("id", type_=BigInteger()))
    if names <= IMPLIED_BY_MATCH:
        # Every match is in the list, so only the recipes of the page are read.
        found = found.order_by(search_table.c.rowid.desc()).limit(bindparam("limit"))
    matching = found.subquery()
    columns = recipe.columns(view)
    rows = select(*([Recipe.id] if is_bounded else columns))
    rows = rows.join_from(matching, Recipe, Recipe.id == matching.c.rowid)
    rows = rows.where(*(FILTERS[name].condition for name in sorted(names)))
    rows = rows.order_by(matching.c.rowid.desc()).limit(bindparam("limit"))
    if is_bounded:
        rows = within_bytes(rows, columns, Recipe.__table__, NEWEST_FIRST.order)
    return CompiledQuery(rows, model=view, heavy=True)
