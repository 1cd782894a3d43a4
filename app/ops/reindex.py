"""Writes the search index anew: in prestart.sh where its rules have changed, else on request."""

import logging
from collections.abc import Iterator

from app.core.config import Settings
from app.db.locks import migration_lock
from app.db.transactions import Transactions, make_transactions
from app.search import index as search_index

logger = logging.getLogger("app.prestart")


def reindex(transactions: Transactions) -> Iterator[int]:
    """Write the index rows of all recipes anew, while others read and write.

    Yields how many recipes each step has done.
    """
    transactions.run_now(search_index.begin)
    last: int | None = 0
    while last is not None:
        last, done = transactions.run_now(search_index.rebuild_some, last)
        yield done
    transactions.run_now(search_index.finish)


def reindex_if_needed(settings: Settings) -> None:
    """Bring the index up to the rules of this version, in one process of those that start."""
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
