"""For migrations: rewrite what a JSON column holds, on both databases."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from app.db.types import JsonDocument, dump_json

ROWS_AT_ONCE = 500


def rewrite_json(
    connection: sa.Connection, table: str, column: str, change: Callable[[Any], Any]
) -> int:
    """Set `column` to `change(value)` in each row of `table`. Return how many rows changed.

    Rows are read in chunks by `id`, so memory is bounded; null stays null. `change` may change the
    value in place, and must return it.
    """
    rows = sa.table(table, sa.column("id", sa.BigInteger()), sa.column(column, JsonDocument()))
    value = rows.c[column]
    page = sa.select(rows.c.id, value).where(rows.c.id > sa.bindparam("last"), value.is_not(None))
    page = page.order_by(rows.c.id).limit(ROWS_AT_ONCE)
    update = rows.update().where(rows.c.id == sa.bindparam("row_id"))
    update = update.values({column: sa.bindparam("new", type_=JsonDocument())})
    last, count = 0, 0
    while found := connection.execute(page, {"last": last}).all():
        last = found[-1].id
        changed = []
        for row_id, stored in found:
            before = dump_json(stored)
            after = change(stored)
            if dump_json(after) != before:
                changed.append({"row_id": row_id, "new": after})
        if changed:
            connection.execute(update, changed)
        count += len(changed)
    return count
