"""Rate limits: counters in one table, which all workers share.

The strategy is that of the library `limits`: a fixed window that begins with the first of its
hits. What it counts is a keyed digest, so the table tells nobody's address.
"""

import hashlib
import logging
import math
import time
from datetime import timedelta
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.orm import Session

from app.core.bounds import LOG_INS_A_MINUTE
from app.core.errors import TooManyRequestsError
from app.db.reader import Reader, Statement
from app.db.session import Writer, insert_into
from app.db.types import utc_now
from app.models.rate_limit import RateLimit

logger = logging.getLogger("app.limits")


class Limit(NamedTuple):
    """So often a minute for one subject, which begins with the network that it comes from."""

    name: str
    item: RateLimitItem
    detail: str


_LATER = "Wait as long as Retry-After says."
FAILED_LOGINS = Limit(
    "failed-logins",
    RateLimitItemPerMinute(10, namespace="login"),
    f"Too many wrong passwords for this account from your address. {_LATER}",
)
FAILED_LOGINS_OF_ADDRESS = Limit(
    "failed-logins-of-address",
    RateLimitItemPerMinute(100, namespace="logins"),
    f"Too many wrong passwords from your address. {_LATER}",
)
LOG_INS = Limit(
    "log-ins",
    RateLimitItemPerMinute(LOG_INS_A_MINUTE, namespace="right-logins"),
    f"Too many log-ins to this account from your address. {_LATER}",
)
SIGN_UPS = Limit(
    "sign-ups",
    RateLimitItemPerMinute(60, namespace="signup"),
    f"Too many accounts from your address. {_LATER}",
)
PAGES = Limit(
    "pages",
    RateLimitItemPerMinute(60, namespace="pages"),
    f"Too many pages were fetched for you. {_LATER}",
)

_AT_ONCE = 100

_LIVE = Statement(
    select(RateLimit.count, RateLimit.expires_at).where(
        RateLimit.key == bindparam("key"), RateLimit.expires_at > bindparam("now")
    )
)


class RateLimiter:
    """Says whether something may be done once more."""

    def __init__(self, db: Reader, write: Writer, secret: str) -> None:
        self._limiter = FixedWindowRateLimiter(TableStorage(db, write))
        self._secret = hashlib.blake2b(secret.encode()).digest()

    async def check(self, limit: Limit, *subject: str) -> None:
        """Raise TooManyRequestsError where `subject` has used up `limit`."""
        if not await self._limiter.test(limit.item, self._digest(subject)):
            await self._refuse(limit, subject)

    async def hit(self, limit: Limit, *subject: str) -> None:
        """Count once more for `subject`. Raises TooManyRequestsError where that is too often."""
        digest = self._digest(subject)
        if not await self._limiter.hit(limit.item, digest):
            await self._refuse(limit, subject)
        if not await self._limiter.test(limit.item, digest):
            logger.warning("The limit %s is used up by %s.", limit.name, subject[0])

    async def _refuse(self, limit: Limit, subject: tuple[str, ...]) -> None:
        window = await self._limiter.get_window_stats(limit.item, self._digest(subject))
        wait = max(1, math.ceil(window.reset_time - time.time()))
        amount, seconds = limit.item.amount, limit.item.get_expiry()
        raise TooManyRequestsError(limit.detail, limit.name, amount, seconds, wait)

    def _digest(self, subject: tuple[str, ...]) -> str:
        # NUL is in no address, so no two subjects are joined to the same text.
        text = "\0".join(subject).encode("utf-8", "replace")
        return hashlib.blake2b(text, key=self._secret, digest_size=16).hexdigest()


class TableStorage(Storage):
    """The counters of `limits` in the table `rate_limit`: read on the loop, counted by a writer."""

    STORAGE_SCHEME = None

    def __init__(self, db: Reader, write: Writer) -> None:
        super().__init__()
        self._db = db
        self._write = write

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None: what goes wrong with the database is an error of the domain already."""
        return ()

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` in the window of `expiry` seconds, and give the sum."""
        return await self._write(_count, key, timedelta(seconds=expiry), amount)

    async def get(self, key: str) -> int:
        """The sum of the window that runs, else 0."""
        row = await self._db.first(_LIVE, {"key": key, "now": utc_now()})
        return row["count"] if row else 0

    async def get_expiry(self, key: str) -> float:
        """When the window ends that runs, in seconds since 1970; else now."""
        row = await self._db.first(_LIVE, {"key": key, "now": utc_now()})
        return row["expires_at"].timestamp() if row else time.time()

    async def check(self) -> bool:
        """Whether the database answers."""
        await self.get("")
        return True

    async def reset(self) -> int:
        """Forget all counters, and tell how many there were."""
        return await self._write(_forget)

    async def clear(self, key: str) -> None:
        """Forget one counter."""
        await self._write(_forget, key)


def _count(session: Session, key: str, window: timedelta, amount: int) -> int:
    """Count in one statement, so that of those who count at once each gets another sum."""
    now = utc_now()
    upsert = insert_into(RateLimit, session).values(key=key, count=amount, expires_at=now + window)
    over, new = RateLimit.expires_at <= now, upsert.excluded
    count = session.scalar(
        upsert.on_conflict_do_update(
            index_elements=[RateLimit.key],
            set_={
                "count": case((over, new.count), else_=RateLimit.count + new.count),
                "expires_at": case((over, new.expires_at), else_=RateLimit.expires_at),
            },
        ).returning(RateLimit.count)
    )
    ended = select(RateLimit.id).where(RateLimit.expires_at <= now).limit(_AT_ONCE)
    # Rows that another is counting or clearing are left to them.
    ended = ended.with_for_update(skip_locked=True)
    session.execute(delete(RateLimit).where(RateLimit.id.in_(ended)))
    assert isinstance(count, int)
    return count


def _forget(session: Session, key: str | None = None) -> int:
    """Delete the counter `key`, or all of them."""
    rows = delete(RateLimit)
    if key is not None:
        rows = rows.where(RateLimit.key == key)
    return len(session.scalars(rows.returning(RateLimit.id)).all())
