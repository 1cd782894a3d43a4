"""The snippets that show why a search found the recipes of a page."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import select

from app.core.bounds import ANSWER_BYTES, HIGHLIGHTED_WORDS
from app.core.threads import compute
from app.crud.listing.plan import RecipePlan
from app.crud.listing.relevance import NEWEST_FIRST
from app.crud.paging.keyset import within_bytes
from app.crud.recipe_filters import FILTERS, IMPLIED_BY_MATCH
from app.db.expressions import InArray
from app.db.reader import CompiledQuery, Reader, Row
from app.db.types import dump_json
from app.models.recipe import Recipe
from app.search.highlight import Wanted, highlights, wanted_by
from app.search.words import TEXTS


async def highlights_of(db: Reader, plan: RecipePlan, ids: Sequence[int]) -> list[dict[str, str]]:
    """Return the snippets of each recipe, by field.

    Recipes beyond ANSWER_BYTES of text, all together, have none.
    """
    if not ids:
        return []
    access = {name: value for name, value in plan.filters.items() if name in IMPLIED_BY_MATCH}
    parameters = {**access, "ids": dump_json(ids), "max_bytes": ANSWER_BYTES}
    rows = await db.all(_texts_statement(frozenset(access)), parameters)
    by_id = await compute(_snippets, rows, wanted_by(plan.search))
    return [by_id.get(each, {}) for each in ids]


def _snippets(rows: Sequence[Row], wanted: Wanted) -> dict[int, dict[str, str]]:
    each = HIGHLIGHTED_WORDS // len(rows) if rows else 0
    return {row["id"]: highlights(row.parsed(), wanted, each) for row in rows}


@lru_cache
def _texts_statement(access: frozenset[str]) -> CompiledQuery:
    """Return the texts of the recipes with the `ids`, if the viewer still finds them."""
    table = Recipe.__table__
    conditions = (FILTERS[name].condition for name in sorted(access))
    ids = select(table.c.id).where(InArray(table.c.id, "ids"), *conditions)
    columns = [table.c[name] for name in ("id", *TEXTS)]
    return CompiledQuery(within_bytes(ids, columns, table, NEWEST_FIRST.order), heavy=True)
