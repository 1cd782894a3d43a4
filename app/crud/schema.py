"""The revision and the size of the database, and whether stored documents fit the schema."""

from typing import NamedTuple

from sqlalchemy import String, column, func, inspect, literal_column, select, table
from sqlalchemy.orm import Session

from app.db.reader import CompiledQuery, Reader
from app.models.recipe import Recipe
from app.schemas.stored_document import PARTS, is_current

_REVISION = CompiledQuery(
    select(column("version_num", String)).select_from(table("alembic_version"))
)


async def schema_revision(db: Reader) -> str | None:
    """Return the revision of the database, or None before the first migration."""
    row = await db.first(_REVISION)
    return row["version_num"] if row else None


_SIZE = {
    "sqlite": CompiledQuery(
        select(
            literal_column(
                "(SELECT page_count FROM pragma_page_count)"
                " * (SELECT page_size FROM pragma_page_size)"
            ).label("bytes")
        )
    ),
    "postgresql": CompiledQuery(
        select(func.pg_database_size(func.current_database()).label("bytes"))
    ),
}


async def database_size(db: Reader) -> int:
    """Return the bytes that the database takes on its disk."""
    row = await db.first(_SIZE[db.dialect])
    return int(row["bytes"]) if row else 0


def load_schema_revision(session: Session) -> str | None:
    """Return the revision in a transaction."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    return session.scalar(_REVISION.select)


DOCUMENTS_AT_ONCE = 500


class Outdated(NamedTuple):
    """The recipes of one part whose objects have other members than the schema."""

    ids: list[int]
    read: int
    before: int | None
    """Where the next part begins, or None."""


def find_outdated(session: Session, before: int | None = None) -> Outdated:
    """Compare the newest documents, or those with ids below `before`, with the schema."""
    table = Recipe.__table__
    rows = select(table.c.id, *(table.c[name] for name in PARTS))
    if before is not None:
        rows = rows.where(table.c.id < before)
    rows = rows.order_by(table.c.id.desc()).limit(DOCUMENTS_AT_ONCE)
    found = session.execute(rows).mappings().all()
    ids = [row["id"] for row in found if not is_current(dict(row))]
    more = len(found) == DOCUMENTS_AT_ONCE
    return Outdated(ids, len(found), found[-1]["id"] if more else None)
