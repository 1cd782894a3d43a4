"""The revision that the database is at."""

from sqlalchemy import String, column, select, table

from app.db.reader import Reader, Statement

_REVISION = Statement(select(column("version_num", String)).select_from(table("alembic_version")))


async def schema_revision(db: Reader) -> str | None:
    """Alembic's revision of the database, or None before the first migration."""
    row = await db.first(_REVISION)
    return row["version_num"] if row else None
