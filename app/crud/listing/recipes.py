"""Lists of recipes: by relevance from the search index, else in the order of a column.

A list walks the index of its sort and passes over what its filters refuse, which is quick while
many pass. Where few do, these few are found by an index of their own and sorted.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from sqlalchemy import bindparam, func, select

from app.core.bounds import ANSWER_BYTES, HIGHLIGHTED_WORDS
from app.core.errors import Fault, InvalidError, UnauthenticatedError
from app.core.policy import ANONYMOUS, Viewer
from app.core.text import url_key
from app.core.threads import compute
from app.crud.base import PageOfRows, Path
from app.crud.listing.cursor import within_bytes, wrong_cursor
from app.crud.listing.facets import facets_of
from app.crud.listing.filters import FEW, RANGES, TOLD_BY_TERMS, findable
from app.crud.listing.relevance import Plan, by_relevance, newest_first, with_corrections
from app.crud.recipe import recipe, source_key
from app.crud.tag import find_tags
from app.db.expressions import InArray
from app.db.reader import CompiledQuery, Reader, Row
from app.db.types import dump_json
from app.models.recipe import Recipe
from app.models.search import search_language
from app.models.tag import recipe_tag
from app.schemas.page import RecipeQuery
from app.schemas.recipe import RecipePublic, RecipeSummary
from app.schemas.types import MAX_MINUTES
from app.search.completion import completed
from app.search.correction import corrections
from app.search.highlight import Wanted, highlights, wanted_by
from app.search.query import Sought
from app.search.terms import TEXTS, parse_query
from app.search.words import stems, words_of

HOW_FEW = 1000
"""To find, read and sort so many takes about as long as a walk to a page of them."""

_LANGUAGES = CompiledQuery(select(search_language.c.code))
_TAGGED = Path(
    recipe_tag.c.created_at,
    recipe_tag.c.recipe_id,
    (recipe_tag.c.tag_id == bindparam("tagged"), recipe_tag.c.recipe_id == Recipe.id),
)
"""The recipes with one tag, by their age."""


async def list_recipes(db: Reader, query: RecipeQuery, viewer: Viewer) -> PageOfRows:
    """A page of what `viewer` may find, with all that the query asks for."""
    view: type[BaseModel] = RecipePublic if query.view == "full" else RecipeSummary
    members = _members(query, view)
    if members <= _UNCUT:
        view = RecipeSummary
    most_bytes = ANSWER_BYTES if view is RecipePublic else None
    plan = await plan_of(db, query, viewer)
    sort = query.sort or ("relevance" if query.q is not None else "-created_at")
    if sort == "relevance" and query.q is None:
        fault = Fault("needs q", "relevance", parameter="sort")
        raise InvalidError("Only what is searched for has a relevance.", [fault])
    if plan.nothing and query.cursor is not None:
        raise wrong_cursor()
    if plan.nothing:
        page = PageOfRows([], None, 0 if query.count else None, view)
    elif sort == "relevance":
        page = await by_relevance(db, query, viewer, plan, view, most_bytes)
    else:
        page = await _by_column(db, query, viewer, plan, view, sort, most_bytes)
    if query.facets is not None:
        page = page._replace(facets=await _facets(db, query, viewer, plan, page))
    if query.highlight and query.q is not None:
        page = page._replace(highlights=await _highlights(db, plan, page))
    for row in page.items:
        for name in row.keys() - members:
            del row[name]
    return page


_UNCUT = RecipeSummary.model_fields.keys() - {"description"}
"""The members that a summary has in full."""


def _members(query: RecipeQuery, view: type[BaseModel]) -> set[str]:
    names = set(view.model_fields)
    if query.fields is None:
        return names
    wanted = {name.strip() for name in query.fields.split(",")}
    if wanted - names:
        fault = Fault(f"must be members of the {query.view}", "fields", parameter="fields")
        raise InvalidError("There are no such members.", [fault])
    return wanted


# --- What is asked for ---------------------------------------------------------------------------


async def plan_of(db: Reader, query: RecipeQuery, viewer: Viewer) -> Plan:
    """How to find what `query` asks for, as far as `viewer` may find it."""
    filters = _filters(query, viewer)
    clauses = await completed(db, parse_query(query.q)) if query.q is not None else []
    foods = [*query.ingredient, *query.not_ingredient]
    needs_index = query.q is not None or bool(foods)
    asked = [*query.tag, *query.any_tag, *query.not_tag]
    tags = await find_tags(db, asked) if asked else {}
    groups = [tags[each] for each in query.tag]
    groups += [[tag for each in query.any_tag for tag in tags[each]]] if query.any_tag else []
    languages = [row["code"] for row in await db.all(_LANGUAGES)] if needs_index else []
    ids = [[tag.id for tag in group] for group in groups]
    not_tags = [tag.id for each in query.not_tag for tag in tags[each]]
    sought = Sought(
        clauses, query.ingredient, query.not_ingredient, ids, not_tags, sorted(languages)
    )
    nothing = (
        (query.q is not None and not clauses)
        or not all(ids)
        or not all(map(words_of, query.ingredient))
    )
    if not needs_index:
        for number, group in enumerate(ids):
            filters[f"tag_{number}"] = dump_json(group)
        if not_tags:
            filters["not_tags"] = dump_json(not_tags)
    how = {"limit", "cursor", "count", "view", "fields", "facets", "highlight", "sort"}
    binding = f"{query.model_dump_json(exclude=how)} {viewer.id} {viewer.is_superuser}"
    counts = tuple(sum(tag.recipes for tag in group) for group in groups)
    return Plan(filters, sought, needs_index, nothing, counts, binding)


def _filters(query: RecipeQuery, viewer: Viewer) -> dict[str, Any]:
    """What the columns of a recipe must be."""
    filters = findable(viewer)
    if query.deleted:
        filters = _trash(query, viewer)
    if query.submitter_id == "me" and viewer == ANONYMOUS:
        raise UnauthenticatedError("Sign in first: only then it is known who you are.")
    given = {
        "submitter_id": viewer.id if query.submitter_id == "me" else query.submitter_id,
        "source_key": source_key(query.source),
        "url_key": query.url and url_key(query.url),
        "max_prep_minutes": query.max_prep_minutes,
        "created_after": query.created_after,
        "updated_after": query.updated_after,
    }
    filters |= {name: value for name, value in given.items() if value is not None}
    if (query.min_total_minutes, query.max_total_minutes) != (None, None):
        most = query.max_total_minutes
        filters["min_total_minutes"] = query.min_total_minutes or 0
        filters["max_total_minutes"] = MAX_MINUTES if most is None else most
    return filters


def _trash(query: RecipeQuery, viewer: Viewer) -> dict[str, Any]:
    if viewer == ANONYMOUS:
        raise UnauthenticatedError("Sign in first: the trash is one's own.")
    unknown = {"q", "tag", "any_tag", "not_tag", "ingredient", "not_ingredient", "facets"}
    asked = sorted(name for name in unknown if getattr(query, name))
    if asked:
        faults = [Fault("does not go with deleted", "trash", parameter=name) for name in asked]
        raise InvalidError("What is in the trash is in no index.", faults)
    return {"in_trash": True, "thrown_by": viewer.id}


# --- In the order of a column --------------------------------------------------------------------


async def _by_column(
    db: Reader,
    query: RecipeQuery,
    viewer: Viewer,
    plan: Plan,
    view: type[BaseModel],
    sort: str,
    most_bytes: int | None,
) -> PageOfRows:
    match, corrected = await match_of(db, plan, viewer) if plan.needs_index else ("", {})
    path, values, narrowed = None, {}, {}
    if not match and plan.one_tag is not None and sort.endswith("created_at"):
        path, values = _TAGGED, {"tagged": plan.one_tag}
    else:
        narrowed = await _narrowed(db, plan, match)
    filters = _walked(plan.filters, sort) | narrowed
    if path is not None:
        del filters["tag_0"]  # Of which it is the walk.
    if match and "few_match" not in narrowed:
        filters["match"] = match
    page = await recipe.page(
        db,
        sort=sort,
        limit=query.limit,
        cursor=query.cursor,
        filters=filters,
        view=view,
        heavy=most_bytes is not None or not filters.keys() <= _LIGHT,
        few=bool(narrowed),
        path=path,
        values=plan.filters | values,
        binding=plan.binding,
        most_bytes=most_bytes,
    )
    page = page._replace(corrected=corrected or None)
    if not query.count:
        return page
    found = {"few_match": match} if match else {}
    return page._replace(total=await recipe.count(db, plan.filters | found))


def _walked(filters: Mapping[str, Any], sort: str) -> dict[str, Any]:
    """The filters, of which none keeps the index of the sort from being walked."""
    walked = recipe.sorts[sort.removeprefix("-")].key
    apart = {name for name, each in RANGES.items() if each.column.key != walked}
    return {f"+{name}" if name in apart else name: value for name, value in filters.items()}


async def match_of(db: Reader, plan: Plan, viewer: Viewer) -> tuple[str, dict[str, str]]:
    """What is asked of the index, and the words that were corrected for it."""
    match = plan.sought.whole(viewer).text(db.dialect)
    row = await db.first(_SOME["few_match"], {"few_match": match})
    if row is not None and row["count"]:
        return match, {}
    corrected = await corrections(db, plan.sought, viewer)
    return with_corrections(plan.sought, corrected).whole(viewer).text(db.dialect), corrected


_LIGHT = {"live", "found_by_anyone", "found_by", "submitter_id", "source_key", "url_key", "tag_0"}
"""Filters that have an index of their own, or that most rows pass."""


async def _narrowed(db: Reader, plan: Plan, match: str) -> dict[str, Any]:
    """The filter that finds what passes by an index of its own, where few do; else none."""
    if plan.tag_counts and not match and min(plan.tag_counts) < HOW_FEW:
        rarest = plan.tag_counts.index(min(plan.tag_counts))
        return {"few_tagged": plan.filters[f"tag_{rarest}"]}
    candidates: dict[str, Any] = {"few_match": match} if match else {}
    # What is in the trash is in no such index.
    if "live" in plan.filters:
        candidates |= {"few_minutes": True} if "max_total_minutes" in plan.filters else {}
        candidates |= {"few_updated": True} if "updated_after" in plan.filters else {}
    for name, value in candidates.items():
        row = await db.first(_SOME[name], plan.filters | {name: value})
        if row is not None and row["count"] < HOW_FEW:
            return {name: value}
    return {}


def _some(name: str) -> CompiledQuery:
    some = FEW[name].limit(HOW_FEW).subquery()
    return CompiledQuery(select(func.count().label("count")).select_from(some), heavy=True)


_SOME = {name: _some(name) for name in FEW}


# --- Highlights ----------------------------------------------------------------------------------


@lru_cache
def _texts_statement(names: frozenset[str]) -> CompiledQuery:
    """What snippets are made of, of those of some ids that a viewer still finds."""
    table = Recipe.__table__
    found = (recipe.filters[name] for name in sorted(names))
    ids = select(table.c.id).where(InArray(table.c.id, "ids"), *found)
    columns = [table.c[name] for name in ("id", *TEXTS)]
    return CompiledQuery(within_bytes(ids, columns, table, newest_first), heavy=True)


async def _highlights(db: Reader, plan: Plan, page: PageOfRows) -> list[dict[str, str]]:
    """For each item the snippets that show why it was found.

    Those whose texts are beyond ANSWER_BYTES, all together, have none.
    """
    sought = with_corrections(plan.sought, page.corrected or {})
    words = {word for clause in sought.words for word in clause.words}
    forms_of = {word: sorted(stems((word,), sought.languages)) for word in words}
    wanted = wanted_by(sought.words, forms_of)
    ids = [row["id"] for row in page.items]
    if not ids:
        return []
    visible = {name: value for name, value in plan.filters.items() if name in TOLD_BY_TERMS}
    values = visible | {"ids": dump_json(ids), "most_bytes": ANSWER_BYTES}
    rows = await db.all(_texts_statement(frozenset(visible)), values)
    by_id = await compute(_snippets, rows, wanted)
    return [by_id.get(each, {}) for each in ids]


def _snippets(rows: Sequence[Row], wanted: Wanted) -> dict[int, dict[str, str]]:
    """The snippets of each row, by its id."""
    each = HIGHLIGHTED_WORDS // len(rows) if rows else 0
    return {row["id"]: highlights(row.parsed(), wanted, each) for row in rows}


# --- Facets --------------------------------------------------------------------------------------


async def _facets(
    db: Reader, query: RecipeQuery, viewer: Viewer, plan: Plan, page: PageOfRows
) -> dict[str, Any]:
    if plan.nothing:
        return await facets_of(db, query.facets or "", None, {}, viewer)
    filters = plan.filters
    if plan.needs_index:
        sought = with_corrections(plan.sought, page.corrected or {})
        filters = filters | {"match": sought.whole(viewer).text(db.dialect)}
    return await facets_of(db, query.facets or "", frozenset(filters), filters, viewer)
