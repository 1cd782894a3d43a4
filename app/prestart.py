"""The steps of prestart.sh in one process, since most of the time of each goes into imports."""

import logging
import sys

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from app import backend_pre_start, crud, initial_data
from app.backup import revisions
from app.core.config import Settings, get_settings, misspelt_settings
from app.core.errors import AppError, UnavailableError, with_cause
from app.core.logging import configure_logging
from app.core.private_files import os_fault, refuse_foreign_files
from app.db.migrations import NEWER
from app.db.session import make_writer
from app.reindex import reindex_if_needed

logger = logging.getLogger("app.prestart")


def main() -> int:
    """Wait for the database, bring its tables up to date, add the first data. 0: it is ready."""
    settings = get_settings()
    configure_logging(settings)
    for given, meant in misspelt_settings().items():
        logger.warning("%s is not a setting, and ignored: did you mean %s?", given, meant)
    try:
        refuse_foreign_files(settings.files)
        return backend_pre_start.main() or _migrate(settings) or initial_data.main()
    except AppError as error:
        logger.error("%s", with_cause(error))
    except OSError as error:
        logger.error("%s", os_fault(error))
    return 1


def _migrate(settings: Settings) -> int:
    current = _revision(settings)
    if current is not None and current not in revisions.known():
        raise UnavailableError(f"The database is at revision {current}. {NEWER}")
    try:
        revisions.upgrade_to_head()
    except (AppError, OSError):
        raise
    except Exception as error:
        return _report(settings, error)
    reindex_if_needed(settings)
    if current is None and settings.is_production:
        logger.warning(
            "A new, empty database was made at %s. If there should have been one, its folder or its"
            " disk is not there: stop the server, and bring it back or restore a backup.",
            settings.database_file or make_url(settings.database_url).set(password=None),
        )
    return 0


def _report(settings: Settings, error: Exception) -> int:
    """Log a migration that failed in one line, with the trace where it is no line of its own."""
    failed = revisions.following(_revision(settings))
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
    logger.error(
        "The migration to revision %s failed and was undone: %s: %s",
        failed,
        type(cause).__name__,
        reason,
        exc_info=settings.logs_json and error,
    )
    logger.debug("This is where it failed:", exc_info=not settings.logs_json and error)
    return 1


def _revision(settings: Settings) -> str | None:
    writer = make_writer(settings)
    try:
        return writer.now(crud.load_schema_revision)
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(main())
