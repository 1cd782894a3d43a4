"""Import recipes for a client, in several transactions, with a report on each item."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

import orjson
from starlette.requests import Request

from app import crud
from app.api.deps import client_network
from app.api.errors import problem_of
from app.core.bounds import (
    IMPORTS_AT_ONCE,
    MAX_FAILED_ITEMS,
    MAX_FETCHES,
    MAX_FETCHES_OF_ACCOUNT,
    MAX_IMPORTS,
)
from app.core.errors import AppError, InvalidError, UnauthenticatedError
from app.core.places import Places
from app.core.policy import Viewer
from app.core.threads import low_priority_threads
from app.crud.rate_limit import PAGES
from app.crud.recipe_import import ClaimedRecipes, Imported
from app.db.transactions import Transactions
from app.exchange import reading
from app.exchange.drafts import Drafts
from app.exchange.items import Item, chunks_of
from app.schemas.importing import ImportOptions, ImportRequest

T = TypeVar("T")

IN_MEMORY = 1024 * 1024
"""Bytes of a file kept in memory. A longer file is spooled to the disk."""
_threads = low_priority_threads(2, "import")
_fetches = Places("fetches", "fetches of pages", MAX_FETCHES, MAX_FETCHES_OF_ACCOUNT)
_TOO_MANY_FAILED = f"More than {MAX_FAILED_ITEMS} recipes failed, so the rest was not read."
IMPORTS = Places("imports", "imports", MAX_IMPORTS, IMPORTS_AT_ONCE)
"""Limits the concurrent imports of an account, from arrival on."""


async def patiently(work: Callable[..., T], *args: Any) -> T:
    """Run `work` in a thread for imports."""
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *args)


def temporary_file() -> IO[bytes]:
    """Return a temporary file that is deleted when closed."""
    return SpooledTemporaryFile(IN_MEMORY)


def to_json(value: Any) -> bytes:
    """Return the JSON of a report. Names are as sent, and may contain lone surrogates."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()


async def drafts_asked_for(asked: ImportRequest, viewer: Viewer, request: Request) -> Drafts:
    """Return the recipes of a page or a text. Raise InvalidError if there are none."""
    if asked.url is not None and asked.html is None:
        state = request.app.state
        await state.rate_limiter.hit(PAGES, await client_network(request), str(viewer.id))
        with _fetches.hold(str(viewer.id)):
            page = await state.fetch_page(asked.url)
        return await patiently(_drafts_of_page, reading.decoded(page.body), page.url)
    if asked.html is not None:
        return await patiently(_drafts_of_page, asked.html, asked.url)
    if asked.text is not None:
        return await patiently(reading.read_text, asked.text)
    if isinstance(asked.json_ld, str):
        return await patiently(reading.read_text, asked.json_ld)
    return await patiently(reading.read_json, asked.json_ld)


def _drafts_of_page(text: str, url: str | None) -> Drafts:
    """Fetch a URL, and return the recipes of the page or file."""
    # Imported here, since few requests need it.
    from app.exchange.html.page import drafts_of_page

    return drafts_of_page(text, url) or reading.read_text(text)


class Import:
    """One import, and the results so far."""

    def __init__(
        self, transactions: Transactions, viewer: Viewer, options: ImportOptions, path: str
    ) -> None:
        self._transactions = transactions
        self._viewer = viewer
        self._options = options
        self._path = path
        self._claimed = ClaimedRecipes()
        self._counts: Counter[str] = Counter()

    async def import_chunk(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        """Import the items of one transaction. Return their entries in the report once committed.

        Raises UnauthenticatedError if the credentials of the viewer have ended.
        """
        options = self._options
        try:
            results = await self._transactions.run(
                crud.import_items,
                items,
                self._viewer,
                self._claimed,
                on_duplicate=options.on_duplicate,
                dry_run=options.dry_run,
            )
        except UnauthenticatedError:
            raise
        except AppError as error:
            # Those that had failed before have their own reasons.
            results = [Imported(item, "failed", error=item.error or error) for item in items]
        self._claimed.add(results)
        self._counts.update(each.status for each in results)
        return await patiently(lambda: [self._told(each) for each in results])

    async def all_of(self, items: Iterator[Item]) -> dict[str, Any]:
        """Import all items, until too many fail, and return the report."""
        entries: list[dict[str, Any]] = []
        chunks = chunks_of(items)
        while (chunk := await patiently(next, chunks, None)) is not None:
            if self._counts["failed"] > MAX_FAILED_ITEMS:
                # Each of them takes a problem in the report, which is one answer.
                chunk = [Item(chunk[0].index, None, None, InvalidError(_TOO_MANY_FAILED))]
                entries += await self.import_chunk(chunk)
                break
            entries += await self.import_chunk(chunk)
        return self.totals() | {"items": entries}

    def totals(self) -> dict[str, Any]:
        """Return the number of items by result."""
        names = ("created", "updated", "skipped", "failed")
        return {"dry_run": self._options.dry_run} | {name: self._counts[name] for name in names}

    def ended(self, error: AppError) -> dict[str, Any]:
        """Return the last line of a stream that was ended early: the totals and the reason."""
        return self.totals() | {"problem": problem_of(error, self._path)}

    def _told(self, result: Imported) -> dict[str, Any]:
        item, error = result.item, result.error
        entry: dict[str, Any] = {
            "index": item.index,
            "name": item.name,
            "status": result.status,
            "id": result.id,
            "problem": problem_of(error, self._path) if error else None,
        }
        if self._options.dry_run and item.document is not None:
            entry["recipe"] = item.document.model_dump()
        return entry
