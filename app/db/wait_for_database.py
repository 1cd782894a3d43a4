"""Wait for a database that is still starting."""

import logging
import re
import time

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from app.core.config import Settings
from app.core.errors import AppError, UnavailableError
from app.core.private_files import access_fault, os_fault
from app.db.engine import make_engine
from app.db.postgres import connect_options, postgres_url

logger = logging.getLogger("app.prestart")

PAUSE_SECONDS = 0.5
PROGRESS_SECONDS = 5

# Errors of PostgreSQL for which waiting cannot help, such as a wrong password. All others may pass,
# in whichever language the server reports them.
_FINAL = re.compile(
    "authentication failed|no password supplied|does not exist|no pg_hba.conf entry"
    "|permission denied|not permitted to log in|unsupported startup parameter|unrecognized"
    "|certificate|does not support SSL|invalid (?:port|connection option|integer|sslmode|value)"
)


class DatabaseRefusedError(AppError):
    """The database answered and refused us."""


def wait_for_database(settings: Settings) -> None:
    """Return when the database answers.

    Raises UnavailableError after `settings.database_wait_seconds`, and DatabaseRefusedError at
    once if waiting cannot help.
    """
    started = time.monotonic()
    reported = started
    while True:
        try:
            return _ask(settings)
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
        except OSError as error:
            reason = os_fault(error)
        if settings.is_sqlite or _FINAL.search(reason):
            fault = settings.database_file and access_fault(settings.database_file)
            raise DatabaseRefusedError(f"The database refuses: {fault or reason}")
        now = time.monotonic()
        if now - started >= settings.database_wait_seconds:
            waited = f"{settings.database_wait_seconds:g} s"
            raise UnavailableError(f"The database did not answer within {waited}: {reason}")
        if now - reported >= PROGRESS_SECONDS or reported == started:
            reported = now
            logger.info("Waiting for the database (%d s): %s", now - started, reason)
        time.sleep(PAUSE_SECONDS)


def _ask(settings: Settings) -> None:
    if settings.is_sqlite:
        engine = make_engine(settings)
    else:
        url = postgres_url(settings)
        engine = create_engine(url, poolclass=NullPool, connect_args=connect_options(url))
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    finally:
        engine.dispose()
