"""How to find the recipes that a query asks for: its filters, its search, and a strategy.

A list in the order of a column walks the index of its sort and skips the rows that its filters
refuse, which is quick while many rows pass. If few pass, their ids are collected by an index of
their own, and these rows are sorted. `choose_strategy` decides; lists by relevance walk the search
index (`app.crud.listing.relevance`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select

from app.core.errors import Fault, InvalidError, UnauthenticatedError
from app.core.policy import ANONYMOUS, Viewer
from app.crud.paging.list_query import WALK_SORT_INDEX, How, Strategy
from app.crud.recipe_filters import FILTERS, QUERY_FILTERS, findable
from app.crud.tag import find_tags
from app.db.reader import CompiledQuery, Reader
from app.db.types import dump_json
from app.models.search import search_language
from app.schemas.page import RecipeQuery
from app.search.correction import corrections
from app.search.query import Clause, SearchQuery, complete, parse_query, widen
from app.search.synonyms import synonyms_for
from app.search.words import words_of

_LANGUAGES = CompiledQuery(select(search_language.c.code))
_NOT_IN_SCOPE = {"limit", "cursor", "count", "view", "fields", "facets", "highlight", "sort"}
_NOT_IN_TRASH = {"q", "tag", "any_tag", "not_tag", "ingredient", "not_ingredient", "facets"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipePlan:
    """How to find what a query asks for, as far as a viewer may find it."""

    viewer: Viewer
    filters: Mapping[str, Any]
    """The values of filters by name."""
    search: SearchQuery
    uses_search_index: bool
    is_empty: bool
    """Whether nothing can match."""
    counts: Mapping[str, int]
    """How many recipes pass a filter, as far as that is known."""
    cursor_scope: str
    corrections: Mapping[str, str] = field(default_factory=dict)
    """The words that match nothing, and the words that are searched instead."""

    @property
    def one_tag(self) -> int | None:
        """The id of the tag, if exactly one is required."""
        groups = self.search.tags
        return groups[0][0] if [len(each) for each in groups] == [1] else None

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of strategies."""
        return {} if self.one_tag is None else {"one_tag": self.one_tag}

    def corrected(self, corrections: Mapping[str, str]) -> "RecipePlan":
        """Return the plan with words of the search replaced by others."""
        if not corrections:
            return self
        search = self.search.corrected(corrections)
        return replace(self, search=search, corrections=corrections)

    def with_match(self, dialect: str) -> "RecipePlan":
        """Return the plan with the filter `match`: all that the search finds."""
        match = self.search.whole(self.viewer).text(dialect)
        return replace(self, filters={"match": match, **self.filters})


async def plan_recipes(db: Reader, query: RecipeQuery, viewer: Viewer) -> RecipePlan:
    """Return the plan for a query. Raises InvalidError or UnauthenticatedError if it has none."""
    uses_search_index = query.q is not None or bool(query.ingredient or query.not_ingredient)
    languages = await _languages(db) if uses_search_index else []
    synonyms = synonyms_for(db)
    clauses: list[Clause] = []
    if query.q is not None:
        clauses = await complete(db, parse_query(query.q, languages))
    names = [*query.tag, *query.any_tag, *query.not_tag]
    tags = await find_tags(db, names) if names else {}
    groups = [tags[each] for each in query.tag]
    if query.any_tag:
        groups.append([tag for each in query.any_tag for tag in tags[each]])
    search = SearchQuery(
        clauses=widen(clauses, synonyms, languages),
        ingredients=query.ingredient,
        not_ingredients=query.not_ingredient,
        tags=[[tag.id for tag in group] for group in groups],
        not_tags=[tag.id for each in query.not_tag for tag in tags[each]],
        languages=languages,
        synonyms=synonyms,
    )
    filters = _access(query, viewer) | _column_filters(query, viewer)
    counts: dict[str, int] = {}
    if not uses_search_index:
        filters |= {f"tag_{n}": dump_json(ids) for n, ids in enumerate(search.tags)}
        counts = {f"tag_{n}": sum(tag.recipes for tag in group) for n, group in enumerate(groups)}
        filters |= {"not_tags": dump_json(search.not_tags)} if search.not_tags else {}
    return RecipePlan(
        viewer=viewer,
        filters=filters,
        search=search,
        uses_search_index=uses_search_index,
        is_empty=(
            (query.q is not None and not clauses)
            or not all(search.tags)
            or not all(map(words_of, query.ingredient))
        ),
        counts=counts,
        cursor_scope=(
            f"{query.model_dump_json(exclude=_NOT_IN_SCOPE)} {viewer.id} {viewer.is_superuser}"
        ),
    )


async def _languages(db: Reader) -> list[str]:
    return sorted(row["code"] for row in await db.all(_LANGUAGES))


def _access(query: RecipeQuery, viewer: Viewer) -> dict[str, Any]:
    if not query.deleted:
        return findable(viewer)
    if viewer == ANONYMOUS:
        raise UnauthenticatedError("Sign in first: the trash is one's own.")
    if used := sorted(name for name in _NOT_IN_TRASH if getattr(query, name)):
        faults = [Fault("does not go with deleted", "trash", parameter=name) for name in used]
        raise InvalidError("What is in the trash is in no index.", faults)
    return {"trash_of": viewer.id}


def _column_filters(query: RecipeQuery, viewer: Viewer) -> dict[str, Any]:
    values = {each.name: each.value(query) for each in QUERY_FILTERS}
    if query.submitter_id == "me":
        if viewer == ANONYMOUS:
            raise UnauthenticatedError("Sign in first: only then it is known who you are.")
        values["submitter_id"] = viewer.id
    return {name: value for name, value in values.items() if value is not None}


# --- The strategy --------------------------------------------------------------------------------


async def match_or_correct(db: Reader, plan: RecipePlan, limit: int) -> RecipePlan:
    """Return the plan with the filter `match`, its words corrected if nothing matches them.

    Its matches are counted up to `limit`.
    """
    if not plan.uses_search_index:
        return plan
    matching = await _counted(db, plan.with_match(db.dialect), "match", limit)
    if matching.counts["match"] == 0:
        words = await corrections(db, plan.search, plan.viewer)
        if words:
            corrected = plan.corrected(words).with_match(db.dialect)
            return await _counted(db, corrected, "match", limit)
    return matching


async def choose_strategy(
    db: Reader, plan: RecipePlan, sort: str, small_result: int, max_counts: int
) -> Strategy:
    """Choose how to find the recipes of a plan in the order of a column.

    A result is sorted in memory if a filter with an index lets fewer than `small_result` rows pass.
    The rows of at most `max_counts` filters are counted, one statement each, in the order of the
    filters in their table.
    """
    sort = sort.removeprefix("-")
    if walked := _filter_in_order(plan, sort):
        return Strategy(How.WALK_FILTER_INDEX, walked)
    if plan.counts:
        rarest = min(plan.counts, key=lambda name: plan.counts[name])
        if plan.counts[rarest] < small_result:
            return Strategy(How.SORT_IN_MEMORY, rarest)
    uncounted = [name for name in plan.filters if name not in plan.counts and _helps(name, sort)]
    # The indexes do not contain the trash.
    for name in uncounted[:max_counts] if "live" in plan.filters else ():
        plan = await _counted(db, plan, name, small_result)
        if plan.counts[name] < small_result:
            return Strategy(How.SORT_IN_MEMORY, name)
    return WALK_SORT_INDEX


def _helps(name: str, sort: str) -> bool:
    """Return whether a filter has an index that the database would not use for this sort."""
    return FILTERS[name].ids is not None and sort not in FILTERS[name].indexed_sorts


def _filter_in_order(plan: RecipePlan, sort: str) -> str | None:
    """Return the filter whose index is in the order of the sort, if there is one."""
    name = "match" if "match" in plan.filters else "tag_0"
    if name not in plan.filters or (name == "tag_0" and plan.one_tag is None):
        return None
    walk = FILTERS[name].walk
    return name if walk is not None and sort in walk.sorts else None


async def _counted(db: Reader, plan: RecipePlan, name: str, limit: int) -> RecipePlan:
    """Return the plan with the count of a filter, up to `limit`, which its index finds quickly."""
    row = await db.first(_count_up_to(name), {**plan.filters, "limit": limit})
    assert row is not None
    return replace(plan, counts={**plan.counts, name: int(row["count"])})


@cache
def _count_up_to(name: str) -> CompiledQuery:
    ids = FILTERS[name].ids
    assert ids is not None
    some = ids.limit(bindparam("limit", type_=BigInteger())).subquery()
    return CompiledQuery(select(func.count().label("count")).select_from(some), heavy=True)
