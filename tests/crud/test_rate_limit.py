"""Rate limits: windows of a minute, exact under concurrency, swept once they have ended."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy

from app.core.config import Settings
from app.core.errors import TooManyRequestsError
from app.crud import rate_limit
from app.crud.rate_limit import Limit, RateLimiter
from app.db.transactions import Transactions, make_transactions
from app.db.types import utc_now
from app.models.request import RateLimit
from tests.databases import execute, rows
from tests.reader import OpenReader, open_reader

THREE = Limit("three", 3, "Too many.")
TWENTY = Limit("twenty", 20, "Too many.")
SECRET = "of the tests"


@pytest.fixture
def db(settings: Settings) -> Iterator[OpenReader]:
    with open_reader(settings) as opened:
        yield opened


@pytest.fixture
def transactions(settings: Settings) -> Iterator[Transactions]:
    made = make_transactions(settings)
    yield made
    made.close()


@pytest.fixture
def limiter(db: OpenReader, transactions: Transactions) -> RateLimiter:
    return RateLimiter(db.reader, transactions, SECRET)


def let_windows_end(database_url: str) -> None:
    past = utc_now() - timedelta(seconds=1)
    execute(database_url, sqlalchemy.update(RateLimit).values(expires_at=past))


def counter(database_url: str) -> tuple[int, datetime]:
    (row,) = execute(database_url, sqlalchemy.select(RateLimit.count, RateLimit.expires_at))
    return row.count, row.expires_at


async def is_hit(limiter: RateLimiter, limit: Limit, *subject: str) -> bool:
    try:
        await limiter.hit(limit, *subject)
    except TooManyRequestsError:
        return False
    return True


def test_hits_count_for_one_limit_and_one_subject(db: OpenReader, limiter: RateLimiter) -> None:
    async def hits() -> None:
        assert [await is_hit(limiter, THREE, "a", "x") for _ in range(4)] == [True] * 3 + [False]
        for subject in (("A", "x"), ("a",), ("ax",), ("a", "x", "")):
            assert await is_hit(limiter, THREE, *subject)
        assert await is_hit(limiter, TWENTY, "a", "x")
        assert await is_hit(limiter, THREE._replace(name="another"), "a", "x")

    db.run(hits())


def test_check_counts_nothing_and_refuses_only_what_is_used_up(
    db: OpenReader, limiter: RateLimiter, database_url: str
) -> None:
    async def hit_and_check() -> None:
        await limiter.check(THREE, "a")
        for _ in range(2):
            await limiter.hit(THREE, "a")
        for _ in range(5):
            await limiter.check(THREE, "a")
        await limiter.hit(THREE, "a")
        with pytest.raises(TooManyRequestsError):
            await limiter.check(THREE, "a")

    db.run(hit_and_check())
    assert counter(database_url)[0] == 3


def test_the_window_begins_with_the_first_hit(
    db: OpenReader, limiter: RateLimiter, database_url: str
) -> None:
    before = utc_now()
    db.run(limiter.hit(THREE, "a"))
    after = utc_now()
    _, expires_at = counter(database_url)
    assert before <= expires_at - timedelta(minutes=1) <= after
    db.run(limiter.hit(THREE, "a"))
    assert counter(database_url) == (2, expires_at)


@pytest.mark.parametrize("method", ["hit", "check"])
def test_a_refusal_says_how_long_the_window_lasts(
    db: OpenReader, limiter: RateLimiter, database_url: str, method: str
) -> None:
    async def refuse() -> TooManyRequestsError:
        with pytest.raises(TooManyRequestsError) as refused:
            await getattr(limiter, method)(THREE, "a")
        return refused.value

    for _ in range(3):
        db.run(limiter.hit(THREE, "a"))
    error = db.run(refuse())
    assert (error.name, error.limit, error.window, str(error)) == ("three", 3, 60, "Too many.")
    _, expires_at = counter(database_url)
    assert 0 <= error.retry_after - (expires_at - utc_now()).total_seconds() < 60
    execute(
        database_url,
        sqlalchemy.update(RateLimit).values(expires_at=utc_now() + timedelta(seconds=1000.5)),
    )
    assert 940 < db.run(refuse()).retry_after <= 1001


def test_retry_after_is_at_least_a_second(
    db: OpenReader, limiter: RateLimiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        db.run(limiter.hit(THREE, "a"))
    # The window ends after the counter was read.
    times = iter([utc_now(), utc_now() + timedelta(minutes=2)])
    monkeypatch.setattr(rate_limit, "utc_now", lambda: next(times))
    with pytest.raises(TooManyRequestsError) as refused:
        db.run(limiter.check(THREE, "a"))
    assert refused.value.retry_after == 1


def test_a_counter_begins_again_after_its_window(
    db: OpenReader, limiter: RateLimiter, database_url: str
) -> None:
    for _ in range(3):
        db.run(limiter.hit(THREE, "a"))
    let_windows_end(database_url)
    db.run(limiter.check(THREE, "a"))
    before = utc_now()
    db.run(limiter.hit(THREE, "a"))
    count, expires_at = counter(database_url)
    assert count == 1
    assert expires_at >= before + timedelta(minutes=1)


def test_concurrent_hits_of_several_processes_are_exact(
    db: OpenReader,
    limiter: RateLimiter,
    settings: Settings,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other_writer = make_transactions(settings)
    other = RateLimiter(db.reader, other_writer, SECRET)

    async def hit_at_once() -> Counter[bool]:
        hits = [is_hit(each, TWENTY, "a") for each in (limiter, other) for _ in range(15)]
        return Counter(await asyncio.gather(*hits))

    for _ in range(2):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "app.limits"):
            assert db.run(hit_at_once()) == {True: 20, False: 10}
        said = [each.getMessage() for each in caplog.records if each.name == "app.limits"]
        assert said == ["The limit twenty is used up by a."]
        let_windows_end(database_url)
    other_writer.close()


def test_a_hit_sweeps_the_counters_that_have_ended(
    db: OpenReader, limiter: RateLimiter, database_url: str
) -> None:
    for subject in ("a", "b", "c"):
        db.run(limiter.hit(THREE, subject))
    let_windows_end(database_url)
    db.run(limiter.hit(THREE, "d"))
    (left,) = rows(database_url, "rate_limit")
    assert left.count == 1


def test_the_table_reveals_no_subject(
    db: OpenReader, limiter: RateLimiter, transactions: Transactions, database_url: str
) -> None:
    db.run(limiter.hit(THREE, "192.0.2.1", "cook@example.com"))
    stored = str(rows(database_url, "rate_limit"))
    assert "192.0.2" not in stored
    assert "cook" not in stored
    # Without the secret, the digest of an address cannot be found by trying.
    other = RateLimiter(db.reader, transactions, "another secret")
    db.run(other.hit(THREE, "192.0.2.1", "cook@example.com"))
    keys = {row.key for row in rows(database_url, "rate_limit")}
    assert len(keys) == 2
