"""Transactions: one request, one transaction.

A route hands its work to `Transactions`, which runs it in a thread between BEGIN and COMMIT and
returns after the commit:

    recipe = await transactions.run(crud.recipe.submit, data, viewer)

So a refused commit is an error of the request, never a success that did not happen. No request
holds a transaction while it waits for a thread, which would deadlock the threads and the
connections (docs/decisions/0003).
"""

import copy
import random
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker

from app.core import deadline
from app.core.config import Settings
from app.core.errors import UnavailableError
from app.core.threads import BoundedExecutor, FairSemaphore, compute
from app.db.engine import make_serving_engine
from app.db.errors import BUSY, UNANSWERED, DeadlockError, translated
from app.db.postgres import share_of

P = ParamSpec("P")
T = TypeVar("T")

_AFTER_COMMIT = "after_commit"
_COMPUTED = "computed"
MAX_DEADLOCKS = 2
"""How often a transaction that was rolled back by a deadlock is repeated."""
MAX_COMPUTING = 4
"""Transactions that `compute_first` at the same time."""
COMPUTE_WAIT_SECONDS = 60
"""How long others wait for one of these, if their request has no earlier deadline."""
MAX_RERUNS = 100
"""How often a transaction is rolled back to compute something first."""


class ComputeFirst(Exception):  # noqa: N818 - Not an error: `Transactions` runs the work again.
    """Rolls back a transaction that needs a slow computation, which then runs without locks."""

    def __init__(self, works: Mapping[Hashable, Callable[[], Any]]) -> None:
        super().__init__("computed before the transaction")
        self._works = works

    def run(self) -> dict[Hashable, Any]:
        """Return the results by the keys of the works."""
        return {key: work() for key, work in self._works.items()}


def compute_first(session: Session, works: Mapping[Hashable, Callable[[], Any]]) -> None:
    """Compute each of `works` while no transaction is open; `computed` returns the results.

    A transaction holds locks that others wait for. So that of a request is rolled back, the works
    run in a thread, and the transaction runs again. Call this before changing anything. Scripts
    compute inside their transaction.
    """
    if (results := session.info.get(_COMPUTED)) is not None:
        missing = {key: work for key, work in works.items() if key not in results}
        if missing:
            raise ComputeFirst(missing)


def computed(session: Session) -> Mapping[Hashable, Any]:
    """Return the results of `compute_first` by their keys."""
    return session.info.get(_COMPUTED) or {}


def after_commit(session: Session, work: Callable[[], object]) -> None:
    """Call `work` once the transaction of `session` has committed."""
    session.info.setdefault(_AFTER_COMMIT, []).append(work)


class Transactions:
    """Runs work in transactions: `await transactions.run(work, …)`, in a script `run_now`."""

    def __init__(self, engine: Engine, width: int) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._threads = BoundedExecutor(width, "writer", busy=BUSY, unanswered=UNANSWERED)
        self._computing = FairSemaphore(MAX_COMPUTING, busy=BUSY)
        self._check: Callable[[Session], object] | None = None
        self._account: int | None = None

    def on_behalf_of(self, account: int, check: Callable[[Session], object]) -> "Transactions":
        """Return the same for one account: each transaction begins with `check(session)`."""
        bound = copy.copy(self)
        bound._account, bound._check = account, check
        return bound

    async def run(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what `work(session, …)` returns, committed.

        Raises UnavailableError if no thread is free within POOL_SECONDS.
        """

        def call(session: Session) -> T:
            return work(session, *args, **kwargs)

        results: dict[Hashable, Any] = {}
        for _ in range(MAX_RERUNS):
            try:
                return await self._threads.run(partial(self._run, call, results), self._account)
            except ComputeFirst as first:
                await self._computing.acquire(self._account, COMPUTE_WAIT_SECONDS)
                try:
                    results |= await compute(first.run)
                finally:
                    self._computing.release(self._account)
        return await self._threads.run(partial(self._run, call), self._account)

    def run_now(
        self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, in this thread."""
        return self._run(lambda session: work(session, *args, **kwargs))

    def _run(
        self, work: Callable[[Session], T], results: Mapping[Hashable, Any] | None = None
    ) -> T:
        """Run one transaction, again if it was rolled back by a deadlock."""
        for _ in range(MAX_DEADLOCKS):
            with suppress(DeadlockError):
                return self._run_once(work, results)
            # The other transaction needs a moment to take its locks, or both meet again.
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - Not a secret.
        return self._run_once(work, results)

    def _run_once(self, work: Callable[[Session], T], results: Mapping[Hashable, Any] | None) -> T:
        try:
            with self._sessions.begin() as session:
                session.info[_COMPUTED] = results
                if self._check is not None:
                    self._check(session)
                result = work(session)
                if deadline.is_over():
                    # Until the commit it is certain that nothing was done.
                    raise UnavailableError(BUSY)
        except Exception as error:
            known = translated(error)
            if known is None:
                raise
            raise known from error
        for each in session.info.get(_AFTER_COMMIT, ()):
            each()
        return result

    def close(self) -> None:
        """Finish the running transactions and close the connections."""
        self._threads.close()
        self.engine.dispose()


def make_transactions(settings: Settings) -> Transactions:
    """Return the transactions of the database of `settings`."""
    engine = make_serving_engine(settings)
    return Transactions(engine, 1 if settings.is_sqlite else share_of(settings).writers)
