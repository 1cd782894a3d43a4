"""The number of connections that all workers need, and that PostgreSQL allows."""

import asyncio
import logging

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.errors import AppError
from app.db.postgres import share_of
from app.db.reader import CompiledQuery, Reader

logger = logging.getLogger("app.database")

_PAUSE_SECONDS = 5


def connections_needed(settings: Settings) -> int:
    """Return how many connections to PostgreSQL all workers together open at most."""
    return 0 if settings.is_sqlite else settings.web_concurrency * sum(share_of(settings))


# The limits of the server, of its database and of our role; -1 is none. Some connections are
# reserved, since version 16 by two settings.
_AVAILABLE: ColumnElement[int] = literal_column("""
    least(
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        nullif((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1),
        nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1)
    )
""")
_QUERY = CompiledQuery(select(_AVAILABLE.label("available")))


def connections_available(session: Session) -> int:
    """Return how many connections PostgreSQL allows us."""
    return int(session.scalar(_QUERY.select) or 0)


async def warn_of_few_connections(db: Reader, settings: Settings) -> None:
    """Log once, as soon as the server answers, if it allows too few connections."""
    while not settings.is_sqlite:
        try:
            row = await db.first(_QUERY)
        except AppError:
            await asyncio.sleep(_PAUSE_SECONDS)
            continue
        available = row["available"] if row else 0
        needed = connections_needed(settings)
        if needed > available:
            logger.warning(
                "%d workers may open %d connections, but PostgreSQL gives %d: raise its"
                " max_connections, or lower WEB_CONCURRENCY.",
                settings.web_concurrency,
                needed,
                available,
            )
        return
