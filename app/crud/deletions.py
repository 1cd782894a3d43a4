"""Deletions of accounts that one request cannot finish, in the background."""

import asyncio
import logging
from contextlib import suppress

from app.core.errors import AppError
from app.crud.user import user
from app.db.reader import Reader
from app.db.transactions import Transactions

logger = logging.getLogger("app.deletions")

BREATH_SECONDS = 0.15
"""Between two transactions, so that others can write: SQLite's look again after 0.1 s at most."""
PAUSE_SECONDS = 3600
"""Between two looks for what another process has begun and not finished."""
RETRY_SECONDS = 60


class Deletions:
    """Goes on with deletions that were begun, here, elsewhere or before a restart."""

    def __init__(self, db: Reader, transactions: Transactions) -> None:
        self._db, self._transactions = db, transactions
        self._begun = asyncio.Event()

    def note_begun(self) -> None:
        """Go on with a deletion soon; on the event loop."""
        self._begun.set()

    async def keep_finishing(self) -> None:
        """Finish what was begun, now and later, until cancelled."""
        while True:
            self._begun.clear()
            seconds = PAUSE_SECONDS
            try:
                if await user.has_unfinished_deletion(self._db):
                    await self._finish()
            except Exception as error:
                # Else one fault would end all deletions until the next start.
                expected = isinstance(error, AppError)
                logger.log(
                    logging.INFO if expected else logging.ERROR,
                    "The deletion of accounts has to wait: %s",
                    error,
                    exc_info=not expected,
                )
                seconds = RETRY_SECONDS
            with suppress(TimeoutError):
                # Not wait_for, which on Python 3.11 swallows a cancellation at the wrong moment.
                async with asyncio.timeout(seconds):
                    await self._begun.wait()

    async def _finish(self) -> None:
        while await self._transactions.run(user.continue_deletion):  # noqa: ASYNC110 - It does the work.
            await asyncio.sleep(BREATH_SECONDS)
        logger.info("Finished the deletion of accounts that had many recipes.")
