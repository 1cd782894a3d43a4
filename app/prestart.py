"""The steps of prestart.sh in one process, since most of the time of each goes into imports."""

import logging
import sys

from alembic.config import main as alembic

from app import backend_pre_start, initial_data
from app.core.config import get_settings
from app.core.errors import AppError
from app.reindex import reindex_if_needed

logger = logging.getLogger("app.prestart")


def main() -> int:
    """Wait for the database, bring its tables up to date, add the first data. 0: it is ready."""
    status = backend_pre_start.main()
    if status:
        return status
    try:
        alembic(["upgrade", "head"])
        reindex_if_needed(get_settings())
    except AppError as error:
        logger.error("%s", error)
        return 1
    return initial_data.main()


if __name__ == "__main__":
    sys.exit(main())
