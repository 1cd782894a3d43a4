"""What waits for a request waits no longer than is left of it."""

import asyncio
import contextlib
import math
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, Integer, func, literal_column, select, text
from sqlalchemy.orm import Session

from app.core import deadline
from app.core.config import Settings
from app.core.errors import UnavailableError
from app.db.reader import CompiledQuery
from app.db.transactions import Transactions, make_transactions
from tests.databases import connected, execute
from tests.db.column_types import TABLE
from tests.reader import OpenReader

_NUMBERS = select(literal_column("0", Integer).label("number")).cte(recursive=True)
_ENDLESS = _NUMBERS.union_all(select((_NUMBERS.c.number + 1) % 1000))
COUNT = select(func.count().label("count")).select_from(_ENDLESS)


@pytest.fixture
def transactions(settings: Settings, engine: Engine) -> Iterator[Transactions]:
    made = make_transactions(settings)
    yield made
    made.close()


async def within(seconds: float, work: Any) -> float:
    """Let `work` be refused for the deadline, and give how long that took."""
    deadline.start(seconds)
    began = time.monotonic()
    try:
        with pytest.raises(UnavailableError):
            await work
    finally:
        deadline.start(math.inf)
    return time.monotonic() - began


@pytest.mark.parametrize("heavy", [False, True], ids=["light", "heavy"])
def test_a_read_without_end_ends_with_the_request(read: OpenReader, heavy: bool) -> None:
    took = read.run(within(0.5, read.reader.all(CompiledQuery(COUNT, heavy=heavy))))
    assert 0.4 < took < 3
    # What it was run on serves the next one.
    one = CompiledQuery(select(literal_column("1").label("one")), heavy=heavy)
    assert read.run(read.reader.all(one)) == [{"one": 1}]


def test_a_write_without_end_ends_with_the_request(
    read: OpenReader, transactions: Transactions
) -> None:
    took = read.run(within(0.5, transactions.run(lambda session: session.execute(COUNT).all())))
    assert 0.4 < took < 3
    assert read.run(transactions.run(lambda session: session.scalar(select(1)))) == 1


def test_what_ends_after_its_deadline_is_not_committed(
    read: OpenReader, transactions: Transactions, database_url: str
) -> None:
    def work(session: Session) -> None:
        session.execute(TABLE.insert().values(id=1))
        time.sleep(0.4)

    read.run(within(0.2, transactions.run(work)))
    assert execute(database_url, "SELECT * FROM thing") == []


def test_nobody_waits_for_a_thread_that_hangs(read: OpenReader, transactions: Transactions) -> None:
    async def ask() -> float:
        return await within(0.2, transactions.run(lambda _: time.sleep(2)))

    assert read.run(ask()) < 1.5


def test_who_holds_the_database_keeps_nobody_longer(
    read: OpenReader, transactions: Transactions, database_url: str
) -> None:
    with connected(database_url) as other:
        on_sqlite = other.dialect.name == "sqlite"
        other.execute(text("DELETE FROM thing" if on_sqlite else "LOCK TABLE thing"))
        insert = TABLE.insert().values(id=1)
        took = read.run(within(0.6, transactions.run(lambda session: session.execute(insert))))
        assert took < 2
        other.rollback()
    read.run(transactions.run(lambda session: session.execute(insert)))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_more_heavy_reads_than_threads_wait_a_bounded_time(
    read: OpenReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "POOL_SECONDS", 0.2)
    statement = CompiledQuery(COUNT, heavy=True)

    async def several() -> list[float]:
        return await asyncio.gather(*[within(1.5, read.reader.all(statement)) for _ in range(6)])

    took = sorted(read.run(several()))
    # Four found no thread, and two had one until their end.
    assert took[3] < 1
    assert took[4] > 1.2


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_read_that_is_given_up_gives_its_connection_up(
    read: OpenReader, database_url: str
) -> None:
    async def cancelled() -> None:
        for _ in range(10):
            task = asyncio.create_task(read.reader.all(CompiledQuery(COUNT)))
            await asyncio.sleep(0.05)
            task.cancel()
            began = time.monotonic()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            # Not after asking the server to stop, over another connection.
            assert time.monotonic() - began < 1

    read.run(cancelled())
    assert read.run(read.reader.all(CompiledQuery(select(literal_column("1").label("one")))))
    assert read.reader._pool._count <= 4  # type: ignore[attr-defined] # What leaks is counted.
