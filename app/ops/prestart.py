"""The steps of prestart.sh: wait for the database, migrate it, add the first data.

One process runs them all, because starting Python and importing takes most of the time of each.
"""

import logging

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from app import crud
from app.core.config import Settings, get_settings, misspelt_settings
from app.core.disks import network_file_system
from app.core.errors import AppError, UnavailableError, with_cause
from app.core.private_files import os_fault, refuse_foreign_files
from app.db.migrations import NEWER
from app.db.transactions import make_transactions
from app.db.wait_for_database import DatabaseRefusedError, wait_for_database
from app.observability.logging import configure_logging
from app.ops import revisions
from app.ops.first_data import add_first_data
from app.ops.reindex import reindex_if_needed

logger = logging.getLogger("app.prestart")


def prestart() -> int:
    """Run all steps, and return an exit status. 0: the database is ready."""
    settings = _configured()
    for name, meant in misspelt_settings().items():
        logger.warning("%s is not a setting, and ignored: did you mean %s?", name, meant)
    try:
        refuse_foreign_files(settings.files)
        return _wait(settings) or _migrate(settings) or add_first_data(settings)
    except AppError as error:
        logger.error("%s", with_cause(error))
    except OSError as error:
        logger.error("%s", os_fault(error))
    return 1


def wait() -> int:
    """Run the first step alone, and return an exit status."""
    return _wait(_configured())


def first_data() -> int:
    """Run the last step alone, and return an exit status."""
    return add_first_data(_configured())


def _configured() -> Settings:
    settings = get_settings()
    configure_logging(settings)
    return settings


def _wait(settings: Settings) -> int:
    try:
        wait_for_database(settings)
    except (DatabaseRefusedError, UnavailableError) as error:
        logger.error("%s", error)
        return 1
    logger.info("The database answers.")
    kind = network_file_system(settings.database_file) if settings.database_file else None
    if kind:
        logger.warning("The SQLite file is on a network file system (%s), and may be lost.", kind)
    return 0


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
            "A new, empty database was made at %s. If there should have been one, its folder or"
            " its disk is missing: stop the server, and mount the disk or restore a backup.",
            settings.database_file or make_url(settings.database_url).set(password=None),
        )
    return 0


def _report(settings: Settings, error: Exception) -> int:
    """Log a failed migration in one line; JSON includes the traceback."""
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
    logger.debug("The traceback of the migration:", exc_info=not settings.logs_json and error)
    return 1


def _revision(settings: Settings) -> str | None:
    transactions = make_transactions(settings)
    try:
        return transactions.run_now(crud.load_schema_revision)
    finally:
        transactions.close()
