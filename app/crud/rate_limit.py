"""Rate limits: counters in one table, which all workers share.

A window of a minute begins with its first hit. The key of a counter is a keyed digest, so the
table reveals no address.
"""

import hashlib
import logging
import math
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from app.core.bounds import LOG_INS_A_MINUTE
from app.core.errors import TooManyRequestsError
from app.crud.expiry import delete_expired
from app.db.engine import insert_into
from app.db.reader import CompiledQuery, Reader
from app.db.transactions import Transactions
from app.db.types import utc_now
from app.models.request import RateLimit

logger = logging.getLogger("app.limits")


class Limit(NamedTuple):
    """The number of hits that one subject, such as an address, has in a minute."""

    name: str
    amount: int
    detail: str


_LATER = "Wait as long as Retry-After says."
FAILED_LOGINS = Limit(
    "failed-logins",
    10,
    f"Too many wrong passwords for this account from your address. {_LATER}",
)
FAILED_LOGINS_OF_ADDRESS = Limit(
    "failed-logins-of-address", 100, f"Too many wrong passwords from your address. {_LATER}"
)
LOG_INS = Limit(
    "log-ins", LOG_INS_A_MINUTE, f"Too many log-ins to this account from your address. {_LATER}"
)
SIGN_UPS = Limit("sign-ups", 60, f"Too many accounts from your address. {_LATER}")
PAGES = Limit("pages", 60, f"Too many pages were fetched for you. {_LATER}")

_WINDOW = timedelta(minutes=1)

_LIVE = CompiledQuery(
    select(RateLimit.count, RateLimit.expires_at).where(
        RateLimit.key == bindparam("key"), RateLimit.expires_at > bindparam("now")
    )
)


class RateLimiter:
    """Counts hits, and refuses those beyond a limit."""

    def __init__(self, db: Reader, transactions: Transactions, secret: str) -> None:
        self._db = db
        self._transactions = transactions
        self._secret = hashlib.blake2b(secret.encode()).digest()

    async def check(self, limit: Limit, *subject: str) -> None:
        """Raise TooManyRequestsError if `subject` has used up `limit`."""
        counter = await self._db.first(_LIVE, {"key": self._key(limit, subject), "now": utc_now()})
        if counter and counter["count"] >= limit.amount:
            raise _refusal(limit, counter["expires_at"])

    async def hit(self, limit: Limit, *subject: str) -> None:
        """Count a hit of `subject`. Raise TooManyRequestsError if it is beyond `limit`.

        `subject` begins with the address that the log names.
        """
        count, expires_at = await self._transactions.run(count_hit, self._key(limit, subject))
        if count > limit.amount:
            raise _refusal(limit, expires_at)
        if count == limit.amount:
            logger.warning("The limit %s is used up by %s.", limit.name, subject[0])

    def _key(self, limit: Limit, subject: tuple[str, ...]) -> str:
        # No address contains NUL, so different subjects never join to the same text.
        text = "\0".join(subject).encode("utf-8", "replace")
        digest = hashlib.blake2b(text, key=self._secret, digest_size=16).hexdigest()
        return f"{limit.name}/{digest}"


def _refusal(limit: Limit, expires_at: datetime) -> TooManyRequestsError:
    wait = max(1, math.ceil((expires_at - utc_now()).total_seconds()))
    window = int(_WINDOW.total_seconds())
    return TooManyRequestsError(limit.detail, limit.name, limit.amount, window, wait)


def count_hit(session: Session, key: str) -> tuple[int, datetime]:
    """Count a hit, and return the hits of the window and its end. Delete counters that ended.

    It is one statement, so concurrent hits get different sums.
    """
    now = utc_now()
    upsert = insert_into(RateLimit, session).values(key=key, count=1, expires_at=now + _WINDOW)
    new, ended = upsert.excluded, RateLimit.expires_at <= now
    count, expires_at = session.execute(
        upsert.on_conflict_do_update(
            index_elements=[RateLimit.key],
            set_={
                "count": case((ended, new.count), else_=RateLimit.count + new.count),
                "expires_at": case((ended, new.expires_at), else_=RateLimit.expires_at),
            },
        ).returning(RateLimit.count, RateLimit.expires_at)
    ).one()
    delete_expired(session, RateLimit)
    return count, expires_at
