"""Lists of recipes."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from app.core.bounds import ANSWER_BYTES
from app.core.errors import Fault, InvalidError
from app.core.policy import Viewer
from app.crud.base import PageOfRows
from app.crud.listing.facets import facets_of
from app.crud.listing.highlights import highlights_of
from app.crud.listing.plan import RecipePlan, choose_strategy, match_or_correct, plan_recipes
from app.crud.listing.relevance import page_by_relevance
from app.crud.paging.cursor import wrong_cursor
from app.crud.paging.list_query import ListQuery
from app.crud.recipe import recipe
from app.db.reader import Reader
from app.schemas.page import RecipeQuery
from app.schemas.recipe import RecipePublic, RecipeSummary

SMALL_RESULT = 1000
"""Finding, reading and sorting this many rows takes about as long as walking to a page."""
MAX_COUNTS = 2
"""Filters whose rows are counted before a page, so that its statements stay few."""

_UNCUT = RecipeSummary.model_fields.keys() - {"description"}
"""The members that are the same in a summary and in the whole recipe."""


async def list_recipes(db: Reader, query: RecipeQuery, viewer: Viewer) -> PageOfRows:
    """Return a page of what `viewer` may find, with all that the query asks for."""
    view: type[BaseModel] = RecipePublic if query.view == "full" else RecipeSummary
    members = _members(query, view)
    if members <= _UNCUT:
        view = RecipeSummary
    plan = await plan_recipes(db, query, viewer)
    sort = query.sort or ("-created_at" if query.q is None else "relevance")
    if sort == "relevance" and query.q is None:
        fault = Fault("needs q", "relevance", parameter="sort")
        raise InvalidError("Only what is searched for has a relevance.", [fault])
    page, plan = await _page(db, plan, query, view, sort)
    extras: dict[str, Any] = {"corrected": plan.corrections or None}
    if query.facets is not None:
        extras["facets"] = await facets_of(db, plan, query.facets)
    if query.highlight and query.q is not None:
        extras["highlights"] = await highlights_of(db, plan, [row["id"] for row in page.items])
    for row in page.items:
        for name in row.keys() - members:
            del row[name]
    return page._replace(**extras)


def _members(query: RecipeQuery, view: type[BaseModel]) -> set[str]:
    """Return the members that the items of the answer have."""
    names = set(view.model_fields)
    if query.fields is None:
        return names
    wanted = {name.strip() for name in query.fields.split(",")}
    if wanted - names:
        fault = Fault(f"must be members of the {query.view}", "fields", parameter="fields")
        raise InvalidError("There are no such members.", [fault])
    return wanted


async def _page(
    db: Reader, plan: RecipePlan, query: RecipeQuery, view: type[BaseModel], sort: str
) -> tuple[PageOfRows, RecipePlan]:
    """Return a page, and the plan that found it: words of its search may be corrected."""
    if plan.is_empty:
        if query.cursor is not None:
            raise wrong_cursor()
        return PageOfRows([], None, 0 if query.count else None, view), plan
    max_bytes = ANSWER_BYTES if view is RecipePublic else None
    listed = ListQuery.of(
        query, view=view, sort=sort, max_bytes=max_bytes, cursor_scope=plan.cursor_scope
    )
    if sort == "relevance":
        return await page_by_relevance(db, plan, listed)
    plan = await match_or_correct(db, plan, SMALL_RESULT)
    strategy = await choose_strategy(db, plan, sort, SMALL_RESULT, MAX_COUNTS)
    listed = replace(listed, filters=plan.filters, parameters=plan.parameters, strategy=strategy)
    return await recipe.page(db, listed), plan
