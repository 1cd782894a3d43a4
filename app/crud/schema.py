"""The revision and the size of the database."""

from sqlalchemy import String, column, func, inspect, literal_column, select, table
from sqlalchemy.orm import Session

from app.db.reader import CompiledQuery, Reader

_REVISION = CompiledQuery(
    select(column("version_num", String)).select_from(table("alembic_version"))
)


async def schema_revision(db: Reader) -> str | None:
    """Alembic's revision of the database, or None before the first migration."""
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
    """The bytes that the database takes on its disk."""
    row = await db.first(_SIZE[db.dialect])
    return int(row["bytes"]) if row else 0


def load_schema_revision(session: Session) -> str | None:
    """The same in a transaction."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    return session.scalar(_REVISION.select)
