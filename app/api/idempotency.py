"""The header Idempotency-Key: a repeated request has its effect once."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, params
from starlette.requests import Request
from starlette.responses import Response

from app.api.deps import transactions_for
from app.core.policy import Viewer
from app.crud import idempotency
from app.db.transactions import Session, Transactions

P = ParamSpec("P")
T = TypeVar("T")
Results = list[dict[str, Any]]


class IdempotentTransactions:
    """Like `Transactions`, but with a key, a repeated request returns the first result."""

    def __init__(
        self, transactions: Transactions, key: idempotency.Key | None, response: Response
    ) -> None:
        self._transactions = transactions
        self._key = key
        self._response = response

    async def run(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what `work(session, …)` returns, or did for the first request with this key."""
        if self._key is None:
            return await self._transactions.run(work, *args, **kwargs)
        result, replayed = await self._transactions.run(
            idempotency.once, self._key, work, *args, **kwargs
        )
        self._mark(replayed=replayed)
        return result

    async def run_in_steps(
        self, step: Callable[[Session, int], Results], results: Results, total: int
    ) -> None:
        """Call `step(session, len(results))` for more results until there are `total`.

        Each is a transaction; an error leaves the results of those before it. With a key, a request
        that comes again goes on after the last step that was committed.
        """
        replayed = self._key is not None
        while len(results) < total:
            began = time.monotonic()
            if self._key is None:
                results += await self._transactions.run(step, len(results))
            else:
                results[:], advanced = await self._transactions.run(
                    idempotency.advance, self._key, step, total
                )
                replayed = replayed and not advanced
            if len(results) < total:
                # SQLite's other processes ask for the lock now and then: give them time to.
                await asyncio.sleep((time.monotonic() - began) / 2)
        self._mark(replayed=replayed)

    def _mark(self, *, replayed: bool) -> None:
        if replayed:
            self._response.headers["Idempotency-Replayed"] = "true"


async def idempotent_transactions(
    request: Request,
    response: Response,
    header: Annotated[
        str | None,
        params.Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="Any text of your choice: sent again within 24 hours, the same request is"
            " answered as at first and does nothing more.",
        ),
    ] = None,
) -> IdempotentTransactions:
    """Return the transactions of a request that may have a key."""
    viewer: Viewer = request.scope["viewer"]
    transactions = transactions_for(request, viewer)
    if header is None:
        return IdempotentTransactions(transactions, None, response)
    digest = hashlib.sha256()
    url = request.url
    for part in (request.method.encode(), f"{url.path}?{url.query}".encode()):
        digest.update(part + b"\0")
    digest.update(await request.body())
    key = idempotency.Key(viewer.id, header, digest.hexdigest())
    return IdempotentTransactions(transactions, key, response)


DbIdempotentTransactions = Annotated[IdempotentTransactions, Depends(idempotent_transactions)]
