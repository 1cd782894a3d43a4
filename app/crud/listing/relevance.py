"""Recipes in the order of their relevance: tier by tier of the search index."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import BigInteger, ColumnElement, FromClause, bindparam, select

from app.core.policy import Viewer
from app.crud.base import PageOfRows
from app.crud.listing.cursor import Bounds, Cursor, take_bounds, within_bytes
from app.crud.listing.filters import TOLD_BY_TERMS
from app.crud.recipe import recipe
from app.db.reader import CompiledQuery, Reader, Row
from app.models.recipe import Recipe
from app.schemas.page import RecipeQuery
from app.search.correction import corrections
from app.search.fulltext import Matches, search_table
from app.search.query import Sought
from app.search.terms import Clause
from app.search.words import words_of


class Plan(NamedTuple):
    """How to find what a query asks for."""

    filters: dict[str, Any]
    sought: Sought
    needs_index: bool
    """Whether words are asked for, which only the search index knows."""
    nothing: bool
    """Whether it is known before that nothing can match."""
    tag_counts: tuple[int, ...]
    binding: str

    @property
    def one_tag(self) -> int | None:
        """The only tag that has to be there, if it is just one."""
        groups = self.sought.tags
        return groups[0][0] if [len(each) for each in groups] == [1] else None


async def by_relevance(
    db: Reader,
    query: RecipeQuery,
    viewer: Viewer,
    plan: Plan,
    view: type[BaseModel],
    most_bytes: int | None,
) -> PageOfRows:
    """A page of what matches, the most relevant first. If nothing does, words are corrected.

    It ends early with the row that reaches `most_bytes`, if that is given.
    """
    binding = f"relevance {plan.binding}"
    after = Cursor.decode(query.cursor, binding, str, nullable=False) if query.cursor else None
    tier, corrected = _read_key(after.key) if after else (0, {})
    sought = with_corrections(plan.sought, corrected)
    search = _Search(db, viewer, plan, view, query.limit + 1, most_bytes)
    found, more = await search.find(sought, tier, after)
    if not found and after is None:
        corrected = await corrections(db, sought, viewer)
        if corrected:
            sought = with_corrections(sought, corrected)
            found, more = await search.find(sought, 0, None)
    more, found = more or len(found) > query.limit, found[: query.limit]
    rows = [row for _, row in found]
    cursor = None
    if more:
        last_tier, last = found[-1]
        cursor = Cursor(_write_key(last_tier, corrected), last["id"]).encode(binding)
    total = None
    if query.count:
        match = {"few_match": sought.whole(viewer).text(db.dialect)}
        total = await recipe.count(db, plan.filters | match)
    return PageOfRows(rows, cursor, total, view, corrected or None)


class _Search(NamedTuple):
    """Finds rows tier by tier."""

    db: Reader
    viewer: Viewer
    plan: Plan
    view: type[BaseModel]
    limit: int
    most_bytes: int | None

    async def find(
        self, sought: Sought, first: int, after: Cursor | None
    ) -> tuple[list[tuple[int, Row]], bool]:
        """The first rows after `after`, which is in the tier `first`, with their tiers.

        And whether there are more that `most_bytes` have no room for.
        """
        found: list[tuple[int, Row]] = []
        names, left = frozenset(self.plan.filters), self.most_bytes
        for tier, expression in enumerate(sought.tiers(self.viewer)):
            if tier < first:
                continue
            begins = after is not None and tier == first
            values = {**self.plan.filters, "limit": self.limit - len(found)}
            values["match"] = expression.text(self.db.dialect)
            if after is not None and begins:
                values["id"] = after.id
            if left is not None:
                values["most_bytes"] = left
            statement = _tier_statement(self.view, names, begins, left is not None)
            rows = await self.db.all(statement, values)
            bounds = Bounds(len(rows)) if left is None else take_bounds(rows)
            found += [(tier, row) for row in rows]
            if left is not None:
                left -= bounds.bytes
            is_full = len(rows) < bounds.found or (left is not None and left <= 0)
            if is_full or len(found) == self.limit:
                return found, is_full
        return found, False


def with_corrections(sought: Sought, words: Mapping[str, str]) -> Sought:
    """What is sought if these words are taken for others."""
    clauses = [
        Clause((words[each.typed],), each.typed) if each.typed in words else each
        for each in sought.clauses
    ]
    return sought._replace(clauses=clauses)


def _write_key(tier: int, corrected: Mapping[str, str]) -> str:
    """What the next page has to know: where it begins, and which words were taken for others."""
    return " ".join([str(tier), *(f"{word}={other}" for word, other in corrected.items())])


def _read_key(key: str) -> tuple[int, dict[str, str]]:
    tier, *pairs = key.split(" ")
    words = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return int(tier) if tier.isdecimal() else 0, {
        word: other for word, other in words.items() if words_of(other) == [other]
    }


@lru_cache(128)
def _tier_statement(
    view: type[BaseModel], names: frozenset[str], begins: bool, is_bounded: bool
) -> CompiledQuery:
    """The newest rows that match, after the last one of the page before if that `begins` here."""
    found = select(search_table.c.rowid).where(Matches("match"))
    if begins:
        found = found.where(search_table.c.rowid < bindparam("id", type_=BigInteger()))
    if names <= TOLD_BY_TERMS:
        # So only the recipes of the page are looked up.
        found = found.order_by(search_table.c.rowid.desc()).limit(bindparam("limit"))
    matching = found.subquery()
    columns = recipe.columns(view)
    rows = select(*([Recipe.id] if is_bounded else columns))
    rows = rows.join_from(matching, Recipe, Recipe.id == matching.c.rowid)
    rows = rows.where(*(recipe.filters[name] for name in sorted(names)))
    rows = rows.order_by(matching.c.rowid.desc()).limit(bindparam("limit"))
    if is_bounded:
        rows = within_bytes(rows, columns, Recipe.__table__, newest_first)
    return CompiledQuery(rows, model=view, heavy=True)


def newest_first(rows: FromClause) -> list[ColumnElement[Any]]:
    """The order of recipes that are equally relevant."""
    return [rows.c.id.desc()]
