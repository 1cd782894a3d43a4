"""JSON columns that a migration rewrites."""

from typing import Any

import sqlalchemy as sa

from app.core.config import Settings
from app.db.engine import make_engine
from app.db.rewrite_json import ROWS_AT_ONCE, rewrite_json
from app.db.types import JsonDocument

DOCUMENTS = sa.Table(
    "documents",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("parts", JsonDocument()),
)


def test_every_row_is_rewritten_once(settings: Settings) -> None:
    count = 2 * ROWS_AT_ONCE + 1
    written = [{"id": 3 * number, "parts": {"b": number, "a": "é"}} for number in range(1, count)]
    seen: list[int] = []

    def change(parts: dict[str, Any]) -> dict[str, Any]:
        seen.append(parts["b"])
        return parts if parts["b"] % 2 else parts | {"c": None}

    engine = make_engine(settings)
    with engine.connect() as connection:
        DOCUMENTS.create(connection)
        connection.execute(DOCUMENTS.insert(), [*written, {"id": 1, "parts": None}])
        changed = rewrite_json(connection, "documents", "parts", change)
        rows = connection.execute(sa.select(DOCUMENTS).order_by(DOCUMENTS.c.id)).all()
        connection.rollback()
    engine.dispose()
    assert seen == [*range(1, count)]
    assert changed == ROWS_AT_ONCE
    assert rows[0].parts is None
    assert [list(row.parts) for row in rows[1:3]] == [["b", "a"], ["b", "a", "c"]]
