"""Connections to PostgreSQL: their options, and how many each worker has."""

from typing import Any, NamedTuple
from urllib.parse import unquote

from sqlalchemy import URL, make_url

from app.core.config import Settings
from app.core.deadline import CONNECT_SECONDS, STATEMENT_SECONDS

POSTGRES_OPTIONS = (
    f"-c timezone=UTC -c statement_timeout={STATEMENT_SECONDS}s"
    f" -c lock_timeout={STATEMENT_SECONDS - 1}s"
    f" -c idle_in_transaction_session_timeout={STATEMENT_SECONDS + 2}s"
    # Every search reads the pending list of its index, so it must stay short.
    " -c gin_pending_list_limit=256kB"
)

MAX_AGE_SECONDS = 1800
"""An older connection is replaced after its next use, in case server or password were replaced."""

READERS, WRITERS = 4, 8
"""Connections of a worker, if there are few workers."""
ALL_WORKERS = 80
"""Connections of all workers together. A server allows 97 by default."""

# A machine that is gone sends nothing back. The kernel then closes the connection.
_DEAD_PEER = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 1000 * (STATEMENT_SECONDS + 1),
}


def postgres_url(settings: Settings) -> URL:
    """Return the URL with its driver, psycopg."""
    url = make_url(settings.database_url).set(drivername="postgresql+psycopg")
    host = unquote(url.host or "")
    if not host.startswith("/"):
        return url
    # The folder of a Unix socket as libpq writes it: postgresql://user@%2Fvar%2Frun/name.
    port = {} if url.port is None else {"port": str(url.port)}
    query = {**url.query, "host": host, **port}
    return URL.create(
        url.drivername, url.username, url.password, database=url.database, query=query
    )


def connect_options(url: URL, more: str = "", ours: str = POSTGRES_OPTIONS) -> dict[str, Any]:
    """Return the options of a connection: `ours`, overridden by the URL, overridden by `more`."""
    defaults = {"connect_timeout": CONNECT_SECONDS, **_DEAD_PEER}
    patience = {name: value for name, value in defaults.items() if name not in url.query}
    asked = url.query.get("options", "")
    asked = asked if isinstance(asked, str) else " ".join(asked)
    return {"options": " ".join(filter(None, (ours, asked, more))), **patience}


class Share(NamedTuple):
    """The connections that one worker opens at most."""

    readers: int
    writers: int


def share_of(settings: Settings) -> Share:
    """Return the share of each worker, so that all workers together fit an ordinary server."""
    each = max(2, min(READERS + WRITERS, ALL_WORKERS // settings.web_concurrency))
    readers = max(1, each * READERS // (READERS + WRITERS))
    return Share(readers, each - readers)
