"""What the sitemap names: the public recipes, in parts that hold the same ids for ever.

A part is a range of ids, so it is found as quickly among a million recipes as among a thousand, and
what is added later does not move what is in the others.
"""

from typing import cast

from sqlalchemy import BigInteger, Table, bindparam, select

from app.crud.recipe_filters import FILTERS
from app.db.reader import CompiledQuery, Reader, Row
from app.models.recipe import Recipe
from app.schemas.types import MAX_ID

PART = 10_000
"""Ids in a part. The format allows 50,000 URLs; fewer are faster."""
MAX_PART = (MAX_ID - 1) // PART

_columns = cast(Table, Recipe.__table__).c
_named = (
    select(_columns.id)
    .where(FILTERS["live"].condition, FILTERS["found_by_anyone"].condition)
    .order_by(_columns.id)
)
_first_id, _last_id = (bindparam(name, type_=BigInteger()) for name in ("first", "last"))
_OF_PART = CompiledQuery(
    _named.add_columns(_columns.label, _columns.updated_at).where(
        _columns.id.between(_first_id, _last_id)
    ),
    heavy=True,
)

# Find the first recipe of each part, then search on after the end of that part.
_first = select(_named.limit(1).scalar_subquery().label("id")).cte("first", recursive=True)
_number = (_first.c.id - 1) // PART
_after = _named.where(_columns.id > (_number + 1) * PART).limit(1).scalar_subquery()
_first = _first.union_all(select(_after).where(_first.c.id.is_not(None)))
_PARTS = CompiledQuery(
    select(((_first.c.id - 1) // PART).label("number")).where(_first.c.id.is_not(None)), heavy=True
)


async def sitemap_parts(db: Reader) -> list[int]:
    """The numbers of the parts that name a recipe."""
    return [row["number"] for row in await db.all(_PARTS)]


async def sitemap_part(db: Reader, number: int) -> list[Row]:
    """The id, label and last change of each recipe that a part names."""
    first = number * PART + 1
    return await db.all(_OF_PART, {"first": first, "last": min(first + PART - 1, MAX_ID)})
