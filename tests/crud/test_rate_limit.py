"""The counters of `limits` in a table: distinct sums, one window, forgotten when it has ended."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy

from app.core.config import Settings
from app.crud.rate_limit import TableStorage
from app.db.session import Writer, make_writer
from app.db.types import utc_now
from app.models.rate_limit import RateLimit
from tests.databases import execute, rows
from tests.reading import Reading, reading

MINUTE = 60


@pytest.fixture
def db(settings: Settings) -> Iterator[Reading]:
    with reading(settings) as opened:
        yield opened


@pytest.fixture
def writer(settings: Settings) -> Iterator[Writer]:
    made = make_writer(settings)
    yield made
    made.close()


@pytest.fixture
def storage(db: Reading, writer: Writer) -> TableStorage:
    return TableStorage(db.reader, writer)


def windows(database_url: str) -> dict[str, datetime]:
    """When the window of each counter ends."""
    ends = sqlalchemy.select(RateLimit.key, RateLimit.expires_at)
    return {row.key: row.expires_at for row in execute(database_url, ends)}


def let_end(database_url: str, key: str) -> None:
    past = utc_now() - timedelta(seconds=1)
    ended = sqlalchemy.update(RateLimit).where(RateLimit.key == key).values(expires_at=past)
    execute(database_url, ended)


def test_a_counter_counts_by_its_key(db: Reading, storage: TableStorage) -> None:
    async def count() -> None:
        assert await storage.get("a") == 0
        assert await storage.incr("a", MINUTE) == 1
        assert await storage.incr("a", MINUTE, amount=5) == 6
        assert await storage.incr("b", MINUTE) == 1
        assert await storage.get("a") == 6
        assert await storage.get("A") == 0
        assert await storage.check()

    db.run(count())


def test_the_window_begins_with_the_first_hit(
    db: Reading, storage: TableStorage, database_url: str
) -> None:
    async def count() -> float:
        for seconds in (MINUTE, 10 * MINUTE, 1):
            await storage.incr("a", seconds)
        return await storage.get_expiry("a")

    before = utc_now()
    expiry = db.run(count())
    after = utc_now()
    ends = windows(database_url)["a"]
    assert before <= ends - timedelta(seconds=MINUTE) <= after
    assert expiry == ends.timestamp()


def test_a_counter_whose_window_has_ended_begins_again(
    db: Reading, storage: TableStorage, database_url: str
) -> None:
    async def count(times: int) -> int:
        return [await storage.incr("a", MINUTE) for _ in range(times)][-1]

    assert db.run(count(3)) == 3
    let_end(database_url, "a")
    before = time.time()
    assert db.run(storage.get("a")) == 0
    assert before <= db.run(storage.get_expiry("a")) <= time.time()
    assert db.run(count(2)) == 2
    assert db.run(storage.get_expiry("a")) > before + MINUTE


def test_counts_at_once_from_several_processes_get_distinct_sums(
    db: Reading, storage: TableStorage, settings: Settings, database_url: str
) -> None:
    other_writer = make_writer(settings)
    other = TableStorage(db.reader, other_writer)

    async def count_at_once(times: int) -> list[int]:
        hits = [each.incr("a", MINUTE) for each in (storage, other) for _ in range(times)]
        return sorted(await asyncio.gather(*hits))

    assert db.run(count_at_once(30)) == list(range(1, 61))
    let_end(database_url, "a")
    assert db.run(count_at_once(10)) == list(range(1, 21))
    other_writer.close()


def test_whoever_counts_sweeps_what_has_ended(
    db: Reading, storage: TableStorage, database_url: str
) -> None:
    async def count(*keys: str) -> None:
        for key in keys:
            await storage.incr(key, MINUTE)

    db.run(count("a", "b", "c"))
    for key in ("a", "b"):
        let_end(database_url, key)
    db.run(count("d"))
    assert windows(database_url).keys() == {"c", "d"}


def test_counters_are_forgotten_one_by_one_or_all(
    db: Reading, storage: TableStorage, database_url: str
) -> None:
    async def forget() -> None:
        for key in ("a", "b", "c"):
            await storage.incr(key, MINUTE)
        await storage.clear("a")
        await storage.clear("nobody's")
        assert [await storage.get(key) for key in ("a", "b", "c")] == [0, 1, 1]
        assert await storage.reset() == 2
        assert await storage.reset() == 0

    db.run(forget())
    assert rows(database_url, "rate_limit") == []
