"""Rebuild the search index: in prestart.sh if its rules have changed, else on request."""

import logging
from collections.abc import Iterator

from app.core.config import Settings
from app.db.locks import migration_lock
from app.db.transactions import Transactions, make_transactions
from app.search import index as search_index

logger = logging.getLogger("app.prestart")


def reindex(transactions: Transactions) -> Iterator[int]:
    """Rebuild the index of all recipes, while others read and write.

    Yield the number of recipes of each step.
    """
    transactions.run_now(search_index.begin)
    last: int | None = 0
    while last is not None:
        last, done = transactions.run_now(search_index.rebuild_some, last)
        yield done
    transactions.run_now(search_index.finish)


def reindex_if_needed(settings: Settings) -> None:
    """Rebuild the index if its rules have changed. Of several processes, one does it."""
    transactions = make_transactions(settings)
    try:
        if transactions.run_now(search_index.is_current):
            return
        with migration_lock(settings):
            if transactions.run_now(search_index.is_current):
                return
            logger.info(
                "Writing the search index of %d recipes.", transactions.run_now(search_index.count)
            )
            done = sum(reindex(transactions))
            logger.info("Wrote the search index of %d recipes.", done)
    finally:
        transactions.close()
