"""First step of prestart.sh: wait until the database answers."""

import logging
import sys
from pathlib import Path

from app.core.config import get_settings
from app.core.disks import network_file_system
from app.core.errors import UnavailableError
from app.core.logging import configure_logging
from app.db.sqlite import sqlite_path
from app.db.waiting import DatabaseRefusedError, wait_for_database

logger = logging.getLogger("app.prestart")


def main() -> int:
    """Wait as long as DATABASE_WAIT_SECONDS says. 0: it answers, 1: it does not, or refuses us."""
    settings = get_settings()
    configure_logging(settings)
    try:
        wait_for_database(settings)
    except (DatabaseRefusedError, UnavailableError) as error:
        logger.error("%s", error)
        return 1
    logger.info("The database answers.")
    kind = network_file_system(Path(sqlite_path(settings))) if settings.is_sqlite else None
    if kind:
        logger.warning("The SQLite file is on a network file system (%s), and may be lost.", kind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
