"""Finish deletions of large accounts in the background."""

import asyncio
import logging
from contextlib import suppress

from app.core.errors import AppError
from app.crud.user import user
from app.db.reader import Reader
from app.db.transactions import Transactions

logger = logging.getLogger("app.deletions")

BREATH_SECONDS = 0.15
"""Between two transactions. Others waiting for SQLite's lock retry within 0.1 s."""
PAUSE_SECONDS = 3600
"""Between two checks for deletions that another process has not finished."""
RETRY_SECONDS = 60
START_SECONDS = 5
"""Before the first check, so that a worker that starts serves first."""


class Deletions:
    """Continues deletions that were begun here, in another process or before a restart."""

    def __init__(self, db: Reader, transactions: Transactions) -> None:
        self._db, self._transactions = db, transactions
        self._begun = asyncio.Event()

    def note_begun(self) -> None:
        """Continue a deletion soon. Call it on the event loop."""
        self._begun.set()

    async def keep_finishing(self) -> None:
        """Finish what was begun, soon and later, until cancelled."""
        seconds = START_SECONDS
        while True:
            with suppress(TimeoutError):
                # Not wait_for, which on Python 3.11 swallows a cancellation at the wrong moment.
                async with asyncio.timeout(seconds):
                    await self._begun.wait()
            self._begun.clear()
            seconds = PAUSE_SECONDS
            try:
                if await user.has_unfinished_deletion(self._db):
                    await self._finish()
            except Exception as error:
                # Otherwise one error would stop all deletions until the next start.
                expected = isinstance(error, AppError)
                logger.log(
                    logging.INFO if expected else logging.ERROR,
                    "The deletion of accounts has to wait: %s",
                    error,
                    exc_info=not expected,
                )
                seconds = RETRY_SECONDS

    async def _finish(self) -> None:
        while await self._transactions.run(user.continue_deletion):  # noqa: ASYNC110 - Not polling: each call deletes recipes.
            await asyncio.sleep(BREATH_SECONDS)
        logger.info("Finished the deletion of accounts that had many recipes.")
