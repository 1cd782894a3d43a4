"""Rebuild the search index: in prestart.sh if its rules have changed, else on request.

The keys of URLs are recomputed with it.
"""

import logging
from collections.abc import Iterator

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.text import url_key
from app.db.locks import migration_lock
from app.db.transactions import Transactions, make_transactions
from app.models.recipe import Recipe
from app.search import index as search_index

logger = logging.getLogger("app.prestart")
_RECIPE = Recipe.__table__
_KEYS_AT_ONCE = 2000


def reindex(transactions: Transactions) -> Iterator[int]:
    """Rebuild the index of all recipes, while others read and write.

    Yield the number of recipes of each step.
    """
    transactions.run_now(search_index.begin)
    last: int | None = 0
    while last is not None:
        last, done = transactions.run_now(search_index.rebuild_some, last)
        yield done
    last = 0
    while last is not None:
        last = transactions.run_now(_recompute_url_keys, last)
    transactions.run_now(search_index.finish)


def _recompute_url_keys(session: Session, after: int) -> int | None:
    """Recompute the URL keys of the next recipes, in the trash too, and return the last id."""
    search_index.hold_writers(session)
    page = select(_RECIPE.c.id, _RECIPE.c.url, _RECIPE.c.url_key)
    page = page.where(_RECIPE.c.id > after, _RECIPE.c.url.is_not(None))
    rows = session.execute(page.order_by(_RECIPE.c.id).limit(_KEYS_AT_ONCE)).all()
    keys = [(row.id, url_key(row.url), row.url_key) for row in rows]
    changed = [{"row_id": row_id, "key": key} for row_id, key, old in keys if key != old]
    if changed:
        change = update(Recipe).where(_RECIPE.c.id == bindparam("row_id"))
        # The recipe itself has not changed.
        change = change.values(url_key=bindparam("key"), updated_at=_RECIPE.c.updated_at)
        session.connection().execute(change, changed)
    return rows[-1].id if rows else None


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
