"""The recipes of a list, all of them, in the order of their ids and in constant memory."""

from collections.abc import AsyncGenerator
from dataclasses import replace

from app.core.bounds import ANSWER_BYTES
from app.core.policy import Viewer
from app.crud.listing.plan import choose_strategy, match_or_correct, plan_recipes
from app.crud.paging.list_query import ListQuery
from app.crud.recipe import recipe
from app.db.reader import Reader, Row
from app.schemas.page import RecipeQuery
from app.schemas.recipe import RecipeDocument

PAGE = 200
"""Recipes of one statement, fewer if they are large. More would not be quicker."""

SMALL_RESULT = 5_000
"""Finding and sorting this many for each page takes no longer than scanning a million once."""


async def export_recipes(
    db: Reader, query: RecipeQuery, viewer: Viewer
) -> AsyncGenerator[list[Row]]:
    """Yield what `viewer` may find of what `query` asks for, in pages of RecipeDocument.

    The sort, the page and the view of the query do not matter. Nothing is held between two pages,
    so a slow reader costs the database nothing.
    """
    plan = await plan_recipes(db, query, viewer)
    if plan.is_empty:
        return
    plan = await match_or_correct(db, plan, limit=1)
    listed = ListQuery(
        view=RecipeDocument,
        sort="id",
        limit=PAGE,
        filters=plan.filters,
        parameters=plan.parameters,
        strategy=await choose_strategy(db, plan, "id", SMALL_RESULT, len(plan.filters)),
        max_bytes=ANSWER_BYTES,
    )
    more = True
    while more:
        page = await recipe.page(db, listed)
        if page.items:
            yield page.items
        listed = replace(listed, cursor=page.next_cursor)
        more = page.next_cursor is not None
